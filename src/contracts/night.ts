import { z } from 'zod';
import { artifactRefSchema } from './artifacts.js';

/** The stages in order: the names of activity files, SQL folders, metric labels, log fields and README sections. */
export const STAGES = [
  'extract',
  'stage',
  'check',
  'features',
  'train',
  'evaluate',
  'score',
  'publish',
] as const;
export type Stage = (typeof STAGES)[number];

const isoDate = z.iso.date();

/** Input of workflow `nightly`; documented JSON, also for `temporal workflow start --type nightly`. */
export const nightlyInputSchema = z.object({
  /** Night D; absent: yesterday UTC, or the day of the newest event when nothing happened for a week. */
  date: isoDate.optional(),
  /** false (backfill): the channel does not move. */
  publish: z.boolean().default(true),
  /** false (backfill): factors start from their seeds, so parallel days do not depend on each other. */
  warmStart: z.boolean().default(true),
});
export type NightlyInput = z.input<typeof nightlyInputSchema>;

export const backfillInputSchema = z.object({
  from: isoDate,
  to: isoDate,
  parallel: z.number().int().min(1).max(16).default(2),
  /** Publish the last day's release once, at the end. */
  publish: z.boolean().default(false),
});
export type BackfillInput = z.input<typeof backfillInputSchema>;

/** The plan of one night: made by an activity once, recorded in history, passed to every stage. */
export const nightSchema = z.object({
  /** Night D: server time up to T = D+1 00:00 UTC. */
  date: isoDate,
  /** T, the only "now" that any stage knows (ISO instant). */
  asOf: z.string(),
  runId: z.string(),
  warmStart: z.boolean(),
  /** Why this date, to be printed. */
  why: z.string(),
});
export type Night = z.infer<typeof nightSchema>;

/** What the stage activities hand on: each stage's artefacts by reference. */
export const snapshotRefSchema = z.object({
  events: artifactRefSchema,
  films: artifactRefSchema,
  viewers: artifactRefSchema,
  days: z.number().int(),
  changedDays: z.number().int(),
});
export type SnapshotRef = z.infer<typeof snapshotRefSchema>;

export interface ExtractResult {
  raw: z.infer<typeof artifactRefSchema>;
  extracted: number;
  quarantined: number;
}

export interface FeaturesRef {
  interactions: z.infer<typeof artifactRefSchema>;
  viewers: z.infer<typeof artifactRefSchema>;
  films: z.infer<typeof artifactRefSchema>;
  weightedRating: z.infer<typeof artifactRefSchema>;
}

export type CheckResult =
  | { kind: 'pass'; report: z.infer<typeof artifactRefSchema>; warnings: string[] }
  | { kind: 'block'; report: z.infer<typeof artifactRefSchema>; reasons: string[]; warnings: string[] };

/** `skipped`: too little to learn from; the night serves the formula. */
export type TrainResult =
  | {
      kind: 'trained';
      model: z.infer<typeof artifactRefSchema>;
      recipe: string;
      epochs: number;
      losses: number[];
      warm: boolean;
    }
  | { kind: 'skipped'; reason: string };

/** Live progress of a night, answered by query `progress`. */
export interface NightProgress {
  date?: string;
  why?: string;
  runId?: string;
  stage: Stage | 'planning' | 'done';
  /** Finished stages with wall time and a sentence about what came out. */
  finished: { stage: Stage; wallMs: number; note: string }[];
  /** Of the stage under way, when it can be counted (score: buckets). */
  part?: { done: number; of: number };
}

export type NightResult =
  | {
      kind: 'released';
      date: string;
      releaseId: string;
      contentSha256: string;
      servedBy: ServedCounts;
      provisional: boolean;
      notes: string[];
    }
  | { kind: 'held'; date: string; reasons: string[]; serving: string | null; notes: string[] }
  | { kind: 'blocked'; date: string; reasons: string[]; serving: string | null; notes: string[] };

export interface ServedCounts {
  personal: number;
  formula: number;
  none: number;
}

export interface BackfillProgress {
  total: number;
  done: { date: string; kind: NightResult['kind']; releaseId?: string }[];
  running: string[];
}
