import type { SplitKind } from '../../contracts/index.js';

/** A way to part the past into train and test. */
export interface SplitPlan {
  kind: SplitKind;
  /** ISO instant: train is before it, test from it to T. Null: each viewer's own 80/20 by time. */
  cutoff: string | null;
}

/** Share of each viewer's events that trains in the per-viewer split. */
export const TRAIN_SHARE = 0.8;

const DAY_MS = 86_400_000;

/**
 * The splits of design 4 in order of trust: a global cut 7 days before T, 28 days before, and last the per-viewer one,
 * which trains on other viewers' future and only stands in where evidence is thin. Take the first with enough viewers.
 */
export function splitPlans(asOf: string): SplitPlan[] {
  const before = (days: number) => new Date(Date.parse(asOf) - days * DAY_MS).toISOString();
  return [
    { kind: 'last-7-days', cutoff: before(7) },
    { kind: 'last-28-days', cutoff: before(28) },
    { kind: 'per-viewer-80-20', cutoff: null },
  ];
}

/** A split that ends where the gate's test part begins. */
export interface TuningPlan extends SplitPlan {
  /** ISO instant: its own T. */
  asOf: string;
}

/**
 * The same splits of what the gate's train part holds: settings are chosen on the week before the week that judges them.
 * Per viewer the train part itself has to be cut again, and `asOf` stays.
 */
export function tuningPlans(asOf: string): TuningPlan[] {
  return splitPlans(asOf).map(({ kind, cutoff }) => {
    if (cutoff === null) return { kind, cutoff, asOf };
    const length = Date.parse(asOf) - Date.parse(cutoff);
    return { kind, cutoff: new Date(Date.parse(cutoff) - length).toISOString(), asOf: cutoff };
  });
}

/** How a split is called in sentences. */
export function describeSplit(kind: SplitKind): string {
  switch (kind) {
    case 'last-7-days':
      return 'the last 7 days';
    case 'last-28-days':
      return 'the last 28 days';
    case 'per-viewer-80-20':
      return "the newest 20 % of each viewer's events";
  }
}
