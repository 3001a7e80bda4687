import { z } from 'zod';

/**
 * What a candidate is to what is served: `first` = nothing personal is served yet; `refresh` = the champion's recipe on
 * newer data; `recipe-change` = anything else.
 */
export const releaseClassSchema = z.enum(['first', 'refresh', 'recipe-change']);
export type ReleaseClass = z.infer<typeof releaseClassSchema>;

/** The gates of science C.9 by number, in the order in which they are listed. */
export const GATES = {
  G1: 'not worse than the champion',
  G2: 'better than popularity and the formula',
  G3: 'no slice of viewers is harmed',
  G4: 'nothing above a viewer’s age',
  G5: 'the catalogue is shown',
  G6: 'no narrower than the champion',
  G7: 'nothing disliked',
  G8: 'no heavier or slower, and no list short',
  G9: 'fresh, complete, mature data',
  G10: 'reproducible',
} as const;
export const gateIdSchema = z.enum(Object.keys(GATES) as [keyof typeof GATES, ...(keyof typeof GATES)[]]);
export type GateId = z.infer<typeof gateIdSchema>;

/** Gates that no person may waive: safety, the data, and that the model can be made again. */
export const NEVER_WAIVED: readonly GateId[] = ['G4', 'G9', 'G10'];

export const gateOutcomeSchema = z.object({
  gate: gateIdSchema,
  state: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE']),
  /** The evidence: what was measured against which threshold. */
  sentence: z.string(),
});
export type GateOutcome = z.infer<typeof gateOutcomeSchema>;

/**
 * A person's word on one candidate, kept as `decisions/<night>-<12 hex of the model>.json`, or `…-g8-fail.json` and
 * `…-g8-inconclusive.json` when the answers of its release had been measured, and never changed. It counts when the night is run
 * again and makes the same model.
 */
export const decisionSchema = z.object({
  action: z.enum(['accept', 'reject']),
  /** The run whose evidence the person saw. */
  runId: z.string(),
  night: z.string(),
  modelSha256: z.string(),
  by: z.string(),
  reason: z.string(),
  at: z.string(),
  /** What the person saw of G8's second half; absent = nothing yet, and the word is not about it. */
  serving: z.enum(['FAIL', 'INCONCLUSIVE']).optional(),
});
export type Decision = z.infer<typeof decisionSchema>;
