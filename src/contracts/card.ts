import { z } from 'zod';
import { analysisSchema } from './analysis.js';
import { lineageSchema } from './lineage.js';
import { releaseManifestSchema } from './release.js';
import { reportSchema, servingSchema, verdictSchema } from './report.js';
import { scopingSchema } from './scoping.js';
import { effortSchema, trainingRecordSchema } from './training.js';

/** Of a viewer's list and the same viewer's list of an earlier release, the share of the first ten films that is the same. */
export const repeatSchema = z.object({
  releaseId: z.string(),
  night: z.string(),
  /** Nights between the two. */
  nights: z.number().int(),
  viewers: z.number().int(),
  overlap: z.number(),
});

/** Films in ten groups by how many viewers liked them, most liked first: what was liked, and what is shown. */
export const popularitySchema = z.object({
  groups: z.array(z.object({ films: z.number().int(), liked: z.number(), shown: z.number() })),
});

/** Nights that ended before this release was made, as far back as is kept. */
export const runSharesSchema = z.object({
  finished: z.number().int(),
  judged: z.number().int(),
  promoted: z.number().int(),
  served: z.number().int(),
});

/** `outcomes/<runId>.json`: what became of a run of a night; null = it did not come so far. */
export const outcomeSchema = z.object({
  runId: z.string(),
  night: z.string(),
  verdict: verdictSchema.shape.kind.nullable(),
  releaseId: z.string().nullable(),
  served: z.boolean(),
});

/** `card.json` of a release (science G.4): everything that a person should know of it before relying on it. */
export const cardSchema = z.object({
  schema: z.literal('card/1'),
  releaseId: z.string(),
  night: z.string(),
  asOf: z.string(),
  createdAt: z.string(),
  provisional: z.boolean(),
  scoping: scopingSchema,
  counts: releaseManifestSchema.shape.counts,
  audit: releaseManifestSchema.shape.audit,
  data: z.object({
    firstDay: z.string(),
    lastDay: z.string(),
    days: z.number().int(),
    events: z.number().int(),
    films: z.number().int(),
    viewers: z.number().int(),
    /** Viewers who allow personal lists. */
    consenting: z.number().int(),
    interactions: z.number().int(),
    warnings: z.array(z.string()),
  }),
  /** `effort`: of the training; absent in cards of earlier versions, like the two below. */
  model: trainingRecordSchema
    .and(z.object({ sha256: z.string(), bytes: z.number().int(), effort: effortSchema.optional() }))
    .nullable(),
  serving: servingSchema.optional(),
  /** Of training and judging: CPU seconds, memory at most; and the price of that CPU where `card.cpuHourPrice` says one. */
  cost: z
    .object({
      cpuSeconds: z.number(),
      peakMiB: z.number(),
      price: z.number().nullable(),
      currency: z.string(),
    })
    .optional(),
  report: reportSchema.nullable(),
  verdict: verdictSchema.nullable(),
  errors: analysisSchema.pick({ topErrors: true, thirds: true, slices: true }).nullable(),
  popularity: popularitySchema.nullable(),
  repeats: z.array(repeatSchema),
  lineage: lineageSchema.omit({ snapshot: true }).extend({ snapshotSha256: z.string() }),
  hardware: z.object({ cpu: z.string(), cores: z.number().int(), memoryMiB: z.number().int() }),
  runs: runSharesSchema,
  /** Kept: served releases, and those never served. */
  retention: z.object({ releases: z.number().int(), unservedReleases: z.number().int() }),
});
export type Card = z.infer<typeof cardSchema>;
