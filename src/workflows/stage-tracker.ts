import { setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Night, NightProgress, Stage } from '../contracts/night.js';
import { progressQuery } from './messages.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** Answers the `progress` query and keeps the search attributes in step with the stage under way. */
export class StageTracker {
  private readonly progress: NightProgress = { stage: 'planning', finished: [] };

  constructor() {
    setHandler(progressQuery, () => this.progress);
  }

  planned(night: Night): void {
    Object.assign(this.progress, { date: night.date, why: night.why, runId: night.runId });
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.night, value: night.date }]);
  }

  /** Runs one stage; `note` says in a few words what came out. */
  async stage<T>(stage: Stage, work: () => Promise<T>, note: (result: T) => string): Promise<T> {
    this.progress.stage = stage;
    delete this.progress.part;
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.stage, value: stage }]);
    const started = Date.now();
    const result = await work();
    this.progress.finished.push({ stage, wallMs: Date.now() - started, note: note(result) });
    return result;
  }

  /** Of a stage in parts; one part alone says nothing that its activity does not say better. */
  part(done: number, of: number): void {
    if (of > 1) this.progress.part = { done, of, unit: 'parts' };
  }

  done(outcome: { verdict: string; releaseId?: string }): void {
    this.progress.stage = 'done';
    delete this.progress.part;
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.stage, value: 'done' },
      { key: SEARCH_ATTRIBUTES.verdict, value: outcome.verdict },
      ...(outcome.releaseId === undefined
        ? []
        : [{ key: SEARCH_ATTRIBUTES.release, value: outcome.releaseId }]),
    ]);
  }
}
