import { z } from 'zod';
import { decisionSchema, gateOutcomeSchema, releaseClassSchema } from './gate.js';
import { MODEL_KINDS } from './kinds.js';

/** Macro means over viewers at one K; definitions in core/metrics (science C.5). */
export const metricsAtKSchema = z.object({
  ndcg: z.number(),
  recall: z.number(),
  precision: z.number(),
  f1: z.number(),
  map: z.number(),
  mrr: z.number(),
  hit: z.number(),
  auc: z.number(),
  coverage: z.number(),
});
export type MetricsAtK = z.infer<typeof metricsAtKSchema>;

/** Of the lists themselves, whatever viewers did; null = nothing to take it from (no genres, no dates, …). */
export const listMetricsSchema = z.object({
  coverage50: z.number(),
  eligibleCoverage50: z.number(),
  tailShare: z.number().nullable(),
  popularity: z.number().nullable(),
  gini: z.number(),
  novelty: z.number().nullable(),
  ild: z.number().nullable(),
  ildFactors: z.number().nullable(),
  miscalibration: z.number().nullable(),
  freshness: z.number().nullable(),
  disliked: z.number(),
  dislikedRaw: z.number(),
});
export type ListMetrics = z.infer<typeof listMetricsSchema>;

/**
 * blend: the served order, which is judged; als, ease: its taste alone, by kind of model; other: the served order of the kind that
 * was not chosen (config `model: auto`); champion: the served order
 * of the recipe that is served, on the same train part.
 */
export const modelScoreSchema = z.object({
  model: z.enum(['blend', 'als', 'ease', 'popularity', 'weighted-rating', 'champion', 'other']),
  /** By K ("5", "10", "50"). */
  at: z.record(z.string(), metricsAtKSchema),
  lists: listMetricsSchema.optional(),
  /** Over plays that no recommendation row caused: NDCG@10 and Recall@50. */
  organic: z.object({ viewers: z.number().int(), ndcg: z.number(), recall: z.number() }).optional(),
});

export const splitKindSchema = z.enum(['last-7-days', 'last-28-days', 'per-viewer-80-20']);
export type SplitKind = z.infer<typeof splitKindSchema>;

/** A paired difference of NDCG@10 over the same viewers, with its seeded bootstrap interval (one-sided 95 % bounds). */
const leadSchema = z.object({
  mean: z.number(),
  lower: z.number(),
  upper: z.number(),
  relative: z.number(),
});
/** Viewers that were compared, and how many it takes to prove a lead of `gate.minLift` at 80 % power; null = no number is enough. */
const sizeSchema = z.object({ viewers: z.number().int(), required: z.number().int().nullable() });

/** The candidate minus a baseline: over all plays, and over organic ones (null: there were none). */
export const pairedDifferenceSchema = leadSchema.extend({
  baseline: z.enum(['popularity', 'weighted-rating']),
  ...sizeSchema.partial().shape,
  organic: leadSchema.extend(sizeSchema.shape).nullable().optional(),
});

/** The candidate minus the champion, viewer by viewer. Organic plays: those that no recommendation row caused. */
export const comparisonSchema = z.object({
  metric: z.enum(['ndcg@10', 'recall@50']),
  plays: z.enum(['all', 'organic']),
  viewers: z.number().int(),
  /** Mean of the champion. */
  base: z.number(),
  mean: z.number(),
  lower: z.number(),
  upper: z.number(),
  /** Viewers that non-inferiority needs at 80 % power; null = no number is enough (the champion's mean is 0). */
  required: z.number().int().nullable(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** What the slices say about harm (science C.9, G3): how many were tested, and those that are worse beyond doubt. */
export const sliceHarmSchema = z.object({
  tested: z.number().int(),
  shown: z.number().int(),
  /** The slice with the lowest relative difference among the tested ones. */
  worst: z.object({ slice: z.string(), viewers: z.number().int(), relative: z.number() }).nullable(),
  /** Holm-adjusted p ≤ α and relative difference at or below the limit. */
  harmed: z.array(z.object({ slice: z.string(), viewers: z.number().int(), relative: z.number() })),
});
export type SliceHarm = z.infer<typeof sliceHarmSchema>;

/** What must hold whatever the quality: read off the candidate itself and its data. */
export const conditionsSchema = z.object({
  /** Viewer-film pairs of the candidate's top-50 lists, and those above the viewer's age. */
  agePairs: z.number().int(),
  ageViolations: z.number().int(),
  /** Viewers with fewer films than candidates would have allowed. */
  shortLists: z.number().int(),
  /** The artefact in bytes; of the champion null when there is none. */
  bytes: z.number().int(),
  championBytes: z.number().int().nullable(),
  /** Hours from the newest interaction that the candidate learnt from to T. */
  lagHours: z.number(),
  /** The candidate was made from this night's interactions. */
  isOfThisNight: z.boolean(),
  /** Share of the test's relevant pairs that were at least `gate.matureHours` old at T. */
  matureShare: z.number(),
  /** Share of the test's relevant pairs that the refit learnt as positive: bookmarked before, or the test part leaked. */
  leakedShare: z.number(),
  /** sha256 of the candidate's factors and of a second fit; null = not fitted again. */
  factors: z.string(),
  refitted: z.string().nullable(),
  /** Numbers of the candidate that are not finite. */
  notFinite: z.number().int(),
  /**
   * The candidate beside the refit that was judged in its place, for the same histories: overlap of top-10 lists, ratio of
   * the median lengths of film factors, and whether a training loss rose. Null = no common films.
   */
  envelope: z.object({ overlap: z.number(), normRatio: z.number(), lossRose: z.boolean() }).nullable(),
  /** Absent in reports of earlier versions. */
  effort: z
    .object({
      /** The less of the two fits; the champion's where its card has it, of the same kind of processor. */
      epochCpuSeconds: z.number(),
      championEpochCpuSeconds: z.number().nullable(),
      /** Threads waited for a core. */
      isBusy: z.boolean(),
      /** Other activities of the process are in it. */
      isShared: z.boolean().optional(),
      /** Resident memory of the process at most, in training and judging; and how much it may have. */
      peakMiB: z.number(),
      memoryMiB: z.number(),
    })
    .optional(),
});
export type Conditions = z.infer<typeof conditionsSchema>;

/** Mean over viewers with its seeded bootstrap interval (one-sided 95 % bounds). */
export const metricIntervalSchema = z.object({
  model: modelScoreSchema.shape.model,
  /** Name and K, e.g. ndcg@10; list metrics by their name alone. */
  metric: z.string(),
  mean: z.number(),
  lower: z.number(),
  upper: z.number(),
});
export type MetricInterval = z.infer<typeof metricIntervalSchema>;

/** ln(NDCG@10 of the model ÷ of popularity) over the same viewers, and its standard error. */
export const liftSchema = z.object({ log: z.number(), error: z.number() });

/** Films without factors of their own, placed by their facts: Recall@k within each pool. `lead`: facts − genre popularity. */
export const coldFilmsSchema = z.array(
  z.object({
    pool: z.string(),
    films: z.number().int(),
    viewers: z.number().int(),
    pairs: z.number().int(),
    k: z.number().int(),
    recall: z.object({ facts: z.number(), genrePopularity: z.number(), chance: z.number() }),
    lead: z.object({ mean: z.number(), lower: z.number(), upper: z.number() }),
  }),
);
export type ColdFilmsReport = z.infer<typeof coldFilmsSchema>;

/**
 * What a change of code since the champion does, by making the champion once more: `none` = the same model and lists, so a
 * refresh; `model` = other interactions or factors; `order` = the same factors, other lists; `unknown` = it cannot be made again.
 */
export const codeEffectSchema = z.object({
  kind: z.enum(['none', 'model', 'order', 'unknown']),
  /** A full sentence but for its first letter and full stop. */
  says: z.string(),
});
export type CodeEffect = z.infer<typeof codeEffectSchema>;

/** Which kind of model `model: auto` judges, and why. Chosen on a split that ends where the judged test part begins. */
export const choiceSchema = z.object({
  chosen: z.enum(MODEL_KINDS),
  /** The champion's kind; without one ALS. It stays unless the other is ahead beyond chance. */
  incumbent: z.enum(MODEL_KINDS),
  /** null = no such split had enough viewers. */
  evidence: z
    .object({
      split: splitKindSchema,
      /** The train part ends here, and the test part at `asOf`. */
      cutoff: z.string().nullable(),
      asOf: z.string(),
      viewers: z.number().int(),
      /** NDCG@10 of the served order. */
      ndcg: z.record(z.enum(MODEL_KINDS), z.number()),
      /** The other kind less the incumbent: mean over viewers, with one-sided 95 % bounds. */
      lead: z.object({ mean: z.number(), lower: z.number(), upper: z.number() }),
    })
    .nullable(),
  says: z.string(),
});
export type Choice = z.infer<typeof choiceSchema>;

export const reportSchema = z.object({
  definitionId: z.string(),
  split: splitKindSchema,
  cutoff: z.string().nullable(),
  viewers: z.number().int(),
  trainPairs: z.number().int(),
  testPairs: z.number().int(),
  catalogue: z.number().int(),
  scores: z.array(modelScoreSchema),
  differences: z.array(pairedDifferenceSchema),
  /** Absent in reports of earlier versions, like all below. */
  lift: liftSchema.optional(),
  intervals: z.array(metricIntervalSchema).optional(),
  /** With a champion whose recipe could be refitted. */
  comparisons: z.array(comparisonSchema).optional(),
  slices: sliceHarmSchema.optional(),
  conditions: conditionsSchema.optional(),
  /** NDCG@10 on a resample of the train part minus NDCG@10 on the test part. */
  gap: z.object({ candidate: z.number(), champion: z.number().nullable() }).optional(),
  /** Over- and under-fitting, in sentences. */
  warnings: z.array(z.string()).optional(),
  /** Of the top-10 lists with the champion's, over the same viewers. */
  agreement: z.object({ overlap: z.number(), rbo: z.number() }).optional(),
  /** Left out of the main numbers: viewers with too little history, and relevant pairs on films that came after the cut. */
  leftOut: z.object({ newViewers: z.number().int(), coldPairs: z.number().int() }).optional(),
  /** Where the code differs from the champion's. */
  codeEffect: codeEffectSchema.optional(),
  /** Why no champion is among the scores although one is served: a sentence but for its first letter and full stop. */
  noChampion: z.string().optional(),
  /** With a content prior. */
  coldFilms: coldFilmsSchema.optional(),
  /** Definition of every metric by name. */
  definitions: z.record(z.string(), z.string()).optional(),
  /** With config `model: auto`. */
  choice: choiceSchema.optional(),
  /** What a reader must know besides, in sentences. */
  notes: z.array(z.string()).optional(),
});
export type Report = z.infer<typeof reportSchema>;

/**
 * Medians over rounds of p95s in ms: of the answers, and of answers that need no list, before and after while no list was asked
 * for; CPU of one answer.
 */
export const speedSchema = z.object({
  answers: z.number().int(),
  failed: z.number().int(),
  p95Ms: z.number(),
  controlP95Ms: z.number(),
  cpuMs: z.number(),
  /** Other activities of the process are in `cpuMs`. */
  isShared: z.boolean().optional(),
});
export type Speed = z.infer<typeof speedSchema>;

/** The release answered by the real API code before any channel points at it; null = it has no lists, or no model. */
export const servingSchema = z.object({ lists: speedSchema.nullable(), foldIn: speedSchema.nullable() });
export type Serving = z.infer<typeof servingSchema>;

export const verdictSchema = z.object({
  kind: z.enum(['promote', 'hold', 'reject']),
  /** First release, or evidence thinner than the gate wants. */
  provisional: z.boolean(),
  reasons: z.array(z.string()),
  /** What the candidate is to the champion; absent in verdicts of earlier versions. */
  class: releaseClassSchema.optional(),
  gates: z.array(gateOutcomeSchema).optional(),
  /** "code", and the parts of the config, that differ from the champion's; of a refresh at most "code", without effect. */
  changed: z.array(z.string()).optional(),
  /** With config `model: auto`: which kind of model was judged, and why. */
  choice: z.string().optional(),
  /** G8's second half, once the answers of the release were measured. */
  serving: gateOutcomeSchema.shape.state.optional(),
  /** The person's word that decided it. */
  decision: decisionSchema.optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** With config `model: auto`: the kind that was chosen, judged, and not promoted, so that the one that is served was judged. */
export const challengerSchema = z.object({
  kind: z.enum(MODEL_KINDS),
  modelSha256: z.string(),
  verdict: verdictSchema,
  says: z.string(),
});
export type Challenger = z.infer<typeof challengerSchema>;
