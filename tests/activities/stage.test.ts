import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { snapshotFiles } from '../../src/activities/snapshot.js';
import { createStageActivities } from '../../src/activities/stage.js';
import { configSchema } from '../../src/contracts/config.js';
import type { Night } from '../../src/contracts/night.js';
import { runActivity, segmentList, warehouseDeps } from '../support/activity.js';
import {
  type EventRow,
  testFolder,
  testPid,
  warehouse,
  writeFilms,
  writeRawEvents,
  writeViewers,
} from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);

const night = (date: string, runId = date): Night => ({
  date,
  asOf: new Date(Date.parse(date) + 86_400_000).toISOString(),
  runId,
  warmStart: true,
  why: 'test',
});
const at = (ts: string, id: number, more: Partial<EventRow> = {}): EventRow => ({
  viewer: (id * 37) % 100,
  film: 'f',
  type: 'detail_open',
  ts,
  id,
  ...more,
});

let homes = 0;
function home(settings: Record<string, unknown> = {}) {
  const deps = warehouseDeps(folder.path(`home${homes++}`), configSchema.parse(settings));
  const segment = async (uri: string, events: EventRow[], withDays = true): Promise<string> => {
    const days: Record<string, number> = {};
    for (const { ts } of events) days[ts.slice(0, 10)] = (days[ts.slice(0, 10)] ?? 0) + 1;
    await deps.artifacts.write(uri, { schema: 'raw/1', inputs: [] }, async (into) =>
      warehouse.session(async (session) => ({
        files: [await writeRawEvents(session, `${into}/events.parquet`, events)],
        facts: withDays ? { days } : {},
      })),
    );
    return uri;
  };
  const extract = async (runId: string) => {
    await warehouse.session(async (session) => {
      for (const [what, write] of [
        ['films', (path: string) => writeFilms(session, path, [{ film: 'f', runtime: 100 }])],
        ['viewers', (path: string) => writeViewers(session, path, [{ viewer: 1 }])],
      ] as const) {
        await deps.artifacts.write(
          `runs/${runId}/extract/${what}`,
          { schema: what, inputs: [] },
          async (into) => {
            await write(`${into}/${what}.parquet`);
            return { files: [{ path: `${what}.parquet`, sha256: 'x', rows: 1, bytes: 1 }] };
          },
        );
      }
    });
  };
  const stage = async (on: Night, segments: string[], options: Parameters<typeof runActivity>[2] = {}) => {
    await extract(on.runId);
    return runActivity(
      createStageActivities(deps).stageEvents,
      { night: on, segments: await segmentList(deps, segments) },
      options,
    );
  };
  const rows = async (snapshot: Awaited<ReturnType<typeof stage>>) => {
    const files = await snapshotFiles(deps.artifacts, snapshot.events);
    return warehouse.session(async (session) => {
      await session.view('events', files);
      return session.rows<{ id: string; ts: string; bucket: number; pid: string; type: string }>(
        'SELECT right(event_id::VARCHAR, 4) AS id, ts::VARCHAR AS ts, bucket, pid::VARCHAR AS pid, type FROM events',
      );
    });
  };
  return { deps, segment, stage, rows };
}

describe('stageEvents', () => {
  test('sorts, deduplicates and buckets; pins days up to the night only', async () => {
    const { segment, stage, rows, deps } = home();
    const raw = await segment('raw/a/day=2026-01-02/1', [
      at('2026-01-01T10:00:00Z', 1),
      at('2026-01-01T09:00:00Z', 2),
      at('2026-01-01T11:00:00Z', 2, { type: 'share' }),
      at('2026-01-02T23:59:59.999Z', 3),
      at('2026-01-03T00:00:00Z', 4),
    ]);
    const snapshot = await stage(night('2026-01-02'), [raw]);
    expect(snapshot).toMatchObject({ days: 2, changedDays: 3, events: { rows: 3 } });
    const staged = await rows(snapshot);
    expect(staged.map(({ id, type }) => `${id} ${type}`)).toEqual([
      '0001 detail_open',
      '0002 detail_open',
      '0003 detail_open',
    ]);
    expect(staged.map(({ bucket }) => bucket)).toEqual([37 % 16, 74 % 16, 11 % 16]);
    expect(staged[0]?.pid).toBe(testPid(37));
    const facts = (await deps.artifacts.read(snapshot.events.uri))?.facts;
    expect(facts).toMatchObject({ firstDay: '2026-01-01', lastDay: '2026-01-02', repeats: 1 });
    expect(await deps.artifacts.list('events/day=2026-01-03')).toHaveLength(1);
  });

  test('a second night rewrites only the day a late event belongs to, and leaves the old version in place', async () => {
    const { segment, stage, rows, deps } = home();
    const first = await segment('raw/a/day=2026-01-02/1', [
      at('2026-01-01T10:00:00Z', 1),
      at('2026-01-02T10:00:00Z', 2),
    ]);
    const one = await stage(night('2026-01-02'), [first]);
    const before = await deps.artifacts.list('events');
    const late = await segment('raw/a/day=2026-01-03/2', [
      at('2026-01-01T12:00:00Z', 3),
      at('2026-01-03T10:00:00Z', 4),
    ]);
    const two = await stage(night('2026-01-03'), [first, late]);
    expect(two).toMatchObject({ days: 3, changedDays: 2 });
    expect((await rows(two)).map(({ id }) => id).sort()).toEqual(['0001', '0002', '0003', '0004']);
    expect((await rows(one)).map(({ id }) => id).sort()).toEqual(['0001', '0002']);
    const after = await deps.artifacts.list('events');
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after).toHaveLength(before.length + 2);
  });

  test('nothing new, nothing written; the same days from other segments have the same hash', async () => {
    const events = [
      at('2026-01-01T10:00:00Z', 1),
      at('2026-01-01T11:00:00Z', 2),
      at('2026-01-02T10:00:00Z', 3),
    ];
    const whole = home();
    const together = await whole.segment('raw/a/day=2026-01-02/1', events);
    const one = await whole.stage(night('2026-01-02'), [together]);
    const again = await whole.stage(night('2026-01-02', 'again'), [together]);
    expect(again).toMatchObject({ changedDays: 0, events: { sha256: one.events.sha256 } });

    const split = home();
    const parts = [
      await split.segment('raw/a/day=2026-01-02/1', events.slice(1)),
      await split.segment('raw/b/day=2026-01-02/1', events.slice(0, 1), false),
    ];
    const other = await split.stage(night('2026-01-02'), parts);
    expect(other.events.sha256).toBe(one.events.sha256);
    const changed = home();
    const shifted = await changed.segment('raw/a/day=2026-01-02/1', [
      ...events,
      at('2026-01-02T11:00:00Z', 4),
    ]);
    expect((await changed.stage(night('2026-01-02'), [shifted])).events.sha256).not.toBe(one.events.sha256);
  });

  test('days outside of the history are neither staged nor pinned', async () => {
    const { segment, stage, deps } = home({ feedback: { historyDays: 2 } });
    const raw = await segment('raw/a/day=2026-01-05/1', [
      at('2026-01-03T23:59:59Z', 1),
      at('2026-01-04T00:00:00Z', 2),
      at('2026-01-05T00:00:00Z', 3),
    ]);
    expect(await stage(night('2026-01-05'), [raw])).toMatchObject({ days: 2, events: { rows: 2 } });
    expect(await deps.artifacts.list('events/day=2026-01-03')).toEqual([]);
  });

  test('an attempt that takes over from a killed one counts its days, and beats', async () => {
    const { segment, stage } = home();
    const raw = await segment('raw/a/day=2026-01-02/1', [
      at('2026-01-01T10:00:00Z', 1),
      at('2026-01-02T10:00:00Z', 2),
    ]);
    const heartbeats: unknown[] = [];
    const snapshot = await stage(night('2026-01-02'), [raw], { heartbeats, resume: { changedDays: 5 } });
    expect(snapshot.changedDays).toBe(7);
    expect(heartbeats.at(-1)).toEqual({ changedDays: 7, missing: 2 });
  });

  test('no events up to the night is a permanent failure that says so', async () => {
    const { segment, stage } = home();
    const raw = await segment('raw/a/day=2026-01-05/1', [at('2026-01-05T10:00:00Z', 1)]);
    await expect(stage(night('2026-01-02'), [raw])).rejects.toMatchObject({
      type: 'NoData',
      nonRetryable: true,
      message: expect.stringContaining('no events from 2024-07-12 to 2026-01-02 in 1 raw segments'),
    });
  });

  test('the index file says each day and its content', async () => {
    const { segment, stage, deps } = home();
    const raw = await segment('raw/a/day=2026-01-01/1', [at('2026-01-01T10:00:00Z', 1)]);
    const { events } = await stage(night('2026-01-01'), [raw]);
    const [file = ''] = await deps.artifacts.files(events);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([
      { day: '2026-01-01', rows: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });
});
