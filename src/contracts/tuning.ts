import { z } from 'zod';
import { splitKindSchema } from './report.js';

/** What a search may change of a recipe. `halfLife`: every half-life of the feedback, times this. */
export const settingSchema = z.object({
  k: z.number().int(),
  alpha0: z.number(),
  lambda: z.number(),
  nu: z.number(),
  halfLife: z.number(),
});

/** A line of `tune/<search>/trials.ndjson`: one fit. */
export const trialSchema = z.object({
  round: z.number().int(),
  /** Place among the settings; 0 is the config's own. */
  number: z.number().int(),
  epochs: z.number().int(),
  setting: settingSchema,
  /** NDCG@10 of the served order, and of the taste alone; null = the fit diverged. */
  ndcg: z.number().nullable(),
  taste: z.number().nullable(),
  seconds: z.number(),
});
export type Trial = z.infer<typeof trialSchema>;

/** `tune/<search>/result.json`. */
export const tuningSchema = z.object({
  search: z.string(),
  split: splitKindSchema,
  /** Measured behaviour: from `cutoff` (null: the last fifth of each viewer's) up to `asOf`. */
  cutoff: z.string().nullable(),
  asOf: z.string(),
  viewers: z.number().int(),
  budget: z.number().int(),
  fits: z.number().int(),
  /** NDCG@10 on the split. */
  popularity: z.number(),
  current: z.object({ setting: settingSchema, ndcg: z.number(), taste: z.number() }),
  best: z.object({ number: z.number().int(), setting: settingSchema, ndcg: z.number(), taste: z.number() }),
  /** Best minus current over the same viewers, with one-sided 95 % bounds. */
  difference: z.object({ mean: z.number(), lower: z.number(), upper: z.number() }),
  /** What to put into matinee.config.yaml; empty when the current setting is the best. */
  fragment: z.string(),
});
export type Tuning = z.infer<typeof tuningSchema>;
