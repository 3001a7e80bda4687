import { Agent, createServer, get, type RequestListener, type Server } from 'node:http';
import type { Rehearsal, ReleaseStore, ViewerList } from '../activities/deps.js';
import type { Config } from '../contracts/config.js';
import { recommendationsSchema, type Recommendations } from '../contracts/api.js';
import { absentStore } from './absent-store.js';
import { createApp } from './app.js';
import type { ApiDeps } from './deps.js';
import { LONGEST_LIST } from './list-body.js';
import { openLists } from './serving-store.js';
import { measureSpeed, servingOf, storeOf } from './serving-speed.js';

/** Requests under way at once. */
const PARALLEL = 8;
/** Failures reported; one is enough to stop a release. */
const MOST_FAILURES = 20;

/**
 * Serves a release that no channel points at yet, by the real app on a loopback port of its own, and compares every
 * field that leaves with what was to be stored. Lists are asked for by pid, as the operational ids are not known here.
 * The operational store is absent and so is the formula, so that nothing but the release can answer.
 */
export function createRehearsal(
  warehouse: string,
  releases: ReleaseStore,
  { config, clock }: { config: ApiDeps['config'] & Pick<Config, 'gate'>; clock: ApiDeps['clock'] },
): Rehearsal {
  const serve = <T>(
    serving: ApiDeps['serving'],
    store: ApiDeps['store'],
    work: (server: { port: number; agent: Agent }) => Promise<T>,
  ): Promise<T> =>
    withServer(
      createApp({
        config,
        auth: 'open',
        clock,
        serving,
        store,
        pidOf: (pid) => pid,
        log: { write: () => {} },
      }),
      work,
    );
  return {
    async rehearse(releaseId, sample) {
      const opened = await openLists(warehouse, releases, releaseId);
      try {
        const serving = { lists: () => opened.served, formula: () => null };
        return await serve(serving, absentStore, async ({ port, agent }) => {
          const failures = await checkAll(sample, (list) => checkOne(list, releaseId, port, agent));
          return { checked: sample.length, failures: failures.slice(0, MOST_FAILURES) };
        });
      } finally {
        await opened.close();
      }
    },
    measure: (preview, work) =>
      serve(servingOf(preview, work), storeOf(work.sample, clock.now().getTime()), (server) =>
        measureSpeed(server, work, preview.model !== null && preview.behaviour !== null, config.gate.serving),
      ),
  };
}

async function withServer<T>(
  app: RequestListener,
  work: (server: { port: number; agent: Agent }) => Promise<T>,
): Promise<T> {
  const server = createServer(app);
  const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL });
  try {
    return await work({ port: await listen(server), agent });
  } finally {
    agent.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function checkAll(
  sample: readonly ViewerList[],
  check: (list: ViewerList) => Promise<string[]>,
): Promise<string[]> {
  const failures: string[] = [];
  const waiting = [...sample].reverse();
  const lane = async () => {
    for (let list = waiting.pop(); list !== undefined; list = waiting.pop())
      failures.push(...(await check(list)));
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return failures.sort();
}

async function checkOne(list: ViewerList, release: string, port: number, agent: Agent): Promise<string[]> {
  const path = `/v1/users/${list.pid}/recommendations?limit=${LONGEST_LIST}`;
  const { status, body } = await fetchText(port, path, agent);
  if (status !== 200) return [`${list.pid}: answered ${status}, expected 200: ${body.slice(0, 200)}`];
  let seen: unknown;
  try {
    seen = JSON.parse(body);
  } catch {
    return [`${list.pid}: the body is not JSON: ${body.slice(0, 200)}`];
  }
  const shape = recommendationsSchema.strict().safeParse(seen);
  if (!shape.success) return shape.error.issues.map((i) => `${list.pid}: ${i.path.join('.')} ${i.message}`);
  return differences(expectedBody(list, release), seen).map((difference) => `${list.pid}: ${difference}`);
}

/** The body that a stored list must come out as. */
export function expectedBody(list: ViewerList, release: string): Recommendations {
  const { pid, servedBy, why, items } = list;
  return {
    userId: pid,
    release,
    servedBy,
    ...(why === undefined ? {} : { why }),
    items: items.slice(0, LONGEST_LIST).map(({ filmId, title, year, score, reason }, i) => ({
      rank: i + 1,
      movieId: filmId,
      title,
      year,
      score,
      reason,
    })),
  };
}

/** Field by field, named by path. */
export function differences(expected: unknown, seen: unknown, path = ''): string[] {
  if (Object.is(expected, seen)) return [];
  if (!isRecord(expected) || !isRecord(seen)) {
    return [`${path || 'body'} is ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`];
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(seen)]);
  return [...keys].flatMap((key) =>
    differences(expected[key], seen[key], path === '' ? key : `${path}.${key}`),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'));
      else resolve(address.port);
    });
  });
}

function fetchText(port: number, path: string, agent: Agent): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    }).on('error', reject);
  });
}
