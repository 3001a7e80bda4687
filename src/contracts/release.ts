import { z } from 'zod';
import { reportSchema, servingSchema, verdictSchema } from './report.js';
import { MODEL_KINDS } from './kinds.js';

/** A list with at least one item for its viewer's own sake is `personal`, whatever else is in it; reasons tell the items apart. */
export const servedBySchema = z.enum(['personal', 'formula', 'none']);
export type ServedBy = z.infer<typeof servedBySchema>;

/** Why a film is in a list. `movieIds` cite films of that viewer's own history; empty for lists that are not personal. */
export const reasonSchema = z.object({
  kind: z.enum(['watched', 'liked', 'rated', 'saved', 'shared', 'genre', 'popular', 'new']),
  text: z.string(),
  movieIds: z.array(z.string()),
});
export type Reason = z.infer<typeof reasonSchema>;

/** `releases/<id>/manifest.json`: what a release is, with the hash of every file in it. */
export const releaseManifestSchema = z.object({
  schema: z.literal('release/1'),
  releaseId: z.string(),
  kind: z.enum(['personal', 'formula']),
  night: z.string(),
  asOf: z.string(),
  /** Of everything the lists were made from; releaseId = night + its first 12 hex digits. */
  inputSha256: z.string(),
  /** Of the lists themselves, in key order: equal for equal input, on any number of threads. */
  contentSha256: z.string(),
  provisional: z.boolean(),
  counts: z.object({
    viewers: z.number().int(),
    personal: z.number().int(),
    formula: z.number().int(),
    none: z.number().int(),
    noneReasons: z.record(z.string(), z.number().int()),
    films: z.number().int(),
  }),
  model: z
    .object({
      uri: z.string(),
      sha256: z.string(),
      recipe: z.string(),
      /** Absent in releases of earlier versions, which knew ALS alone. */
      kind: z.enum(MODEL_KINDS).optional(),
      /** Numbers of a film, of ALS. */
      k: z.number().int().optional(),
    })
    .nullable(),
  /** Release of the formula whose lists stand in where nothing personal can be shown. */
  formulaRelease: z.string().nullable(),
  report: reportSchema.nullable(),
  verdict: verdictSchema.nullable(),
  audit: z.object({ pairs: z.number().int(), violations: z.number().int() }),
  /** Absent in releases of earlier versions and of the formula. */
  serving: servingSchema.optional(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number().int() })),
  config: z.unknown(),
  createdAt: z.string(),
});
export type ReleaseManifest = z.infer<typeof releaseManifestSchema>;

/** `behaviour.json` of a personal release: what of all viewers decided about each one's interactions that night. */
export const behaviourSchema = z.object({
  /** Mean of the newest ratings, in millionths. */
  meanRatingMicro: z.number().int(),
  /** Events of a viewer's day above which it may be a bot's; null = nobody did anything. */
  busiestDay: z.number().int().nullable(),
  /** Votes that were held back. */
  brigades: z.array(z.object({ filmId: z.string(), date: z.string() })),
});
export type Behaviour = z.infer<typeof behaviourSchema>;

/** `channels/<channel>/<seq>.json`: the served release. The highest number is current. */
export const channelEntrySchema = z.object({
  seq: z.number().int().positive(),
  releaseId: z.string(),
  previous: z.string().nullable(),
  by: z.string(),
  reason: z.string(),
  /** T of the data, where an older one must never replace a newer one. */
  asOf: z.string().optional(),
  at: z.string(),
});
export type ChannelEntry = z.infer<typeof channelEntrySchema>;

/** One film as the formula release and the API know it. `minAge` by market, "" = no market of its own. */
export const catalogueFilmSchema = z.object({
  filmId: z.string(),
  title: z.string(),
  year: z.number().int().nullable(),
  genres: z.array(z.string()),
  actors: z.array(z.string()),
  directors: z.array(z.string()),
  runtimeMin: z.number().int().nullable(),
  countries: z.array(z.string()),
  languages: z.array(z.string()),
  markets: z.array(z.string()),
  certificates: z.record(z.string(), z.array(z.string())),
  addedAt: z.string().nullable(),
  votes: z.number().int(),
  averageRating: z.number().nullable(),
  weightedRating: z.number(),
  /** Average (1..10) and votes elsewhere, from a catalogue source; facts of their own, never votes of ours. */
  external: z.object({ average: z.number(), votes: z.number().int() }).optional(),
});
export type CatalogueFilm = z.infer<typeof catalogueFilmSchema>;

/** Films that viewers of one cell came to like lately, most viewers first: of an age band of a market, or wider. */
export const popularCellSchema = z.object({
  /** Upper case; '' = everybody's. */
  market: z.string(),
  /** How many of `ageBands` are reached; -1 = every age. */
  band: z.number().int().min(-1),
  films: z.array(z.string()),
});

/** `formula.json` of a formula release: the whole catalogue and its lists. */
export const formulaListsSchema = z.object({
  /**
   * Minimum age of every film, in the order of `films`, by market ("" = any without a scheme of its own): worked out in SQL
   * when the lists were published. Serving asks it besides its own age rule. Absent in releases of earlier versions.
   */
  minAges: z.record(z.string(), z.array(z.number().int())).optional(),
  /** m: the prior weight in votes. c: the mean vote (science B). */
  m: z.number(),
  c: z.number(),
  votes: z.number().int(),
  films: z.array(catalogueFilmSchema),
  /** Film ids by weighted rating desc, votes desc, id asc, over the whole catalogue; `eligible` first ones have v ≥ m. */
  top: z.array(z.string()),
  eligible: z.number().int(),
  provisional: z.boolean(),
  newArrivals: z.array(z.string()),
  /** For viewers of whom nothing is known. Absent in releases of earlier versions: they get `top`. */
  popular: z.object({ ageBands: z.array(z.number().int()), cells: z.array(popularCellSchema) }).optional(),
  /** Films in New Arrivals' window that are held back, and what they miss. */
  heldArrivals: z.array(z.object({ filmId: z.string(), missing: z.array(z.string()) })),
});
export type FormulaLists = z.infer<typeof formulaListsSchema>;
