import { z } from 'zod';
import { filmSchema } from '../contracts/index.js';
import type { KnownFilm } from './catalogue.js';
import { DAY_MS } from './rhythm.js';

/**
 * One line of `demo/*.ndjson`: a film's facts, and two things that are not facts about it.
 * - `addedDaysAgo`: when it joined the demo's catalogue, counted back from the day the demo is loaded, so that there always are
 *   new arrivals.
 * - `fame`: our guess at how widely it is known (3 famous, 1 known to few); only the simulated audience uses it.
 */
const demoFilmSchema = z.strictObject({
  ...filmSchema.omit({ addedAt: true }).shape,
  addedDaysAgo: z.number().int().min(0),
  fame: z.union([z.literal(1), z.literal(2), z.literal(3)]),
});

/**
 * Films of an NDJSON text. `until` is the instant from which `addedDaysAgo` counts back.
 * @throws Error naming the file, the line and the field.
 */
export function parseDemoFilms(text: string, file: string, until: Date): KnownFilm[] {
  return text
    .split('\n')
    .map((line, at) => ({ line, place: `${file}:${at + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, place }) => {
      const { addedDaysAgo, fame, ...facts } = parseLine(line, place);
      const addedAt = new Date(until.getTime() - addedDaysAgo * DAY_MS).toISOString();
      return { film: { ...facts, addedAt }, fame };
    });
}

function parseLine(line: string, place: string): z.infer<typeof demoFilmSchema> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`${place} is not JSON`, { cause });
  }
  const parsed = demoFilmSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${place}: ${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'is not a film'}`);
}
