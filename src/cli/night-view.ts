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
  train: 'learn what pleases whom',
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
  const polling = feed.poll();
  const plan = await feed.planned();
  if (plan !== null) process.stdout.write(`night ${plan.date}: ${plan.why}\n`);
  if (!process.stdout.isTTY) {
    // A log or a pipe gets one line per stage, when it ends.
    for (const stage of STAGES) {
      const line = await feed.finished(stage);
      if (line !== null) process.stdout.write(`  ${line}\n`);
    }
    await polling;
    return (await handle.result()) as NightResult;
  }
  const tasks = new Listr(
    STAGES.map((stage) => ({
      title: stage.padEnd(9) + PURPOSE[stage],
      task: async (_: unknown, task: Task) => feed.follow(stage, task),
    })),
    {
      exitOnError: false,
      registerSignalListeners: false, // it would end the process at Ctrl-C, and leave our servers behind
      rendererOptions: { collapseErrors: false },
    },
  );
  // Ctrl-C: the lines end and give the terminal back, while whoever started the servers stops them.
  const leave = () => feed.leave();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, leave);
  try {
    await tasks.run();
  } finally {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, leave);
  }
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

  async poll(): Promise<void> {
    let closed = false;
    const close = () => (closed = true);
    void this.handle.result().then(close, close);
    while (!closed) {
      await this.refresh();
      await sleep(POLL_MS);
    }
    await this.refresh();
    this.ended = true;
  }

  /** Nobody waits for the lines any more. */
  leave(): void {
    this.ended = true;
  }

  /** Which night, and why that one; null when it failed before it was known. */
  async planned(): Promise<{ date: string; why: string } | null> {
    for (;;) {
      const { date, why } = this.latest;
      if (date !== undefined && why !== undefined) return { date, why };
      if (this.ended) return null;
      await sleep(POLL_MS / 2);
    }
  }

  /** The line of a stage once it has ended; null when the night ended without it. */
  async finished(stage: Stage, whileRunning: () => void = () => {}): Promise<string | null> {
    for (;;) {
      const finished = this.latest.finished.find((done) => done.stage === stage);
      if (finished !== undefined) return finishedLine(finished);
      if (this.ended) return null;
      if (this.latest.stage === stage) whileRunning();
      await sleep(POLL_MS / 2);
    }
  }

  /** A poll that fails (a worker restarting) shows as no news. */
  private async refresh(): Promise<void> {
    const progress = await this.nights.progress(this.handle).catch(() => this.latest);
    if (progress.stage !== this.latest.stage) this.stageBegan = Date.now();
    this.latest = progress;
    this.work = await this.nights.workDone(this.handle).catch(() => []);
  }

  async follow(stage: Stage, task: Task): Promise<void> {
    const line = await this.finished(stage, () => (task.output = this.describe()));
    if (line === null) task.skip(`${stage.padEnd(9)}not run`);
    else task.title = line;
  }

  private describe(): string {
    const elapsed = Date.now() - this.stageBegan;
    return [...(this.latest.part === undefined ? [] : [this.latest.part]), ...this.work]
      .map((work) => bar(work, elapsed))
      .filter((text) => text !== '')
      .join('  ');
  }
}

export const finishedLine = ({ stage, wallMs, note }: NightProgress['finished'][number]) =>
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
