import { z } from 'zod';
import { CATALOGUE_COLUMNS } from './catalogue.js';
import { EVENT_TYPES } from './events.js';

const sourceName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'use lower-case letters, digits and dashes')
  .refine((name) => name !== 'postgres', 'is the operational store; choose another');

const columns = z.record(z.string(), z.string());

/** Files of a user's own, read every night. */
export const fileSourceSchema = z.strictObject({
  name: sourceName,
  format: z.enum(['csv', 'ndjson', 'parquet']),
  /** What the rows are. */
  kind: z.enum(['events', 'films', 'profiles']).default('events'),
  glob: z.string(),
  delimiter: z.string().default(','),
  encoding: z.enum(['utf-8', 'latin-1']).default('utf-8'),
  /** Our column → theirs. A mapped column that is absent is an error; an unmapped one of theirs is kept and reported. */
  columns: columns.default({}),
  /** Event type of rows that have none, e.g. rating. */
  type: z.enum(EVENT_TYPES).optional(),
});
export type FileSource = z.infer<typeof fileSourceSchema>;

const webAddress = z
  .string()
  .refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), {
    message: 'must be an http:// or https:// address',
    abort: true,
  })
  .refine(
    (url) => new URL(url).username === '' && new URL(url).password === '',
    'must not hold a user or password: put the key into an environment variable and name it in keyEnv',
  );

/** A paged JSON feed of facts about films: averages and votes of elsewhere, cast, runtimes, certificates. */
export const catalogueSourceSchema = z
  .strictObject({
    name: sourceName,
    kind: z.literal('catalogue'),
    /** The first page. */
    url: webAddress,
    /** Where a page has its rows, and the address of the next page (else a Link header with rel="next"); dots go deeper. */
    items: z.string().default('films'),
    next: z.string().default('next'),
    /** Our column → theirs; dots go deeper, as in ratings.average. */
    columns: columns.default({}).superRefine((mapping, context) => {
      for (const ours of Object.keys(mapping)) {
        if (CATALOGUE_COLUMNS.some((column) => column === ours)) continue;
        const message = `is none of our columns, which are ${CATALOGUE_COLUMNS.join(', ')}`;
        context.addIssue({ code: 'custom', path: [ours], message });
      }
    }),
    /** Highest value of their average rating: 10, 5 or 100. */
    ratingOutOf: z.number().positive().default(10),
    /** Under what terms the facts may be used; goes into the manifest of every run that uses them. */
    licence: z.string().min(1, 'say under what terms the facts may be used'),
    /** Environment variable that holds the key, sent as `Authorization: Bearer …` or in `keyHeader`. */
    keyEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/, 'is the name of an environment variable, such as FILM_FACTS_KEY')
      .optional(),
    keyHeader: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/)
      .optional(),
    /** Whose fact counts where both have one. Titles are always ours; certificates have a rule of their own. */
    prefer: z.enum(['ours', 'theirs']).default('ours'),
    /** true: films that nobody else has named join the catalogue. */
    addsFilms: z.boolean().default(false),
    /** Films whose certificate somebody has checked: there the feed may name a lower one than it did before. */
    acceptLowered: z.array(z.string()).default([]),
    /** Facts younger than this are not fetched again. */
    refreshHours: z.number().nonnegative().default(20),
    /** After a feed failed, nights and the formula go on with the last facts for so long before it is asked again. */
    retryMinutes: z.number().nonnegative().default(30),
    /** Facts older than this are warned about (science E.1). */
    staleDays: z.number().positive().default(7),
    requestsPerSecond: z.number().positive().max(100).default(2),
    /** Tries of one page, and the longest wait between two; a feed that asks for more has failed. */
    attempts: z.number().int().min(1).max(20).default(5),
    maxWaitSeconds: z.number().nonnegative().default(60),
    timeoutSeconds: z.number().positive().default(30),
    maxMinutes: z.number().positive().max(45).default(10),
    maxPages: z.number().int().min(1).default(10_000),
    maxPageMiB: z.number().positive().max(256).default(16),
    /** More refused rows, or fewer rows than this share of last time's, and the last facts stay. */
    maxRefusedShare: z.number().min(0).max(1).default(0.2),
    minRowsShare: z.number().min(0).max(1).default(0.5),
  })
  .refine(
    ({ url, keyEnv }) =>
      keyEnv === undefined || url.startsWith('https:') || isLoopback(new URL(url).hostname),
    {
      path: ['url'],
      message: 'must be https:// when a key is sent (keyEnv), so that nobody on the way reads it',
    },
  );
export type CatalogueSource = z.infer<typeof catalogueSourceSchema>;

const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** What a source without `kind` is. */
const withKind = (source: unknown) =>
  typeof source === 'object' && source !== null && !('kind' in source)
    ? { ...source, kind: 'events' }
    : source;

export const sourcesSchema = z
  .array(z.preprocess(withKind, z.discriminatedUnion('kind', [fileSourceSchema, catalogueSourceSchema])))
  .default([])
  .superRefine((sources, context) => {
    sources.forEach(({ name, kind }, i) => {
      // Files may share a name: films and events of one folder. A feed's facts and quarantine are kept by its name alone.
      if (kind === 'catalogue' && sources.some((other, j) => j !== i && other.name === name)) {
        const message = `${name} is the name of two sources; a catalogue needs one of its own`;
        context.addIssue({ code: 'custom', path: [i, 'name'], message });
      }
    });
  });

export type Source = FileSource | CatalogueSource;
export const isFileSource = (source: Source): source is FileSource => source.kind !== 'catalogue';
export const isCatalogueSource = (source: Source): source is CatalogueSource => source.kind === 'catalogue';
