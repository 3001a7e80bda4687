import { z } from 'zod';
import { artifactRefSchema } from './artifacts.js';
import { nightSchema, snapshotRefSchema } from './night.js';

/** Input of stageEvents. `segments`: every raw segment that this night may read, new and old; which days changed is worked out. */
export const stageInputSchema = z.object({ night: nightSchema, segments: artifactRefSchema });
export type StageInput = z.infer<typeof stageInputSchema>;

/** Input of checkSnapshot. `live`: the source is one that people are using now, so that old data means a broken feed. */
export const checkInputSchema = z.object({
  night: nightSchema,
  snapshot: snapshotRefSchema,
  /** What extraction listed: also what it left out. */
  segments: artifactRefSchema,
  extract: z.object({
    extracted: z.number().int().nonnegative(),
    quarantined: z.number().int().nonnegative(),
    live: z.boolean().optional(),
  }),
});
export type CheckInput = z.infer<typeof checkInputSchema>;

/** One line of the check report: what was looked at, what it should be, what it is. */
export const checkLineSchema = z.object({
  check: z.string(),
  severity: z.enum(['ok', 'warn', 'block']),
  thing: z.string(),
  expected: z.string(),
  observed: z.string(),
});
export type CheckLine = z.infer<typeof checkLineSchema>;

/** `runs/<runId>/check/report.json`. */
export const checkReportSchema = z.object({ night: z.string(), lines: z.array(checkLineSchema) });
export type CheckReport = z.infer<typeof checkReportSchema>;

/** Input of buildFeatures. */
export const featuresInputSchema = z.object({ night: nightSchema, snapshot: snapshotRefSchema });
export type FeaturesInput = z.infer<typeof featuresInputSchema>;
