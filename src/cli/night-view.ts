import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { Listr, type ListrTaskWrapper, type ListrRendererFactory } from 'listr2';
import {
  type NightProgress,
  type NightResult,
  type Stage,
  STAGES,
  type WorkDone,
} from '../contracts/night.js';
import type { Nights } from './night-client.js';

/** What each stage does, for people who see it the first time. */
const PURPOSE: Record<Stage, string> = {
  extract: 'copy what is new out of the operational database and files',
  stage: 'type, deduplicate, sort into days',
  check: 'is the data fit to learn from?',
  features: 'behaviour into preferences and weights',
  train: 'matrix factorization of viewers and films',
  evaluate: 'is the model better than the formula?',
  score: 'a list for every viewer',
  publish: 'audit, seal and serve the release',
};

const POLL_MS = 200;
const BAR_WIDTH = 16;

type Task = ListrTaskWrapper<unknown, ListrRendererFactory, ListrRendererFactory>;

/** Follows a running night with one line a stage, bars where work can be counted; returns the night's result. */
export async function watchNight(nights: Nights, handle: WorkflowHandle): Promise<NightResult> {
  const feed = new ProgressFeed(nights, handle);
  if (!process.stdout.isTTY) {
    // A log or a pipe gets one line per stage, when it ends.
    await feed.poll((line) => process.stdout.write(`  ${line}\n`));
    return (await handle.result()) as NightResult;
  }
  const tasks = new Listr(
    STAGES.map((stage) => ({
      title: stage.padEnd(9) + PURPOSE[stage],
      task: async (_: unknown, task: Task) => feed.follow(stage, task),
    })),
    { exitOnError: false, rendererOptions: { collapseErrors: false } },
  );
  const polling = feed.poll();
  await tasks.run();
  await polling;
  return (await handle.result()) as NightResult;
}

/** Polls one night and lets each stage's line wait for its turn. */
class ProgressFeed {
  private latest: NightProgress = { stage: 'planning', finished: [] };
  private work: WorkDone[] = [];
  private ended = false;
  private stageBegan = Date.now();

  private readonly nights: Nights;
  private readonly handle: WorkflowHandle;

  constructor(nights: Nights, handle: WorkflowHandle) {
    this.nights = nights;
    this.handle = handle;
  }

  async poll(onFinished: (line: string) => void = () => {}): Promise<void> {
    let closed = false;
    let told = 0;
    const tell = () => {
      for (const stage of this.latest.finished.slice(told)) onFinished(finishedLine(stage));
      told = this.latest.finished.length;
    };
    void this.handle.result().then(
      () => (closed = true),
      () => (closed = true),
    );
    while (!closed) {
      await this.refresh();
      tell();
      await sleep(POLL_MS);
    }
    await this.refresh();
    tell();
    this.ended = true;
  }

  /** A poll that fails (a worker restarting) shows as no news. */
  private async refresh(): Promise<void> {
    const progress = await this.nights.progress(this.handle).catch(() => this.latest);
    if (progress.stage !== this.latest.stage) this.stageBegan = Date.now();
    this.latest = progress;
    this.work = await this.nights.workDone(this.handle).catch(() => []);
  }

  async follow(stage: Stage, task: Task): Promise<void> {
    for (;;) {
      const finished = this.latest.finished.find((done) => done.stage === stage);
      if (finished !== undefined) {
        task.title = finishedLine(finished);
        return;
      }
      if (this.ended) {
        task.skip(`${stage.padEnd(9)}not run`);
        return;
      }
      if (this.latest.stage === stage) task.output = this.describe();
      await sleep(POLL_MS / 2);
    }
  }

  private describe(): string {
    const elapsed = Date.now() - this.stageBegan;
    return [...(this.latest.part === undefined ? [] : [this.latest.part]), ...this.work]
      .map((work) => bar(work, elapsed))
      .filter((text) => text !== '')
      .join('  ');
  }
}

const finishedLine = ({ stage, wallMs, note }: NightProgress['finished'][number]) =>
  `${stage.padEnd(9)}${seconds(wallMs)}  ${note}`;

/** ████████░░░░  62 %  1,234 of 2,000 viewers, about 4 s left; only the step where nothing can be counted. */
export function bar({ step, done, of, unit, loss }: WorkDone, elapsedMs: number): string {
  if (done === undefined || of === undefined || of === 0) return step ?? '';
  const share = Math.min(1, done / of);
  const full = Math.round(share * BAR_WIDTH);
  const count =
    unit === undefined ? '' : `${done.toLocaleString('en')} of ${of.toLocaleString('en')} ${unit}`;
  const left = (elapsedMs * (1 - share)) / share;
  const facts = [
    step ?? '',
    count,
    loss == null ? '' : `loss ${loss.toPrecision(5)}`,
    share > 0.05 && share < 1 ? `about ${seconds(left).trim()} left` : '',
  ];
  const percent = String(Math.round(share * 100)).padStart(3);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${percent} %  ${facts.filter((fact) => fact !== '').join(', ')}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`.padStart(7);
}
