import { z } from 'zod';
import { artifactRefSchema } from './artifacts.js';
import { nightSchema, snapshotRefSchema } from './night.js';
import type { Report, Verdict } from './report.js';

export const featuresRefSchema = z.object({
  interactions: artifactRefSchema,
  viewers: artifactRefSchema,
  films: artifactRefSchema,
  weightedRating: artifactRefSchema,
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
});
export type EvaluateInput = z.infer<typeof evaluateInputSchema>;

export interface EvaluateResult {
  /** `runs/<runId>/evaluate/`: verdict.json, and report.json when something could be measured. */
  evaluation: z.infer<typeof artifactRefSchema>;
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
});
export type Effort = z.infer<typeof effortSchema>;

/** Facts of a training, of which the model card shows some: `model.json` beside `film-factors.f32` and `films.json`. */
export const trainingRecordSchema = z.object({
  k: z.number().int().positive(),
  alpha0: z.number(),
  lambda: z.number(),
  nu: z.number(),
  users: z.number().int(),
  films: z.number().int(),
  seed: z.number().int(),
  epochs: z.number().int(),
  losses: z.array(z.number()),
  recipe: z.string(),
  /** sha256 of the model it started from; null = cold, from the seeds. */
  warmFrom: z.string().nullable(),
});
export type TrainingRecord = z.infer<typeof trainingRecordSchema>;
