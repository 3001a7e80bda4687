import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { buildInteractions } from '../../src/activities/interactions.js';
import { type Config, configSchema } from '../../src/contracts/config.js';
import { EVENT_TYPES } from '../../src/contracts/events.js';
import {
  type Interaction,
  interactionOf,
  meanRatingMicro,
  midpointMicro,
  type PairEvent,
} from '../../src/core/feedback/index.js';
import { newestRating } from '../../src/core/feedback/events.js';
import {
  type EventRow,
  type FilmRow,
  testFolder,
  testPid,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);

const AS_OF = '2026-03-01T00:00:00.000Z';
const T = Date.parse(AS_OF);
const config = configSchema.parse({});
const FILMS: FilmRow[] = [
  { film: 'a', runtime: 100 },
  { film: 'b', runtime: 7 },
  { film: 'c', runtime: null },
];

interface Row {
  pid: string;
  film_id: string;
  preference: 0 | 1 | null;
  w_micro: number;
  is_seen: boolean;
  is_disliked: boolean;
  kind: string | null;
  rating: number | null;
  last_at: string;
}

let runs = 0;
async function fromSql(events: EventRow[], options: { threads?: number; rowsPerPass?: number } = {}) {
  const path = folder.path(`run${runs++}`);
  return warehouse.session(
    async (session) => {
      const viewers = [...new Set(events.map(({ viewer }) => viewer))].map((viewer) => ({ viewer }));
      const file = await buildInteractions(session, {
        events: { eventFiles: [await writeEvents(session, `${path}.events`, events)] },
        asOf: AS_OF,
        films: [await writeFilms(session, `${path}.films`, FILMS)],
        viewers: [await writeViewers(session, `${path}.viewers`, viewers)],
        config,
        outPath: `${path}.parquet`,
        ...(options.rowsPerPass === undefined ? {} : { rowsPerPass: options.rowsPerPass }),
      });
      const rows = await session.rows<Row>('SELECT * EXCLUDE (bucket) FROM read_parquet($path)', {
        path: `${path}.parquet`,
      });
      return { sha256: file.sha256, rows };
    },
    { threads: options.threads ?? 2 },
  );
}

/** The twin over a whole table: rows as the SQL gives them. */
function fromTwin(events: EventRow[], settings: Config = config): Row[] {
  const pairs = new Map<string, EventRow[]>();
  for (const event of events) {
    const key = `${testPid(event.viewer)} ${event.film}`;
    pairs.set(key, [...(pairs.get(key) ?? []), event]);
  }
  const ratings = new Map<string, number[]>();
  for (const [key, rows] of pairs) {
    const pid = key.slice(0, 36);
    const rating = newestRating(rows.map(toPairEvent));
    if (rating !== null) ratings.set(pid, [...(ratings.get(pid) ?? []), rating.value]);
  }
  const mean = meanRatingMicro([...ratings.values()].flat());
  const found: Row[] = [];
  for (const [key, rows] of [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [pid = '', film = ''] = key.split(' ');
    const midpoint = midpointMicro(ratings.get(pid) ?? [], mean, settings.feedback.rating.midpointPrior);
    const runtimeMin = FILMS.find((f) => f.film === film)?.runtime ?? null;
    const interaction = interactionOf(rows.map(toPairEvent), { runtimeMin }, midpoint, T, settings);
    if (interaction !== null) found.push(toRow(pid, film, interaction));
  }
  return found;
}

function toPairEvent(row: EventRow): PairEvent {
  return {
    type: row.type,
    at: Date.parse(row.ts),
    ...(row.value == null ? {} : { value: row.value }),
    ...(row.from_ms === undefined ? {} : { fromMs: row.from_ms }),
    ...(row.to_ms === undefined ? {} : { toMs: row.to_ms }),
    ...(row.session_id === undefined ? {} : { sessionId: row.session_id }),
    ...(row.surface === undefined ? {} : { surface: row.surface }),
    ...(row.position === undefined ? {} : { position: row.position }),
    ...(row.dwell_ms === undefined ? {} : { dwellMs: row.dwell_ms }),
    ...(row.viewport_pct === undefined ? {} : { viewportPct: row.viewport_pct }),
  };
}

function toRow(pid: string, film_id: string, i: Interaction): Row {
  return {
    pid,
    film_id,
    preference: i.preference,
    w_micro: i.wMicro,
    is_seen: i.isSeen,
    is_disliked: i.isDisliked,
    kind: i.kind,
    rating: i.rating,
    last_at: new Date(i.lastAt).toISOString().replace('T', ' ').replace(/\.?0*Z$/, ''),
  };
}

/** Times from a small grid, so that ties, gaps at their limit and the ends of the window really come up. */
const when = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map((steps) => T - steps * 10 * 60_000),
  fc.integer({ min: 0, max: 541 }).map((days) => T - days * 86_400_000 - 1000),
  fc.integer({ min: 1, max: 20 }).map((halfDays) => T - halfDays * 43_200_000),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 6 });

const event: fc.Arbitrary<EventRow> = fc
  .record({
    viewer: fc.integer({ min: 1, max: 3 }),
    film: fc.constantFrom('a', 'b', 'c'),
    type: fc.constantFrom(...EVENT_TYPES, 'play_heartbeat', 'play_heartbeat', 'impression', 'impression'),
    at: when,
    value: fc.integer({ min: 1, max: 10 }),
    from: maybe(fc.integer({ min: 0, max: 100 })),
    length: maybe(fc.integer({ min: 0, max: 100 })),
    session_id: maybe(fc.constantFrom('s1', 's2', 's3', 's4', 's5', 's6', 's7')),
    surface: maybe(fc.constantFrom('autoplay', 'home')),
    position: maybe(fc.integer({ min: 0, max: 12 })),
    dwell_ms: maybe(fc.constantFrom(500, 1000, 9000)),
    viewport_pct: maybe(fc.constantFrom(20, 50, 100)),
  })
  .map(({ at, value, from, length, ...rest }) => {
    const row: Record<string, unknown> = { ...rest, ts: new Date(at).toISOString() };
    if (rest.type === 'rating') row['value'] = value;
    if (from !== undefined) row['from_ms'] = from * 60_000;
    if (length !== undefined) row['to_ms'] = ((from ?? 0) + length) * 60_000;
    for (const key of Object.keys(row)) if (row[key] === undefined) delete row[key];
    return row as unknown as EventRow;
  });

describe('interactions in SQL equal their TypeScript twin', () => {
  test('on random behaviour', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 150 }), async (events) => {
        const inWindow = events.filter(({ ts }) => Math.floor((T - Date.parse(ts)) / 86_400_000) <= 540);
        expect((await fromSql(events)).rows).toEqual(fromTwin(inWindow));
      }),
      { numRuns: 40, seed: 7, endOnFailure: true },
    );
  });

  test('one or two threads, one pass or sixteen: the same bytes', async () => {
    const events = fc.sample(fc.array(event, { minLength: 400, maxLength: 400 }), { numRuns: 1, seed: 3 })[0] ?? [];
    const { sha256, rows } = await fromSql(events, { threads: 1 });
    expect(rows.length).toBeGreaterThan(5);
    expect((await fromSql(events, { threads: 2 })).sha256).toBe(sha256);
    expect((await fromSql(events, { threads: 2, rowsPerPass: 25 })).sha256).toBe(sha256);
  });
});
