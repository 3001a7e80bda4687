import { z } from 'zod';
import { badField, invalid } from './problem.js';

/** A profile id as the operational store knows it: 1 to 128 characters, none of them NUL (Postgres holds no NUL). */
const NO_ID = 'must be a profile id of 1 to 128 characters';
export const userIdSchema = z
  .string(NO_ID)
  .min(1, NO_ID)
  .max(128, NO_ID)
  .refine((id) => !id.includes('\0'), NO_ID)
  .meta({ description: 'Profile id of the operational database', example: 'ada' });

export const userParams = z.object({ id: userIdSchema });

/** How many items a page holds. Queries are text: `1e1`, `0x5` and ` 5` are no numbers here. */
export function limitField(bounds: { default: number; max: number }) {
  const { max } = bounds;
  const error = ({ input }: { input?: unknown }) =>
    `must be one whole number from 1 to ${max}; got ${shown(input)}`;
  return z
    .string()
    .regex(/^\d{1,4}$/, { error, abort: true })
    .transform(Number)
    .pipe(z.number({ error }).int().min(1, { error }).max(max, { error }))
    .default(bounds.default)
    .meta({ description: 'Items wanted' });
}

/**
 * Parses the query of a URL by `schema`. Express' own query parser is off. Unknown fields are ignored, as caches and
 * trackers add their own; a known one may be given once.
 */
export function queryParser<T>(schema: z.ZodType<T>): (url: string) => T {
  const empty = schema.safeParse({});
  return function parseQuery(url) {
    const mark = url.indexOf('?');
    if (mark === -1 && empty.success) return empty.data;
    const given: Record<string, string> = {};
    const repeated = new Set<string>();
    for (const [field, value] of new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))) {
      if (Object.hasOwn(given, field)) repeated.add(field);
      given[field] = value;
    }
    const parsed = schema.safeParse(given);
    if (!parsed.success) throw invalid('query', parsed.error);
    for (const field of repeated) {
      const known: unknown = parsed.data;
      if (typeof known === 'object' && known !== null && field in known)
        throw badField(field, 'must be given once');
    }
    return parsed.data;
  };
}

export function parseParams<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw invalid('path', parsed.error);
}

function shown(input: unknown): string {
  const text = String(input);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
