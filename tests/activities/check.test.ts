import { afterAll, describe, expect, test } from 'vitest';
import { createCheckActivities, runChecks } from '../../src/activities/check.js';
import type { ActivityDeps, Session } from '../../src/activities/deps.js';
import type { SegmentList } from '../../src/activities/suspect-segments.js';
import { configSchema } from '../../src/contracts/config.js';
import type { CheckResult } from '../../src/contracts/night.js';
import { runActivity, segmentList, warehouseDeps } from '../support/activity.js';
import {
  type EventRow,
  testFolder,
  testPid,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);

const NIGHT = '2026-03-29';
const night = (runId: string) => ({
  date: NIGHT,
  asOf: '2026-03-30T00:00:00.000Z',
  runId,
  warmStart: true,
  why: 'test',
});

/** A month of a hundred events a day, all in order. */
const month = (): EventRow[] =>
  Array.from({ length: 29 * 100 }, (_, i) => ({
    viewer: i % 10,
    film: `f${i % 7}`,
    type: 'rating' as const,
    value: 1 + (i % 10),
    ts: new Date(Date.parse('2026-03-01T12:00:00Z') + Math.floor(i / 100) * 86_400_000 + i).toISOString(),
    id: i + 1,
  }));
/** The same month with something done to the first `share` of the night's events. */
const monthWith = (share: number, spoil: (event: EventRow) => EventRow): EventRow[] =>
  month().map((event, i) => (event.ts.startsWith(NIGHT) && i % 100 < share * 100 ? spoil(event) : event));

let homes = 0;
async function snapshotOf(deps: ActivityDeps, events: EventRow[], repeats: number) {
  return warehouse.session(async (session) => {
    const write = async (
      uri: string,
      name: string,
      write: (path: string) => Promise<string>,
      inputs: string[] = [],
    ) => {
      const facts = uri.startsWith('runs/r/stage')
        ? { firstDay: '2026-03-01', lastDay: NIGHT, days: 29, changedDays: 29, repeats }
        : {};
      const refs = inputs.map((input) => ({
        uri: input,
        sha256: 'x',
        rows: 0,
        bytes: 0,
        schema: 'events/1',
      }));
      return deps.artifacts.write(uri, { schema: 'test/1', inputs: refs }, async (into) => {
        await write(`${into}/${name}`);
        return { files: [{ path: name, sha256: 'x', rows: 0, bytes: 0 }], facts };
      });
    };
    const films = Array.from({ length: 7 }, (_, i) => ({ film: `f${i}`, runtime: 100 }));
    const viewers = Array.from({ length: 10 }, (_, i) => ({ viewer: i }));
    const day = 'events/day=2026-03-01/v=x';
    await write(day, 'events.parquet', (path) => writeEvents(session, path, events));
    return {
      events: await write(
        'runs/r/stage/events',
        'days.json',
        (path) => writeFilms(session, path, []).catch(() => path),
        [day],
      ),
      films: await write('runs/r/extract/films', 'films.parquet', (path) => writeFilms(session, path, films)),
      viewers: await write('runs/r/extract/viewers', 'viewers.parquet', (path) =>
        writeViewers(session, path, viewers),
      ),
      days: 29,
      changedDays: 29,
    };
  });
}

async function check(
  events: EventRow[],
  options: {
    extracted?: number;
    quarantined?: number;
    live?: boolean;
    repeats?: number;
    settings?: object;
    suspects?: SegmentList['suspects'];
  } = {},
): Promise<CheckResult & { reasons?: string[] }> {
  const { extracted = 100, quarantined = 0, live = false, repeats = 0, settings = {}, suspects } = options;
  const deps = warehouseDeps(folder.path(`home${homes++}`), configSchema.parse(settings));
  const snapshot = await snapshotOf(deps, events, repeats);
  return runActivity(createCheckActivities(deps).checkSnapshot, {
    night: night('r'),
    snapshot,
    segments: await segmentList(deps, [], suspects),
    extract: { extracted, quarantined, live },
  });
}

describe('checkSnapshot', () => {
  test('a month in order passes without a word', async () => {
    expect(await check(month())).toMatchObject({ kind: 'pass', warnings: [] });
  });

  test('a poisoned night passes with warnings: 1 % refused, 1 % about unknown films, a new column', async () => {
    const events = monthWith(0.01, (event) => ({ ...event, film: 'nobody-knows', extra: '{"mood":"blue"}' }));
    expect(await check(events, { extracted: 99, quarantined: 1 })).toMatchObject({
      kind: 'pass',
      warnings: [
        'rows refused at extraction: expected none, no training above 5.00 %, observed 1.00 % (1 of 100)',
        'column mood of source test: expected only columns that the schema or the mapping knows, observed 1 rows of the night have it, kept but not used',
        'events about unknown films on the night: expected at most 0.50 %, no training above 5.00 %, observed 1.00 % (1 of 100)',
      ],
    });
  });

  test('a segment that waits for a decision is named with what to do, from its first day on', async () => {
    const suspect = { segment: 'shop/day=2026-03-20/abc', rows: 400, refused: 600, firstDay: '2026-03-19' };
    expect(
      await check(month(), { suspects: [suspect, { ...suspect, firstDay: '2026-03-30' }] }),
    ).toMatchObject({
      kind: 'pass',
      warnings: [
        'raw segment shop/day=2026-03-20/abc: expected at most 5.00 % refused, or a decision: matinee quarantine accept or discard, ' +
          'or replay after a fix, observed 60.00 % refused (600 of 1000), nothing of it is learnt from',
      ],
    });
  });

  test('half of the rows refused blocks', async () => {
    const result = await check(month(), { extracted: 50, quarantined: 50 });
    expect(result.kind).toBe('block');
    expect(result.reasons).toEqual([
      'rows refused at extraction: expected none, no training above 5.00 %, observed 50.00 % (50 of 100)',
    ]);
  });

  test('half of the night about unknown films, or by unknown viewers, blocks', async () => {
    const films = await check(monthWith(0.5, (event) => ({ ...event, film: 'nobody-knows' })));
    expect(films.reasons).toEqual([
      'events about unknown films on the night: expected at most 0.50 %, no training above 5.00 %, observed 50.00 % (50 of 100)',
    ]);
    const viewers = await check(monthWith(0.5, (event) => ({ ...event, viewer: 77 })));
    expect(viewers.reasons?.[0]).toContain('events of unknown viewers on the night');
  });

  test("a client's clock that was not believed is no column unknown to us", async () => {
    const events = monthWith(0.01, (event) => ({ ...event, extra: '{"tsClient":"2001-01-01T00:00:00Z"}' }));
    expect(await check(events)).toMatchObject({ kind: 'pass', warnings: [] });
  });

  test('values and columns that the schema forbids block', async () => {
    const zero = await check(monthWith(0.01, (event) => ({ ...event, value: 0 })));
    expect(zero.reasons).toEqual([
      'events.value of ratings: expected a whole number 1..10, observed 1 rows that are not',
    ]);
    const backwards: Partial<EventRow> = { type: 'play_heartbeat', from_ms: 9, to_ms: 3 };
    expect((await check(monthWith(0.01, (event) => ({ ...event, ...backwards })))).reasons?.[0]).toContain(
      'from_ms',
    );
    const odd = await check(monthWith(0.01, (event) => ({ ...event, type: 'sneeze' as 'like' })));
    expect(odd.reasons?.[0]).toContain('events.type');
    const empty = month().map((event, i) => (i % 50 === 0 ? { ...event, value: null } : event));
    expect((await check(empty)).reasons).toEqual([
      'events.value of ratings: expected filled in at least 99.00 % of rows, observed 98.00 % of 2900 rows',
    ]);
  });

  test('an empty day warns and does not block, whatever the limits; a thin one does as configured', async () => {
    const settings = { checks: { volumeBlock: 0.5 } };
    const empty = await check(
      month().filter(({ ts }) => !ts.startsWith(NIGHT)),
      { settings },
    );
    expect(empty).toMatchObject({
      kind: 'pass',
      warnings: [
        `events of ${NIGHT}: expected at least 60.00 % of the 100 usual on this weekday, observed none`,
      ],
    });
    const thin = (keep: number) => month().filter(({ ts }, i) => !ts.startsWith(NIGHT) || i % 100 < keep);
    expect(await check(thin(60), { settings })).toMatchObject({ kind: 'pass', warnings: [] });
    expect((await check(thin(55), { settings })).warnings).toHaveLength(1);
    expect((await check(thin(49), { settings })).kind).toBe('block');
    expect((await check(thin(49))).kind).toBe('pass');
  });

  test('old data warns only when the source is live', async () => {
    const old = month().filter(({ ts }) => ts < '2026-03-28T22');
    expect((await check(old, { live: true })).warnings.join('\n')).toMatch(
      /newest event: expected at most 26 hours/,
    );
    expect((await check(old)).warnings.join('\n')).not.toMatch(/newest event/);
  });

  test('repeated events warn, within a day and across days', async () => {
    expect((await check(month(), { repeats: 30 })).warnings[0]).toContain('30 repeats within a day');
    const twice = month().map((event) =>
      event.id === 2900 || event.id === 2899 || event.id === 2898 ? { ...event, id: 1 } : event,
    );
    expect((await check(twice)).warnings[0]).toContain('3 event ids on several days');
  });

  test('a retry gives the first attempt’s answer', async () => {
    const deps = warehouseDeps(folder.path('retry'));
    const input = {
      night: night('r'),
      snapshot: await snapshotOf(deps, month(), 0),
      segments: await segmentList(deps, []),
    };
    const first = await runActivity(createCheckActivities(deps).checkSnapshot, {
      ...input,
      extract: { extracted: 1, quarantined: 1 },
    });
    const second = await runActivity(createCheckActivities(deps).checkSnapshot, {
      ...input,
      extract: { extracted: 1, quarantined: 0 },
    });
    expect(second).toEqual(first);
    expect(first.kind).toBe('block');
  });
});

describe('key checks fail on bad rows', () => {
  const pids = { a: testPid(1), b: testPid(2) };
  const pairs = (rows: string) => `SELECT * FROM (VALUES ${rows}) AS t(pid, film_id)`;
  test.each([
    ['films', "SELECT unnest(['a', 'b']) AS film_id", "SELECT unnest(['a', 'a']) AS film_id"],
    ['feat_film', "SELECT unnest(['a', 'b']) AS film_id", "SELECT unnest(['a', NULL]) AS film_id"],
    ['mart_weighted_rating', "SELECT unnest(['a', 'b']) AS film_id", "SELECT unnest(['b', 'b']) AS film_id"],
    [
      'mart_popularity',
      "SELECT 'DE' AS market, unnest([-1, 1]) AS band, 'a' AS film_id",
      "SELECT '' AS market, unnest([-1, -1]) AS band, 'a' AS film_id",
    ],
    ['viewers', `SELECT '${pids.a}'::UUID AS pid`, 'SELECT NULL::UUID AS pid'],
    ['feat_viewer', `SELECT '${pids.a}'::UUID AS pid`, `SELECT '${pids.a}'::UUID AS pid FROM range(2)`],
    [
      'interactions',
      pairs(`('${pids.a}', 'a'), ('${pids.a}', 'b'), ('${pids.b}', 'a')`),
      pairs(`('${pids.a}', 'a'), ('${pids.a}', 'a'), ('${pids.b}', 'a')`),
    ],
  ])('unique_%s', async (table, good, bad) => {
    const linesOver = (select: string) =>
      warehouse.session(async (session: Session) => {
        await session.run(`CREATE TEMP VIEW ${table} AS ${select}`);
        return runChecks(session, [`unique_${table}`]);
      });
    expect(await linesOver(good)).toEqual([]);
    expect(await linesOver(bad)).toMatchObject([
      { severity: 'block', expected: 'one row per key, no key missing' },
    ]);
  });
});
