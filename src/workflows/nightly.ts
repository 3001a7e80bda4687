import { log } from '@temporalio/workflow';
import type { Night, NightlyInput, NightResult } from '../contracts/night.js';
import { control, scoring, training, warehouse } from './activity-groups.js';
import { mapLimit } from './map-limit.js';
import { runKey, scheduledStart } from './run-identity.js';
import { StageTracker } from './stage-tracker.js';

/** Buckets scored at once; the workers' slots are the real bound. */
const BUCKETS_IN_FLIGHT = 4;

/**
 * One night: from what viewers did to served lists.
 * A check that blocks, or a candidate that is held, is an outcome, not an error: the last good release keeps serving.
 */
export async function nightly(input: NightlyInput = {}): Promise<NightResult> {
  const tracker = new StageTracker();
  const night = await control.planNight({ ...input, scheduledFor: scheduledStart(), runKey: runKey() });
  tracker.planned(night);
  try {
    return await stages(night, input, tracker);
  } finally {
    await sweep();
  }
}

async function stages(night: Night, input: NightlyInput, tracker: StageTracker): Promise<NightResult> {
  const extract = await tracker.stage(
    'extract',
    () => warehouse.extractSources({ night }),
    (r) => `${r.extracted} new rows, ${r.quarantined.total} quarantined`,
  );
  const { segments, films, viewers } = extract;

  const snapshot = await tracker.stage(
    'stage',
    () => warehouse.stageEvents({ night, segments, films, viewers }),
    (r) => `${r.events.rows} events in ${r.days} days, ${r.changedDays} days rewritten`,
  );

  const check = await tracker.stage(
    'check',
    () => warehouse.checkSnapshot({ night, snapshot, extract }),
    (r) => (r.kind === 'pass' ? `passed, ${r.warnings.length} warnings` : `BLOCKED: ${r.reasons.join('; ')}`),
  );
  if (check.kind === 'block') return await blocked(night, check.reasons, check.warnings, tracker);

  const features = await tracker.stage(
    'features',
    () => warehouse.buildFeatures({ night, snapshot }),
    (r) => `${r.interactions.rows} interactions of ${r.viewers.rows} viewers`,
  );
  const formula = await warehouse.buildFormula({ night, snapshot, features });
  const formulaRelease = await control.publishFormula({ night, formula, by: 'nightly' });

  const candidate = await tracker.stage(
    'train',
    () => training.trainCandidate({ night, features }),
    (r) => (r.kind === 'trained' ? `${r.epochs} epochs, loss ${r.losses.at(-1)?.toFixed(4)}` : r.reason),
  );

  const judged = await tracker.stage(
    'evaluate',
    () => training.evaluateCandidate({ night, snapshot, features, candidate }),
    (r) => r.summary,
  );
  const { verdict } = judged;
  const champion = await control.currentRelease({ channel: 'default' });
  if (verdict.kind !== 'promote' && champion !== null) {
    tracker.done({ verdict: verdict.kind });
    return { kind: 'held', date: night.date, verdict, serving: champion.releaseId, notes: check.warnings };
  }

  // Without a champion something must be served: the candidate when it won, else the formula's lists.
  const model = verdict.kind === 'promote' && candidate.kind === 'trained' ? candidate.model : null;
  const buckets = await tracker.stage(
    'score',
    async () => {
      const plan = await scoring.planBuckets({ features });
      let done = 0;
      tracker.part(done, plan.length);
      return mapLimit(plan, BUCKETS_IN_FLIGHT, async (bucket) => {
        const lists = await scoring.scoreBucket({ night, bucket, snapshot, features, formula, model });
        tracker.part(++done, plan.length);
        return lists;
      });
    },
    (r) => `${r.reduce((sum, b) => sum + b.viewers, 0)} viewers in ${r.length} buckets`,
  );

  const published = await tracker.stage(
    'publish',
    () =>
      warehouse.publishRelease({
        night,
        snapshot,
        features,
        formula,
        formulaRelease: formulaRelease.releaseId,
        model,
        buckets,
        judged,
        channel: (input.publish ?? true) ? 'default' : null,
        expectSeq: champion?.seq ?? 0,
      }),
    (r) =>
      `${r.releaseId}: ${r.counts.personal} personal, ${r.counts.formula} formula, ${r.counts.none} none`,
  );
  tracker.done({ verdict: verdict.kind, releaseId: published.releaseId });
  return { kind: 'released', date: night.date, verdict, ...published, notes: check.warnings };
}

async function blocked(
  night: Night,
  reasons: string[],
  notes: string[],
  tracker: StageTracker,
): Promise<NightResult> {
  const serving = await control.currentRelease({ channel: 'default' });
  tracker.done({ verdict: 'blocked' });
  return { kind: 'blocked', date: night.date, reasons, serving: serving?.releaseId ?? null, notes };
}

/** Retention is housekeeping: a failed sweep never fails a night whose lists are out. */
async function sweep(): Promise<void> {
  try {
    await control.sweepRetention({});
  } catch (error) {
    log.warn('retention sweep failed; the next night tries again', { error: String(error) });
  }
}
