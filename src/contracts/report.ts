import { z } from 'zod';

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

export const modelScoreSchema = z.object({
  /** blend: the served order, which is judged; als: its taste alone, which earlier versions served. */
  model: z.enum(['blend', 'als', 'popularity', 'weighted-rating']),
  /** By K ("5", "10", "50"). */
  at: z.record(z.string(), metricsAtKSchema),
});

export const splitKindSchema = z.enum(['last-7-days', 'last-28-days', 'per-viewer-80-20']);
export type SplitKind = z.infer<typeof splitKindSchema>;

/** A paired difference of NDCG@10 over the same viewers, with its seeded bootstrap interval (one-sided 95 % bounds). */
export const pairedDifferenceSchema = z.object({
  baseline: z.enum(['popularity', 'weighted-rating']),
  mean: z.number(),
  lower: z.number(),
  upper: z.number(),
  relative: z.number(),
});

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
  /** What a reader must know besides, in sentences. */
  notes: z.array(z.string()).optional(),
});
export type Report = z.infer<typeof reportSchema>;

export const verdictSchema = z.object({
  kind: z.enum(['promote', 'hold', 'reject']),
  /** First release, or evidence thinner than the gate wants. */
  provisional: z.boolean(),
  reasons: z.array(z.string()),
});
export type Verdict = z.infer<typeof verdictSchema>;
