import { z } from 'zod';
import { artifactRefSchema } from './artifacts.js';
import { nightSchema, snapshotRefSchema } from './night.js';
import type { Report, Verdict } from './report.js';

export const featuresRefSchema = z.object({
  interactions: artifactRefSchema,
  viewers: artifactRefSchema,
  films: artifactRefSchema,
  weightedRating: artifactRefSchema,
  popularity: artifactRefSchema.optional(),
});

/** Input of trainCandidate. */
export const trainInputSchema = z.object({ night: nightSchema, features: featuresRefSchema });
export type TrainInput = z.infer<typeof trainInputSchema>;

/** Input of evaluateCandidate. `model`: what trainCandidate made; the verdict is about its recipe. */
export const evaluateInputSchema = z.object({
  night: nightSchema,
  snapshot: snapshotRefSchema,
  features: featuresRefSchema,
  model: artifactRefSchema,
  /** With `model: auto`: the other kind's, of which one is chosen before any is judged. */
  other: artifactRefSchema.optional(),
  /** Why there is no other kind, where one was wanted. */
  left: z.string().optional(),
});
export type EvaluateInput = z.infer<typeof evaluateInputSchema>;

export interface EvaluateResult {
  /** `runs/<runId>/evaluate/`: verdict.json, and report.json when something could be measured. */
  evaluation: z.infer<typeof artifactRefSchema>;
  /** The candidate that was judged; absent in results of earlier versions. */
  model?: z.infer<typeof artifactRefSchema>;
  report: Report | null;
  verdict: Verdict;
}

/** What work cost the process that did it. */
export const effortSchema = z.object({
  cpuSeconds: z.number(),
  wallSeconds: z.number(),
  /** Resident memory at most. */
  peakMiB: z.number(),
  threads: z.number().int(),
  /** Model name of the processor, on which alone CPU seconds compare. */
  processor: z.string(),
  /** Other activities ran in the process, whose CPU is in it; absent in records of earlier versions. */
  isShared: z.boolean().optional(),
});
export type Effort = z.infer<typeof effortSchema>;

const trainedSchema = z.object({
  users: z.number().int(),
  films: z.number().int(),
  recipe: z.string(),
  /** sha256 of the model it started from; null = cold, from the seeds. */
  warmFrom: z.string().nullable(),
});
const alsRecordSchema = trainedSchema.extend({
  /** Absent in records of earlier versions, which knew no other. */
  kind: z.literal('als').default('als'),
  k: z.number().int().positive(),
  alpha0: z.number(),
  lambda: z.number(),
  nu: z.number(),
  seed: z.number().int(),
  epochs: z.number().int(),
  losses: z.array(z.number()),
});
const easeRecordSchema = trainedSchema.extend({ kind: z.literal('ease'), lambda: z.number() });

/** Facts of a training, of which the model card shows some: `model.json` beside what was learnt and `films.json`. */
export const trainingRecordSchema = z.union([easeRecordSchema, alsRecordSchema]);
export type TrainingRecord = z.infer<typeof trainingRecordSchema>;

/** `standing.json` of a model: how each of its films stands with everybody (core/ranking/blend.ts). */
export const standingSchema = z.array(z.object({ positives: z.number().int(), trendMicro: z.number() }));
/** `cold-films.json`: films that it has not learnt; new ones may be listed. */
export const coldFilmListSchema = z.array(z.object({ filmId: z.string(), isNew: z.boolean() }));
