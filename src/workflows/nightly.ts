import { CancellationScope, log, patched } from '@temporalio/workflow';
import type { ArtifactRef } from '../contracts/artifacts.js';
import type { FeaturesRef, Night, NightlyInput, NightResult } from '../contracts/night.js';
import type { Verdict } from '../contracts/report.js';
import { control, scoring, training, warehouse } from './activity-groups.js';
import { mapLimit } from './map-limit.js';
import { evaluateNote, trainNote } from './notes.js';
import { runKey, scheduledStart } from './run-identity.js';
import { StageTracker } from './stage-tracker.js';

/** Bucket ranges scored at once; the workers' slots are the real bound. */
const RANGES_IN_FLIGHT = 64;

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
    await sweep(night, input.sweep ?? true);
  }
}

async function stages(night: Night, input: NightlyInput, tracker: StageTracker): Promise<NightResult> {
  const extract = await tracker.stage(
    'extract',
    () => warehouse.extractSources({ night }),
    (r) => `${r.extracted} new rows, ${r.quarantined.total} quarantined`,
  );

  const snapshot = await tracker.stage(
    'stage',
    () => warehouse.stageEvents({ night, segments: extract.segments }),
    (r) => `${r.events.rows} events in ${r.days} days, ${r.changedDays} rewritten`,
  );

  const volume = { extracted: extract.extracted, quarantined: extract.quarantined.total };
  const check = await tracker.stage(
    'check',
    () => warehouse.checkSnapshot({ night, snapshot, segments: extract.segments, extract: volume }),
    (r) =>
      r.kind === 'pass' ? `passed, ${r.warnings.length} warnings` : `BLOCKED, ${r.reasons.length} reasons`,
  );
  const notes = [
    ...extract.newColumns.map((column) => `new column ${column}`),
    ...(extract.notes ?? []),
    ...check.warnings,
  ];
  if (check.kind === 'block') return blocked(night, check.reasons, notes, tracker);

  const features = await tracker.stage(
    'features',
    () => warehouse.buildFeatures({ night, snapshot }),
    (r) => `${r.interactions.rows} viewer-film pairs, ${r.viewers.rows} viewers`,
  );
  const { films } = snapshot;
  const { weightedRating, popularity } = features;
  const formula = await warehouse.buildFormula({
    runId: night.runId,
    asOf: night.asOf,
    films,
    weightedRating,
    popularity,
  });
  const formulaRelease = await control.publishFormula({ formula, asOf: night.asOf, by: 'nightly' });

  const candidate = await tracker.stage(
    'train',
    () => training.trainCandidate({ night, features }),
    trainNote,
  );
  const trained = candidate.kind === 'trained' ? candidate : null;

  const judged = await tracker.stage(
    'evaluate',
    async () =>
      trained === null
        ? null
        : training.evaluateCandidate({
            night,
            snapshot,
            features,
            model: trained.model,
            ...(trained.other === undefined ? {} : { other: trained.other }),
            ...(trained.left === undefined ? {} : { left: trained.left }),
          }),
    evaluateNote,
  );
  const verdict = judged?.verdict ?? nothingTrained(candidate.kind === 'skipped' ? candidate.reason : '');
  const serving = await control.currentRelease({ channel: 'default' });
  if (verdict.kind !== 'promote' && serving.isPersonal) {
    tracker.done({ verdict: verdict.kind });
    return { kind: 'held', date: night.date, verdict, serving: serving.releaseId, notes };
  }

  // As long as nothing personal was ever served, a candidate that is held gives way to the formula's lists.
  const model = verdict.kind === 'promote' ? (judged?.model ?? trained?.model ?? null) : null;
  const release = async (by: { model: ArtifactRef | null; verdict: Verdict }) => {
    const buckets = await tracker.stage(
      'score',
      () => scoreBuckets({ night, features, formula, model: by.model }, tracker),
      () => `lists for ${features.viewers.rows} viewers`,
    );
    return tracker.stage(
      'publish',
      () =>
        warehouse.publishRelease({
          night,
          snapshot,
          buckets,
          interactions: features.interactions,
          formula,
          formulaRelease: formulaRelease.releaseId,
          model: by.model,
          evaluation: judged?.evaluation ?? null,
          report: judged?.report ?? null,
          verdict: by.verdict,
          publish: input.publish ?? true,
          expectSeq: serving.seq,
          by: 'nightly',
        }),
      (r) => `${r.audit.pairs} viewer-film pairs audited, ${r.rehearsed} lists rehearsed`,
    );
  };
  let published = await release({ model, verdict });
  // … and so does one whose answers are too slow; nights that were under way when this came end as they began.
  if (published.channel === 'held' && !serving.isPersonal && patched('slow-gives-way')) {
    published = await release({ model: null, verdict: published.verdict ?? verdict });
  }
  const final = published.verdict ?? verdict;
  if (published.channel === 'held') {
    tracker.done({ verdict: final.kind, releaseId: published.releaseId });
    return { kind: 'held', date: night.date, verdict: final, serving: published.serving, notes };
  }
  tracker.done({ verdict: final.kind, releaseId: published.releaseId });
  const { releaseId, contentSha256, counts, provisional, channel } = published;
  return {
    kind: 'released',
    date: night.date,
    verdict: final,
    releaseId,
    contentSha256,
    counts,
    provisional,
    channel,
    serving: published.serving,
    notes,
  };
}

interface Scoring {
  night: Night;
  features: FeaturesRef;
  formula: ArtifactRef;
  model: ArtifactRef | null;
}

async function scoreBuckets(work: Scoring, tracker: StageTracker): Promise<ArtifactRef[]> {
  const plan = await scoring.planBuckets({ viewers: work.features.viewers });
  let done = 0;
  tracker.part(done, plan.length);
  return mapLimit(plan, RANGES_IN_FLIGHT, async ({ bucket, through }) => {
    const lists = await scoring.scoreBucket({ ...work, bucket, through });
    tracker.part(++done, plan.length);
    return lists;
  });
}

const nothingTrained = (reason: string): Verdict => ({
  kind: 'hold',
  provisional: false,
  reasons: [`nothing was trained: ${reason}`],
});

async function blocked(
  night: Night,
  reasons: string[],
  notes: string[],
  tracker: StageTracker,
): Promise<NightResult> {
  const { releaseId } = await control.currentRelease({ channel: 'default' });
  tracker.done({ verdict: 'blocked' });
  return { kind: 'blocked', date: night.date, reasons, serving: releaseId, notes };
}

/**
 * Retention is housekeeping: a failed sweep never fails a night whose lists are out. A cancelled night sweeps too, for
 * otherwise nobody would know that its run is over.
 */
async function sweep({ asOf, runId }: Night, removes: boolean): Promise<void> {
  try {
    const input = { asOf, finishedRuns: [runId], removes };
    await CancellationScope.nonCancellable(() => control.sweepRetention(input));
  } catch (error) {
    log.warn('retention sweep failed; the next night tries again', { error: String(error) });
  }
}
