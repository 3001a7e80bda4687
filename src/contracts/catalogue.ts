import { z } from 'zod';
import { type Certificates, certificatesSchema } from './films.js';

/** What a catalogue feed may say about a film, by our names for it. */
export const CATALOGUE_COLUMNS = [
  'film_id',
  'title',
  'release_year',
  'genres',
  'actors',
  'directors',
  'runtime_min',
  'certificates',
  'countries',
  'languages',
  'added_at',
  'average_rating',
  'votes',
] as const;

/** A list of names: a JSON list, or names parted by |; empty names are dropped. */
const names = z
  .union([z.array(z.string()), z.string().transform((written) => written.split('|'))])
  .nullish()
  .transform((list) => (list ?? []).map((name) => name.trim()).filter((name) => name !== ''));

/** A number, or a number written as text; empty text is none. */
const numeric = z
  .union([z.number(), z.string().regex(/^\s*(-?\d+(\.\d+)?)?\s*$/)])
  .nullish()
  .transform((n) => (typeof n === 'string' ? (n.trim() === '' ? null : Number(n)) : (n ?? null)));

const whole = (least: number, most: number) => numeric.pipe(z.number().int().min(least).max(most).nullable());

/** {"MPA": ["PG"]}, {"MPA": "PG"}, "MPA:PG|BBFC:12A", or a bare "PG", which is an MPA one. */
const certificates = z
  .union([
    z.record(z.string(), z.union([z.array(z.string()), z.string().transform((label) => [label])])),
    z.string().transform(certificatesOf),
  ])
  .nullish()
  .transform((given) => given ?? {})
  .pipe(certificatesSchema);

/** One row of a feed, before its average is brought to 1..10. */
export const catalogueRowSchema = z.object({
  film_id: z
    .union([z.string(), z.number().int()])
    .transform((id) => String(id).trim())
    .pipe(z.string().min(1).max(128)),
  title: z
    .string()
    .nullish()
    .transform((title) => title?.trim() || null),
  release_year: whole(1870, 2200),
  genres: names,
  actors: names,
  directors: names,
  runtime_min: whole(1, 2000),
  certificates,
  countries: names,
  languages: names,
  added_at: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()])
    .nullish()
    .transform((at) => at ?? null),
  average_rating: numeric,
  votes: whole(0, 2_000_000_000),
});
export type CatalogueRow = z.infer<typeof catalogueRowSchema>;

function certificatesOf(written: string): Certificates {
  const found: Certificates = {};
  for (const entry of written.split('|')) {
    const colon = entry.indexOf(':');
    const label = entry.slice(colon + 1).trim();
    const scheme = colon === -1 ? 'MPA' : entry.slice(0, colon).trim().toUpperCase();
    if (label !== '') (found[scheme] ??= []).push(label);
  }
  return found;
}

/** A certificate that was not taken because it would have opened a film to younger viewers. */
export const certificateConflictSchema = z.object({
  filmId: z.string(),
  scheme: z.string(),
  labels: z.array(z.string()),
  /** Minimum age by the refused certificate, and the one that stays. */
  minAge: z.number(),
  keptAge: z.number(),
  /** What it was stricter than: our own certificates, or the feed's earlier ones. */
  than: z.enum(['ours', 'before']),
});
export type CertificateConflict = z.infer<typeof certificateConflictSchema>;

/** Facts of the manifest of `catalogue/<source>/<runId>`: one complete reading of a feed. */
export const catalogueFactsSchema = z.object({
  source: z.string(),
  runId: z.string().nullable(),
  /** Without its query, which may hold a key. */
  address: z.string(),
  licence: z.string(),
  /** When its first page was asked for. */
  fetchedAt: z.string(),
  pages: z.number().int(),
  /** Pages that the feed said had not changed, or that an interrupted attempt had read. */
  unchangedPages: z.number().int(),
  rows: z.number().int(),
  refused: z.number().int(),
  byReason: z.record(z.string(), z.number().int()),
  duplicates: z.number().int(),
  /** Films of earlier readings that the feed names no more; their certificates stay. */
  gone: z.number().int(),
  unknownColumns: z.array(z.string()),
  newColumns: z.array(z.string()),
  conflicts: z.object({ total: z.number().int(), first: z.array(certificateConflictSchema) }),
});
export type CatalogueFacts = z.infer<typeof catalogueFactsSchema>;

/** What one run took from a feed: in the manifest of its films, and said to whoever watches. */
export const catalogueUseSchema = z.object({
  source: z.string(),
  address: z.string(),
  licence: z.string(),
  /** null: it was never read. */
  fetchedAt: z.string().nullable(),
  ageDays: z.number().nullable(),
  isStale: z.boolean(),
  /** Why it was not read again though it was due. */
  problem: z.string().nullable(),
  rows: z.number().int(),
  /** Rows about films of the catalogue, and about others. */
  matched: z.number().int(),
  added: z.number().int(),
  unknown: z.number().int(),
  /** Films that got a fact from it, by column. */
  filled: z.record(z.string(), z.number().int()),
  conflicts: z.object({ total: z.number().int(), first: z.array(certificateConflictSchema) }),
});
export type CatalogueUse = z.infer<typeof catalogueUseSchema>;
