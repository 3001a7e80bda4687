// The scenarios of bench/disasters.js. Each gets a home, made as `from` says, and tells what came of it.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { lutimesSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { movedToYesterday, writeConfig } from './bad-data.js';
import { decided, halfBad, poisoned } from './quarantine-scenarios.js';
import {
  atWork,
  dayAfter,
  matinee,
  movesOf,
  nightIn,
  nightReleases,
  overlapAt,
  pidIn,
  readLists,
  runNight,
  servedBy,
  servedRelease,
  withApi,
  withStack,
} from './stack.js';

const DAY_MS = 86_400_000;

export const SCENARIOS = [
  { name: 'two nights in a row, the second day empty', run: twoNights },
  { name: 'the same night again', run: sameNight },
  { name: 'one thread, then two', from: 'imported', run: threads },
  { name: 'backfill of seven days, again with --publish', from: 'imported', run: backfill },
  { name: 'a file with 1 % bad rows and a new column', run: poisoned },
  { name: 'a file with half its rows bad', run: halfBad },
  { name: 'half its rows bad, then accepted', run: (at) => decided(at, 'accept') },
  { name: 'half its rows bad, then discarded', run: (at) => decided(at, 'discard') },
  { name: 'disk full in stage', from: 'imported', run: (at) => diskFull(at, 'stageEvents') },
  { name: 'disk full in train', from: 'imported', run: (at) => diskFull(at, 'trainCandidate') },
  { name: 'disk full in publish', from: 'imported', run: (at) => diskFull(at, 'publishRelease') },
  { name: 'a night cancelled in train', from: 'imported', run: cancelled },
  { name: 'events posted, then the next night', from: 'empty', run: posted },
  { name: 'Postgres, Temporal and the worker stopped', run: serversStopped },
];

async function twoNights({ home, first }) {
  const next = await nightIn(home, { date: dayAfter(first.date, 1) });
  const [before, after] = [await readLists(home, first.releaseId), await readLists(home, next.releaseId)];
  const overlap = overlapAt(10, before, after);
  return {
    ok: next.kind === 'released' && movesOf(home) === 2 && overlap > 0.8 && next.notes.length > 0,
    outcome: next.kind,
    release: next.releaseId,
    served: servedRelease(home),
    said: `${next.notes.join('; ')}; warm start; overlap@10 with the night before ${overlap.toFixed(3)}`,
  };
}

async function sameNight({ home, first }) {
  const again = await nightIn(home, { date: first.date });
  return {
    ok:
      again.contentSha256 === first.contentSha256 && movesOf(home) === 1 && nightReleases(home).length === 1,
    outcome: again.kind,
    release: again.releaseId,
    served: servedRelease(home),
    said: `content ${short(again)} as the first time; channel ${again.channel}, ${movesOf(home)} move`,
  };
}

async function threads({ home, first }) {
  const results = [];
  for (const n of [1, 2]) {
    const config = writeConfig(home, `ials: { threads: ${n} }\nwarehouse: { threads: ${n} }\n`);
    results.push(await nightIn(home, { date: first.date }, { MATINEE_CONFIG: config }));
  }
  return {
    ok: results.every((result) => result.contentSha256 === first.contentSha256),
    outcome: 'released twice',
    release: nightReleases(home).join(' '),
    served: servedRelease(home),
    said: `content ${results.map(short).join(' and ')}; undisturbed ${short(first)}`,
  };
}

async function backfill({ home, first }) {
  const days = ['--from', dayAfter(first.date, -6), '--to', first.date, '--json'];
  const once = matinee(home, 'backfill', ...days);
  const movesOfFirst = movesOf(home);
  const again = matinee(home, 'backfill', ...days, '--publish');
  const ids = ({ done }) => done.map(({ releaseId }) => releaseId).join(' ');
  const isSame = ids(once) === ids(again);
  return {
    ok: once.done.every((d) => d.kind === 'released') && movesOfFirst === 0 && movesOf(home) === 1 && isSame,
    outcome: `${once.done.length} nights ${[...new Set(once.done.map(({ kind }) => kind))].join(', ')}`,
    release: `${nightReleases(home).length} releases`,
    served: servedRelease(home),
    said: `${movesOfFirst} channel moves without --publish, ${movesOf(home)} with; the second run gave ${isSame ? 'the same' : 'OTHER'} releases`,
  };
}

/** The warehouse on a small disk of its own, which fills up as soon as the activity is at work; then it is freed. */
async function diskFull({ home, first }, activity) {
  const disk = join(home, 'warehouse');
  if (process.getuid?.() !== 0) return skipped('needs root, to mount a small disk');
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'tmpfs', disk], { encoding: 'utf8' });
  if (mount.status !== 0) return skipped(`no disk could be mounted: ${mount.stderr.trim()}`);
  const env = { WAREHOUSE_URL: pathToFileURL(disk).href };
  const ballast = join(disk, 'ballast');
  try {
    return await withStack(
      home,
      async (running) => {
        const nights = await running.nights();
        const handle = await nights.startNight({}, 'full');
        const hit = await atWork(handle, activity);
        spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k']);
        const failed = await outcomeOf(handle);
        const isClean = nightReleases(home).length === 0 && movesOf(home) === 0 && leftovers(disk) === 0;
        spawnSync('rm', [ballast]);
        const next = await runNight(nights, {});
        return {
          ok: hit && failed.type === 'DiskFull' && isClean && next.contentSha256 === first.contentSha256,
          outcome: `${failed.kind} ${failed.type ?? ''}`,
          release: isClean ? 'none' : 'SOMETHING LEFT',
          served: `${servedRelease(home)}, by the next night`,
          said: failed.said.replaceAll(home, '<home>'),
        };
      },
      env,
    );
  } finally {
    spawnSync('umount', [disk]);
  }
}

async function cancelled({ home, first }) {
  return withStack(home, async (running) => {
    const nights = await running.nights();
    const handle = await nights.startNight({}, 'cancelled');
    await atWork(handle, 'trainCandidate');
    await handle.cancel();
    const ended = await outcomeOf(handle);
    const isClean = nightReleases(home).length === 0 && movesOf(home) === 0;
    const before = leftovers(join(home, 'warehouse'));
    // Leftovers of a night that nobody came back for go when they are a day old.
    age(join(home, 'warehouse', 'runs'), 2 * DAY_MS);
    const next = await runNight(nights, {});
    const after = leftovers(join(home, 'warehouse'));
    return {
      ok: ended.kind === 'cancelled' && isClean && after === 0 && next.contentSha256 === first.contentSha256,
      outcome: ended.kind,
      release: isClean ? 'none' : 'PUBLISHED',
      served: `${servedRelease(home)}, by the next night`,
      said: `${ended.said}; ${before} leftovers, ${after} after the next night, a day later`,
    };
  });
}

/** The service's clock dates what it is sent, so the data are moved to end yesterday. */
async function posted({ home, folder }) {
  matinee(home, 'import', 'movielens', movedToYesterday(home, folder));
  return withStack(home, async (running) => {
    const nights = await running.nights();
    const before = await runNight(nights, {});
    const pid = await pidIn(home, '1');
    const old = (await readLists(home, before.releaseId)).get(pid).slice(0, 10);
    const rated = old.slice(0, 5);
    const { status, body } = await withApi(home, running.store, ({ post }) =>
      post(
        rated.map((movieId) => ({
          eventId: randomUUID(),
          userId: '1',
          movieId,
          type: 'rating',
          value: 10,
          ts: new Date().toISOString(),
        })),
      ),
    );
    const after = await runNight(nights, { date: new Date().toISOString().slice(0, 10) });
    const list = (await readLists(home, servedRelease(home))).get(pid);
    const kept = old.filter((film) => list.slice(0, 10).includes(film)).length;
    return {
      ok:
        status === 202 &&
        body.accepted === 5 &&
        after.kind === 'released' &&
        !rated.some((f) => list.includes(f)),
      outcome: after.kind,
      release: after.releaseId ?? '',
      served: servedRelease(home),
      said: `${status}, ${body.accepted} ratings accepted; the five films left the viewer's list, ${kept} of its first ten stayed`,
    };
  });
}

async function serversStopped({ home, first, folder }) {
  const store = await withStack(home, async (running) => running.store);
  return withApi(home, store, async ({ ask, list, post }) => {
    const viewers = readFileSync(join(folder, 'u.user'), 'latin1')
      .trim()
      .split('\n')
      .map((line) => line.split('|')[0]);
    const answers = [];
    for (const viewer of viewers) answers.push(await list(viewer, 10));
    const [top, health] = [await ask('/v1/movies/top'), await ask('/healthz')];
    const event = {
      eventId: randomUUID(),
      userId: '1',
      movieId: '1',
      type: 'like',
      ts: new Date().toISOString(),
    };
    const refused = await post([event]);
    const retry = refused.headers.get('retry-after');
    const counts = servedBy(answers.map(({ body }) => body));
    return {
      ok:
        [...answers, top, health].every(({ status }) => status === 200) &&
        counts.personal > 0 &&
        refused.status === 503 &&
        retry !== null,
      outcome: 'served',
      release: first.releaseId,
      served: answers[0].body.release,
      said: `${answers.length} viewers answered (${JSON.stringify(counts)}), top ${top.status}, health ${health.status}; events ${refused.status}, Retry-After ${retry}`,
    };
  });
}

const skipped = (why) => ({ ok: true, outcome: 'skipped', release: '', served: '', said: why });
const short = ({ contentSha256 }) => contentSha256?.slice(0, 12);

async function outcomeOf(handle) {
  try {
    return { kind: 'released', said: JSON.stringify(await handle.result()) };
  } catch (error) {
    let cause = error;
    while (cause.cause instanceof Error) cause = cause.cause;
    const { status } = await handle.describe();
    return { kind: status.name.toLowerCase(), type: cause.type, said: cause.message };
  }
}

/** `.tmp-` files and folders. */
function leftovers(folder) {
  return readdirSync(folder, { recursive: true }).filter((path) => /\.tmp-[^/]*$/.test(path)).length;
}

/** Makes everything below look older. */
function age(folder, ms) {
  const then = new Date(Date.now() - ms);
  for (const path of readdirSync(folder, { recursive: true })) lutimesSync(join(folder, path), then, then);
}
