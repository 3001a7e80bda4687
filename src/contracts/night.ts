import { z } from 'zod';
import { type ArtifactRef, artifactRefSchema } from './artifacts.js';
import { EVENT_TYPES } from './events.js';
import type { Verdict } from './report.js';
import type { ModelKind } from './kinds.js';

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
  /** false (backfill): the run is marked as over, and nothing is removed; the backfill sweeps at its own end. */
  sweep: z.boolean().default(true),
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
  /** The raw segments of events to read, old and new (`segmentListSchema`). Their manifests' facts: `segmentFactsSchema`. */
  segments: ArtifactRef;
  films: ArtifactRef;
  viewers: ArtifactRef;
  /** Rows that this run put into new segments. */
  extracted: number;
  quarantined: { total: number; byReason: Record<string, number> };
  /** `<source>.<column>` that no earlier file of the source had; events keep them as `extra`. */
  newColumns: string[];
  /** About catalogue feeds: what failed, what is old, what was refused, under what licence facts are used. */
  notes?: string[];
}

/** Facts of a raw segment's manifest. */
export const segmentFactsSchema = z.object({
  source: z.string(),
  /** The run that extracted it; null for a replay of quarantined rows. */
  runId: z.string().nullable(),
  /** Event days it touches, with their rows. */
  days: z.record(isoDate, z.number().int()),
  /** Repeated event ids that were left out. */
  duplicates: z.number().int(),
  quarantined: z.number().int(),
  byReason: z.record(z.string(), z.number().int()),
  /** Where its refused rows are; null when there were none. */
  quarantine: z.string().nullable(),
  /** Columns unknown to us that its file had. */
  unknownColumns: z.array(z.string()),
  newColumns: z.array(z.string()),
  /** postgres: everything below it has been read. */
  watermark: z.object({ system: z.string(), xmin: z.string() }).optional(),
  file: z.object({ path: z.string(), sha256: z.string() }).optional(),
});
export type SegmentFacts = z.infer<typeof segmentFactsSchema>;

/** Facts of a quarantine segment's manifest. */
export const quarantineFactsSchema = z.object({
  source: z.string(),
  kind: z.enum(['events', 'films', 'profiles']),
  /** The run that refused them; null for imports and replays. */
  runId: z.string().nullable(),
  byReason: z.record(z.string(), z.number().int()),
  /** The raw segment it was split from: it counts when that one names it (of two racing writers one wins). */
  of: z.string().nullable(),
  /** The same, kept through replays: of whose rows these are the refused ones. */
  raw: z.string().nullable().optional(),
  /** The quarantine segment whose rows these are, after some of them were replayed. */
  replaces: z.string().nullable(),
  /** How its fields map to our columns, for sources that are not in the config. */
  columns: z.record(z.string(), z.string()),
  type: z.enum(EVENT_TYPES).nullable(),
  /** Of their rating to 1..10. */
  valueScale: z.number(),
});
export type QuarantineFacts = z.infer<typeof quarantineFactsSchema>;

export interface FeaturesRef {
  interactions: ArtifactRef;
  viewers: ArtifactRef;
  films: ArtifactRef;
  weightedRating: ArtifactRef;
  /** What is popular in each market and age band; absent of nights from before there was such a table. */
  popularity?: ArtifactRef | undefined;
}

export type CheckResult =
  | { kind: 'pass'; report: ArtifactRef; warnings: string[] }
  | { kind: 'block'; report: ArtifactRef; reasons: string[]; warnings: string[] };

/** `skipped`: too little to learn from; the night serves the formula. */
export type TrainResult =
  | {
      kind: 'trained';
      model: ArtifactRef;
      recipe: string;
      /** Absent in results of earlier versions, which knew ALS alone. */
      of?: ModelKind;
      /** With `model: auto`: the other kind's model, or why there is none. */
      other?: ArtifactRef;
      left?: string;
      /** 0: the model is not made of epochs. */
      epochs: number;
      losses: number[];
      warm: boolean;
    }
  | { kind: 'skipped'; reason: string };

/** Heartbeat details of an activity, as far as people who watch are told: what it does, and how far it is. */
export interface WorkDone {
  step?: string;
  done?: number;
  of?: number;
  unit?: string;
  /** Training: of the newest epoch. */
  loss?: number | null;
}

/** Live progress of a night, answered by query `progress`. */
export interface NightProgress {
  date?: string;
  why?: string;
  runId?: string;
  stage: Stage | 'planning' | 'done';
  /** Finished stages with wall time and a sentence about what came out. */
  finished: { stage: Stage; wallMs: number; note: string }[];
  /** Of the stage under way, when it can be counted (score: buckets). */
  part?: { done: number; of: number; unit: string };
}

export type NightResult =
  | {
      kind: 'released';
      date: string;
      verdict: Verdict;
      releaseId: string;
      contentSha256: string;
      counts: ServedCounts;
      provisional: boolean;
      /** What happened to the channel: moved to this release, there already, left at a later night, or not asked to move (backfill). */
      channel: 'flipped' | 'already' | 'superseded' | 'not-asked';
      /** What the channel points at afterwards; null when it was never moved. */
      serving: string | null;
      notes: string[];
    }
  | { kind: 'held'; date: string; verdict: Verdict; serving: string | null; notes: string[] }
  | { kind: 'blocked'; date: string; reasons: string[]; serving: string | null; notes: string[] };

export interface ServedCounts {
  personal: number;
  formula: number;
  none: number;
}

export interface BackfillProgress {
  total: number;
  done: {
    date: string;
    kind: NightResult['kind'] | 'failed';
    verdict?: Verdict['kind'];
    releaseId?: string;
    error?: string;
  }[];
  running: string[];
  /** With `publish`: the release the channel points at afterwards, and why. */
  published?: { releaseId: string | null; reason: string };
}
