import { z } from 'zod';
import { parsePlainly, seen, shortened } from './plain-words.js';
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
    `must be one whole number from 1 to ${max}; got ${seen(String(input))}`;
  return z
    .string()
    .regex(/^\d{1,4}$/, { error, abort: true })
    .transform(Number)
    .pipe(z.number({ error }).int().min(1, { error }).max(max, { error }))
    .default(bounds.default)
    .meta({ description: 'Items wanted' });
}

/**
 * Parses the query of a URL by `schema`. Express' own query parser is off. A field that is not known is refused by its name:
 * a misspelt `limit` would go unnoticed otherwise. Each may be given once.
 */
export function queryParser<S extends z.ZodObject>(schema: S): (url: string) => z.output<S> {
  const empty = schema.safeParse({});
  const known = Object.keys(schema.shape);
  return function parseQuery(url) {
    const mark = url.indexOf('?');
    if (mark === -1 && empty.success) return empty.data;
    const given = new Map<string, string>();
    for (const [field, value] of new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))) {
      if (!known.includes(field))
        throw badField(shortened(field), `is not known here; known: ${known.join(', ') || 'none'}`);
      if (given.has(field)) throw badField(field, 'must be given once');
      given.set(field, value);
    }
    const parsed = parsePlainly(schema, Object.fromEntries(given));
    if (!parsed.success) throw invalid('query', parsed.error);
    return parsed.data;
  };
}

export function parseParams<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = parsePlainly(schema, params);
  if (parsed.success) return parsed.data;
  throw invalid('path', parsed.error);
}
