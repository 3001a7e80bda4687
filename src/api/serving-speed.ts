import { type Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleasePreview, ViewerList } from '../activities/deps.js';
import { watchNeighbours } from '../activities/neighbours.js';
import type { Config } from '../contracts/config.js';
import { profileSchema } from '../contracts/films.js';
import type { FormulaLists } from '../contracts/release.js';
import type { Serving, Speed } from '../contracts/report.js';
import type { ViewerAct } from '../core/feedback/index.js';
import { quantile } from '../core/metrics/bootstrap.js';
import { absentStore } from './absent-store.js';
import type { ApiDeps } from './deps.js';

/**
 * How fast this machine answers at all: requests that need no list, at the same rate, before and after those for lists, one
 * for so many and this number at least. Never among them: lists that hold the event loop would make them slow, too.
 */
const CONTROL_EVERY = 5;
const LEAST_CONTROLS = 20;
/** Requests that let the engine compile the code; not counted. */
const WARM_UP = 20;
/** Viewers who are folded in, in a round. */
const FOLD_INS = 24;
const ROUNDS = 3;
const HOUR_MS = 3_600_000;

export interface SpeedWork {
  releaseId: string;
  night: string;
  sample: ViewerList[];
  formula: FormulaLists | null;
}

/** What a draft serves, as if a channel pointed at it. */
export function servingOf({ lists, model, behaviour }: ReleasePreview, work: SpeedWork): ApiDeps['serving'] {
  const { releaseId, night, formula } = work;
  const served = {
    releaseId,
    night,
    get: (pid: string) => lists.packed(pid),
    peek: (pid: string) => lists.peek(pid),
    films: lists.films,
    model: async () => model,
    behaviour: async () => behaviour,
  };
  const pages = formula === null ? null : { releaseId, night, lists: formula };
  return { lists: () => served, formula: () => pages };
}

/**
 * A store that knows the sample's viewers and answers at once: what each of them liked by the stored history, an hour
 * apart. What a fold-in costs is measured without the operational database, which the night does not burden.
 */
export function storeOf(sample: readonly ViewerList[], now: number): ApiDeps['store'] {
  const lists = new Map(sample.map((list) => [list.pid, list]));
  const acts = (pid: string): ViewerAct[] =>
    (lists.get(pid)?.history ?? [])
      .filter(({ weightMicro }) => weightMicro > 0)
      .map(({ filmId }, n) => ({ filmId, type: 'like', at: now - (n + 1) * HOUR_MS }));
  return {
    ...absentStore,
    profile: async (profileId) => {
      const list = lists.get(profileId);
      if (list === undefined) return null;
      return profileSchema.parse({
        profileId,
        accountId: profileId,
        market: list.market,
        isAdultDeclared: true,
      });
    },
    acts: async (profileId) => acts(profileId),
    exclusions: async () => [],
    exclusionChanges: async () => ({ changes: [], readAt: new Date(now).toISOString() }),
    departuresSince: async () => [],
    departuresOf: async () => [],
  };
}

/** p95s of lists at the gate's rate, and of fold-ins one after another, of a server on `port`. */
export async function measureSpeed(
  { port, agent }: { port: number; agent: Agent },
  { sample, formula }: Pick<SpeedWork, 'sample' | 'formula'>,
  hasModel: boolean,
  rules: Config['gate']['serving'],
): Promise<Serving> {
  const ask = (method: 'GET' | 'POST', path: string) => timed(port, agent, method, path);
  const personal = sample.filter(({ servedBy, history }) => servedBy === 'personal' && history !== undefined);
  return {
    lists: sample.length === 0 ? null : await speedOfLists(ask, sample, rules),
    foldIn:
      !hasModel || formula === null || personal.length === 0
        ? null
        : await speedOfFoldIns(ask, personal.slice(0, FOLD_INS), rules),
  };
}

interface Answer {
  ms: number;
  isRight: boolean;
}
type Ask = (method: 'GET' | 'POST', path: string) => Promise<Answer>;

interface Round {
  answers: Answer[];
  controls: Answer[];
  cpuMs: number;
}

async function speedOfLists(
  ask: Ask,
  sample: readonly ViewerList[],
  { perSecond, listMs, seconds }: Config['gate']['serving'],
): Promise<Speed> {
  const pathOf = (n: number) => `/v1/users/${sample[n % sample.length]!.pid}/recommendations`;
  for (let n = 0; n < WARM_UP; n++) await ask('GET', pathOf(n));
  const count = Math.max(1, Math.round(perSecond * seconds));
  const control = Math.max(LEAST_CONTROLS, Math.round(count / CONTROL_EVERY));
  const controls = () => atRate(perSecond, control, () => ask('GET', '/healthz'));
  return rounds(listMs, async () => {
    const before = await controls();
    const cpu = process.cpuUsage();
    const answers = await atRate(perSecond, count, (n) => ask('GET', pathOf(n)));
    const cpuMs = cpuSince(cpu) / answers.length;
    return { answers, controls: [...before, ...(await controls())], cpuMs };
  });
}

/** Each is sent when its time has come, whatever became of those before: a queue counts as waiting. */
async function atRate(
  perSecond: number,
  count: number,
  send: (n: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  const start = performance.now();
  for (let n = 0; n < count; n++) {
    const due = start + (1000 * n) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    answers.push(sinceDue(due, send(n)));
  }
  return Promise.all(answers);
}

/** A timer that fires late is this machine's delay, as a client's waiting would be. */
async function sinceDue(due: number, answer: Promise<Answer>): Promise<Answer> {
  const { isRight } = await answer;
  return { isRight, ms: performance.now() - due };
}

async function speedOfFoldIns(
  ask: Ask,
  viewers: readonly ViewerList[],
  { foldInMs }: Config['gate']['serving'],
): Promise<Speed> {
  const pathOf = (pid: string) => `/v1/users/${pid}/refresh?limit=5`;
  await ask('POST', pathOf(viewers[0]!.pid)); // factors are laid out once
  return rounds(foldInMs, async () => {
    const [answers, controls, cpuMs]: [Answer[], Answer[], number[]] = [[], [], []];
    for (const { pid } of viewers) {
      const cpu = process.cpuUsage();
      answers.push(await ask('POST', pathOf(pid)));
      cpuMs.push(cpuSince(cpu));
      controls.push(await ask('GET', '/healthz'));
    }
    return { answers, controls, cpuMs: p95(cpuMs) };
  });
}

/** Two rounds, and a third where they are on two sides of the limit: then the median is on the side of two. */
async function rounds(limitMs: number, measure: () => Promise<Round>): Promise<Speed> {
  const all: Round[] = [];
  const isShared = watchNeighbours();
  const isSlow = ({ answers }: Round) => p95(answers.map(({ ms }) => ms)) > limitMs;
  while (all.length < 2 || (all.length < ROUNDS && isSlow(all[0]!) !== isSlow(all[1]!)))
    all.push(await measure());
  const middle = (of: (round: Round) => number) => {
    const sorted = all.map(of).sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  };
  const answers = all.flatMap((round) => round.answers);
  return {
    answers: answers.length,
    failed: answers.filter(({ isRight }) => !isRight).length,
    p95Ms: middle((round) => p95(round.answers.map(({ ms }) => ms))),
    controlP95Ms: middle((round) => p95(round.controls.map(({ ms }) => ms))),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    isShared: isShared(),
  };
}

const p95 = (values: readonly number[]): number =>
  values.length === 0 ? 0 : quantile(Float64Array.from(values).sort(), 0.95);

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function timed(port: number, agent: Agent, method: string, path: string): Promise<Answer> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, agent }, (response) => {
      response.on('error', reject);
      response.on('end', () =>
        resolve({ ms: performance.now() - start, isRight: response.statusCode === 200 }),
      );
      response.resume();
    })
      .on('error', reject)
      .end();
  });
}
