import {
  ApplicationFailure,
  ChildWorkflowFailure,
  continueAsNew,
  executeChild,
  log,
  patched,
  setHandler,
} from '@temporalio/workflow';
import type { BackfillInput, BackfillProgress, NightResult } from '../contracts/night.js';
import { control } from './activity-groups.js';
import { backfillDayId, daysBetween, endOf } from './ids.js';
import { mapLimit } from './map-limit.js';
import { backfillProgressQuery } from './messages.js';
import type { nightly } from './nightly.js';

/** Days per execution: keeps each history small (a day is a child: about ten events here). */
const DAYS_PER_RUN = 30;

/**
 * Nights of past days, oldest first: a child per day, at most `parallel` at once.
 * 1. The channel never moves for a past day; with `publish` it moves once, at the end, to the last day's release.
 * 2. Days start cold, so that what a day gives does not depend on which neighbours ran before it.
 * 3. Running it again is safe: releases are named by their inputs.
 * 4. Days leave the sweep to the backfill: while many are made at once, none may take another's for an old one.
 */
export async function backfill(
  input: BackfillInput & { carried?: BackfillProgress },
): Promise<BackfillProgress> {
  const { from, to, parallel = 2, publish = false } = input;
  const all = daysBetween(from, to);
  if (all.length === 0) {
    throw ApplicationFailure.nonRetryable(`backfill: from ${from} is after to ${to}`, 'InputInvalid');
  }
  const progress: BackfillProgress = input.carried ?? { total: all.length, done: [], running: [] };
  setHandler(backfillProgressQuery, () => progress);

  const sweepsOnce = patched('backfill-sweeps-once'); // those begun before let each day sweep
  const finished = new Set(progress.done.map((day) => day.date));
  const left = all.filter((date) => !finished.has(date));
  await mapLimit(left.slice(0, DAYS_PER_RUN), parallel, (date) => oneDay(date, progress, !sweepsOnce));
  if (left.length > DAYS_PER_RUN) {
    if (sweepsOnce) await sweep(to);
    await continueAsNew<typeof backfill>({ ...input, carried: progress });
  }

  progress.done.sort((a, b) => (a.date < b.date ? -1 : 1));
  if (publish) progress.published = await control.publishBackfill({ days: progress.done });
  if (sweepsOnce) await sweep(to);
  return progress;
}

async function oneDay(date: string, progress: BackfillProgress, sweeps: boolean): Promise<void> {
  progress.running.push(date);
  try {
    const result = await executeChild<typeof nightly>('nightly', {
      workflowId: backfillDayId(date),
      args: [{ date, publish: false, warmStart: false, sweep: sweeps }],
    });
    progress.done.push(summary(date, result));
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    progress.done.push({ date, kind: 'failed', error: rootMessage(error) });
  } finally {
    progress.running.splice(progress.running.indexOf(date), 1);
  }
}

/** Housekeeping, as at a night's end: the days have marked their runs as over. */
async function sweep(to: string): Promise<void> {
  try {
    await control.sweepRetention({ asOf: endOf(to), finishedRuns: [], removes: true });
  } catch (error) {
    log.warn('retention sweep failed; the next night tries again', { error: String(error) });
  }
}

/** The reason at the bottom of "child failed because activity failed because …". */
function rootMessage(error: Error): string {
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message;
}

function summary(date: string, result: NightResult): BackfillProgress['done'][number] {
  return result.kind === 'released'
    ? { date, kind: result.kind, releaseId: result.releaseId, verdict: result.verdict.kind }
    : { date, kind: result.kind };
}
