import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectNights, type Nights } from '../../src/cli/night-client.js';
import { loadSettings } from '../../src/config.js';
import { type Recommendations, recommendationsSchema } from '../../src/contracts/api.js';
import type { NightResult } from '../../src/contracts/night.js';
import { type Services, startServices } from '../../src/embedded/services.js';
import { nightlyId } from '../../src/workflows/ids.js';
import { type Deployment, startDeployment } from './deployment.js';
import { type Taste, type TwoTastes, writeTwoTastes } from './two-tastes.js';

/**
 * A user's whole way with the built product: docker-compose.yml's commands as plain processes (a worker per role, the API)
 * on a real Postgres and a real Temporal, a folder in MovieLens's layout, nights, lists, events, and the next night.
 * The tests tell one story, in order.
 */
const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'matinee-night-'));
const home = join(folder, 'volume');
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;

let servers: Services;
let deployment: Deployment;
let nights: Nights;
let audience: TwoTastes;
let authorization: { Authorization: string };

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.js']); // nothing to do after npm run build
  audience = writeTwoTastes(join(folder, 'ml'), today);
  const configFile = join(folder, 'matinee.config.yaml');
  writeFileSync(
    configFile,
    `evaluate: { minViewers: 30 }
eligibility: { minItemUsers: 10 }
weightedRating: { mFloor: 5 }
ials: { k: 8 }
lists: { buckets: 4 }
schedule: { enabled: false }
`,
  );
  mkdirSync(home);
  const serversHome = join(folder, 'servers');
  const own = { ...process.env, MATINEE_HOME: serversHome, DATABASE_URL: '', TEMPORAL_ADDRESS: '' };
  servers = await startServices(loadSettings(own), { report: () => {} });
  const { databaseUrl, temporalAddress } = servers;
  deployment = await startDeployment({ databaseUrl, temporalAddress, home, configFile });
  nights = await connectNights(temporalAddress);
  const made = await deployment.run('keys', 'create', '--scope', 'storefront', '--scope', 'ingest', '--json');
  const { key } = z.object({ key: z.string() }).parse(JSON.parse(made.out));
  authorization = { Authorization: `Bearer ${key}` };
});

afterAll(async () => {
  await nights?.close().catch(() => undefined);
  await deployment?.kill(...deployment.processes.keys());
  await servers?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As `temporal workflow start --type nightly --task-queue matinee --input '{"date":…}'`: the deployment's workers run it. */
async function nightOf(date: string): Promise<Extract<NightResult, { kind: 'released' }>> {
  const handle = await nights.startNight({ date }, date);
  const result = (await handle.result()) as NightResult;
  if (result.kind !== 'released') throw new Error(`night ${date}: ${JSON.stringify(result)}`);
  return result;
}

/** Which of the deployment's processes did these activities, by the identity (pid@host) in the night's history. */
async function workersOf(date: string, activities: string[]): Promise<(string | undefined)[]> {
  const { events } = await nights.client.workflow.getHandle(nightlyId(date)).fetchHistory();
  return activities.map((name) => {
    const scheduled = events?.find(
      ({ activityTaskScheduledEventAttributes: at }) => at?.activityType?.name === name,
    );
    const started = events?.find(
      ({ activityTaskStartedEventAttributes: at }) =>
        at?.scheduledEventId?.toString() === scheduled?.eventId?.toString(),
    );
    const pid = Number(started?.activityTaskStartedEventAttributes?.identity?.split('@')[0]);
    return [...deployment.processes].find(([, child]) => child.pid === pid)?.[0];
  });
}

const like = (userId: string) => ({
  eventId: randomUUID(),
  userId,
  movieId: '1',
  type: 'like',
  ts: new Date().toISOString(),
});
const post = (events: object[]) =>
  fetch(`${deployment.api}/v1/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization },
    body: JSON.stringify({ events }),
  });

/** Hides one film of the list, and takes what the viewer did with a cited one out of everything; returns both. */
async function exclude(
  viewer: string,
  { items }: Recommendations,
): Promise<{ hidden: string; unused: string }> {
  const hidden = items[1]?.movieId ?? '';
  const unused = items.flatMap(({ reason }) => reason.movieIds)[0] ?? '';
  const say = (movieId: string, kind: string) =>
    fetch(`${deployment.api}/v1/users/${viewer}/exclusions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...authorization },
      body: JSON.stringify({ movieId, kind }),
    });
  expect((await say(hidden, 'not_interested')).status).toBe(201);
  expect((await say(unused, 'dont_use')).status).toBe(201);
  return { hidden, unused };
}

async function listOf(viewer: string, release?: string): Promise<Recommendations> {
  const url = `${deployment.api}/v1/users/${viewer}/recommendations?limit=50`;
  const read = async () =>
    recommendationsSchema.parse(await (await fetch(url, { headers: authorization })).json());
  // The API looks for a moved channel once in a while.
  if (release !== undefined)
    await expect.poll(async () => (await read()).release, { timeout: 10_000 }).toBe(release);
  return read();
}

const channelMoves = () => readdirSync(join(home, 'warehouse', 'channels', 'default')).length;
const adults = (taste: Taste) => audience.viewers.filter((v) => v.taste === taste && v.age >= 18);
const top10 = ({ items }: Recommendations) => items.slice(0, 10).map(({ movieId }) => movieId);
const tastesOf = (films: string[]) => films.map((film) => audience.films.get(film)?.taste);

describe('a deployment', () => {
  const first = dayOf(today - DAY_MS);
  let firstRelease: string;

  test('is ready before anything was imported: its workers made the tables and the schedules', async () => {
    await expect.poll(async () => (await post([like('nobody')])).status, { timeout: 30_000 }).toBe(202);
    const schedules = async () => {
      const ids: string[] = [];
      for await (const { scheduleId } of nights.client.schedule.list()) ids.push(scheduleId);
      return ids.sort();
    };
    await expect.poll(schedules, { timeout: 30_000 }).toEqual(['formula', 'nightly']);
  });

  test('imports a folder and runs the first night, each stage on the worker of its role', async () => {
    const imported = await deployment.run(
      'import',
      'movielens',
      audience.folder,
      '--certificates',
      audience.certificates,
    );
    expect(imported.err).not.toContain('Error');
    expect(imported.out).toContain('80 films, 150 viewers');
    expect(imported.code).toBe(0);

    const result = await nightOf(first);
    expect(result).toMatchObject({
      verdict: { kind: 'promote' },
      provisional: true,
      channel: 'flipped',
      counts: { viewers: 150, personal: 150, films: 80 },
    });
    firstRelease = result.releaseId;
    expect(channelMoves()).toBe(1);
    expect(await workersOf(first, ['planNight', 'buildFeatures', 'trainCandidate', 'scoreBucket'])).toEqual([
      'worker-control',
      'worker-warehouse',
      'worker-training',
      'worker-scoring',
    ]);
  });

  test('answers every viewer, by their own taste, with reasons from their own history', async () => {
    await listOf('1', firstRelease);
    const lists = new Map<string, Recommendations>();
    for (const { id } of audience.viewers) lists.set(id, await listOf(id));
    for (const { id, rated } of audience.viewers) {
      const list = lists.get(id);
      expect(list).toMatchObject({ userId: id, servedBy: 'personal', release: firstRelease });
      expect(list?.items.length).toBeGreaterThan(0);
      for (const { movieId, reason } of list?.items ?? []) {
        expect(rated, `${movieId} was rated by ${id}`).not.toContain(movieId);
        for (const cited of reason.movieIds) expect(rated).toContain(cited);
      }
    }
    expect(
      [...lists.values()].flatMap(({ items }) => items.flatMap((i) => i.reason.movieIds)).length,
    ).toBeGreaterThan(150);

    // Opposite tastes get different lists: whoever likes noir gets noir first, and nobody gets the list of all.
    for (const taste of ['noir', 'musical'] as const) {
      const firsts = adults(taste).flatMap(({ id }) => tastesOf(top10(lists.get(id)!)));
      expect(firsts.filter((other) => other === taste).length / firsts.length).toBeGreaterThan(0.9);
    }
    const overlaps = adults('noir').flatMap((a) =>
      adults('musical').map((b) => {
        const other = new Set(top10(lists.get(b.id)!));
        return top10(lists.get(a.id)!).filter((film) => other.has(film)).length / 10;
      }),
    );
    expect(overlaps.reduce((sum, o) => sum + o, 0) / overlaps.length).toBeLessThan(0.2);
    expect(new Set([...lists.values()].map((list) => top10(list).join())).size).toBeGreaterThan(100);
  });

  test('shows the 11-year-olds films that carry a G, and adults the others too', async () => {
    const minors = audience.viewers.filter(({ age }) => age < 18);
    expect(minors).toHaveLength(21);
    const shown = new Set<string | null | undefined>();
    for (const { id } of minors) {
      for (const { movieId } of (await listOf(id)).items) shown.add(audience.films.get(movieId)?.certificate);
    }
    expect([...shown]).toEqual(['G']);
    const seenByAdults = new Set<string | null | undefined>();
    for (const { id } of adults('noir')) {
      for (const { movieId } of (await listOf(id)).items)
        seenByAdults.add(audience.films.get(movieId)?.certificate);
    }
    expect(seenByAdults).toEqual(new Set(['G', 'PG-13', 'R', null]));
  });

  test('what a viewer does today changes the list of the next night, and of a night run twice nothing', async () => {
    const [viewer] = adults('noir');
    if (viewer === undefined) throw new Error('no adult');
    const before = await listOf(viewer.id);
    const disliked = before.items[0]?.movieId ?? '';
    const musicals = [...audience.films]
      .filter(([id, f]) => f.taste === 'musical' && !viewer.rated.has(id))
      .slice(0, 20);
    const now = Date.now();
    const event = (movieId: string, type: string, more: object = {}, at = now) => ({
      eventId: randomUUID(),
      userId: viewer.id,
      movieId,
      type,
      ts: new Date(at).toISOString(),
      ...more,
    });
    const events = [
      event(disliked, 'dislike'),
      ...musicals.flatMap(([film]) => [
        event(film, 'play_heartbeat', { fromSec: 0, toSec: 5400, sessionId: 'evening' }, now - 1000),
        event(film, 'rating', { value: 10 }),
      ]),
    ];
    const receipt = await post(events);
    expect([receipt.status, await receipt.json()]).toEqual([
      202,
      { accepted: events.length, duplicates: 0, rejected: [] },
    ]);

    // Disliked: gone from the next request on. Excluded: too, and nothing is cited that shall count for nothing.
    const { hidden, unused } = await exclude(viewer.id, before);
    const citedBy = ({ items }: Recommendations) => items.flatMap(({ reason }) => reason.movieIds);
    expect(citedBy(before)).toContain(unused);
    const atOnce = await listOf(viewer.id);
    expect(atOnce.release).toBe(before.release);

    const second = await nightOf(dayOf(now));
    expect(second.channel).toBe('flipped');
    const after = await listOf(viewer.id, second.releaseId);
    for (const list of [atOnce, after]) {
      const shown = list.items.map(({ movieId }) => movieId);
      for (const gone of [disliked, hidden, unused]) expect(shown).not.toContain(gone);
      expect(citedBy(list)).not.toContain(unused);
    }
    expect(top10(after)).not.toEqual(top10(before));
    expect(tastesOf(top10(before))).not.toContain('musical');
    expect(tastesOf(top10(after))).toContain('musical');
    expect(channelMoves()).toBe(2);

    const again = await nightOf(dayOf(now));
    expect(again).toMatchObject({
      releaseId: second.releaseId,
      contentSha256: second.contentSha256,
      channel: 'already',
    });
    const runs = readdirSync(join(home, 'warehouse', 'runs')).filter((run) => run.startsWith(dayOf(now)));
    expect(runs).toHaveLength(2); // it was computed again, not found
    expect(channelMoves()).toBe(2);
  });

  test('every container’s own health check passes', async () => {
    for (const name of ['api', 'worker-control']) {
      const { code, out, err } = await deployment.healthcheck(name);
      expect([code, err], out).toEqual([0, '']);
    }
  });

  test('serves its lists with everything else dead; events are put off', async () => {
    const [list, page] = [await listOf('1'), `${deployment.api}/v1/movies`];
    await deployment.kill('worker-control', 'worker-warehouse', 'worker-training', 'worker-scoring');
    await nights.close();
    await servers.stop();

    expect(await listOf('1')).toEqual(list);
    for (const name of ['top', 'new'])
      expect((await fetch(`${page}/${name}`, { headers: authorization })).status).toBe(200);
    const refused = await post([like('1')]);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    const unhealthy = await deployment.healthcheck('worker-control');
    expect(unhealthy.code).toBe(1);
  });
});
