import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { buildInteractions } from '../../src/activities/interactions.js';
import { type Config, configSchema } from '../../src/contracts/config.js';
import { eventSchema } from '../../src/contracts/events.js';
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
      const rows = await session.rows<Row>(
        'SELECT * EXCLUDE (bucket) FROM read_parquet($path) ORDER BY pid, film_id',
        {
          path: `${path}.parquet`,
        },
      );
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
    last_at: new Date(i.lastAt)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.?0*Z$/, ''),
  };
}

/** Times from a small grid, so that ties, gaps at their limit and the ends of the window really come up. */
const HOUR = 3_600_000;
const recent = fc.integer({ min: 1, max: 8 }).map((steps) => T - steps * 12 * HOUR);
const anytime = fc.oneof(
  recent,
  fc.integer({ min: 0, max: 541 }).map((days) => T - days * 24 * HOUR - 1000),
  fc.integer({ min: 1, max: 60 }).map((steps) => T - steps * 10 * 60_000),
);
type Act = Omit<EventRow, 'viewer' | 'film' | 'ts'> & { at: number };

const opinion: fc.Arbitrary<Act> = fc.record({
  type: fc.constantFrom('like', 'unlike', 'dislike', 'undislike', 'bookmark_add', 'bookmark_remove'),
  at: fc.oneof(recent, anytime),
  surface: fc.constantFrom('home', 'picks'),
});
const rating: fc.Arbitrary<Act> = fc.record({
  type: fc.constant('rating'),
  at: fc.oneof(recent, anytime),
  value: fc.integer({ min: 1, max: 10 }),
});
const unrating: fc.Arbitrary<Act> = fc.record({
  type: fc.constant('unrate'),
  at: fc.oneof(recent, anytime),
});
const mention: fc.Arbitrary<Act> = fc.record({
  type: fc.constantFrom('share', 'detail_open', 'trailer_play', 'search_click', 'scroll'),
  at: anytime,
});
/** A sitting: heartbeats over a film position range, whole or with a hole, sometimes begun by autoplay. */
const sitting: fc.Arbitrary<Act[]> = fc
  .record({
    at: fc.oneof(anytime, recent),
    from: fc.constantFrom(0, 0, 5, 40),
    minutes: fc.constantFrom(0, 1, 2, 9, 10, 14, 15, 34, 50, 89, 90, 95, 120),
    surface: fc.constantFrom('home', 'home', 'autoplay'),
    parts: fc.integer({ min: 1, max: 3 }),
    gap: fc.constantFrom(0, 29, 30, 31, 60),
  })
  .map(({ at, from, minutes, surface, parts, gap }) =>
    Array.from({ length: parts }, (_, i) => ({
      type: 'play_heartbeat' as const,
      at: at - (parts - 1 - i) * (minutes + gap) * 60_000,
      from_ms: (from + i * minutes) * 60_000,
      to_ms: (from + (i + 1) * minutes) * 60_000,
      surface,
    })),
  );
const odd: fc.Arbitrary<Act> = fc.record({
  type: fc.constantFrom('play_start', 'play_end', 'play_heartbeat'),
  at: anytime,
  from_ms: fc.constantFrom(0, 600_000),
});
/** A film scrolled past in several sessions, in some of which it was opened. */
const scrolledPast: fc.Arbitrary<Act[]> = fc
  .array(
    fc.record({
      at: anytime,
      position: fc.integer({ min: 0, max: 9 }),
      dwell_ms: fc.constantFrom(999, 1000, 1000, 5000),
      viewport_pct: fc.constantFrom(49, 50, 100, 100),
      isOpened: fc.constantFrom(false, false, false, false, true),
      isNamed: fc.boolean(),
    }),
    { minLength: 3, maxLength: 9 },
  )
  .map((sessions) =>
    sessions.flatMap(({ isOpened, isNamed, at, ...impression }, i): Act[] => {
      const session = isNamed ? { session_id: `s${i}` } : {};
      const shown: Act = { type: 'impression', at, ...impression, ...session };
      return isOpened ? [shown, { type: 'detail_open', at: at + 1, ...session }] : [shown];
    }),
  );
const alone = (act: fc.Arbitrary<Act>, max: number) => fc.array(act, { minLength: 1, maxLength: max });
const sittings = fc.array(sitting, { minLength: 1, maxLength: 4 }).map((acts) => acts.flat());

/** What happened between one viewer and one film: one or two kinds of it. */
const story = fc
  .array(
    fc.oneof(
      alone(opinion, 5),
      alone(fc.oneof(rating, rating, unrating), 4),
      alone(mention, 5),
      sittings,
      sittings,
      alone(odd, 3),
      scrolledPast,
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((acts) => acts.flat());

/** Many pairs at once: a session costs more than its rows. */
const behaviour = fc
  .array(fc.record({ film: fc.constantFrom('a', 'a', 'b', 'c'), acts: story }), {
    minLength: 60,
    maxLength: 60,
  })
  .map((stories) =>
    stories.flatMap(({ film, acts }, i) =>
      acts
        .filter(({ at }) => at < T)
        .map(({ at, ...act }): EventRow => ({
          viewer: Math.floor(i / 2) + 1,
          film,
          ts: new Date(at).toISOString(),
          ...act,
        })),
    ),
  );

/** Outcomes that the random behaviour reached: a property over nothing proves nothing. */
const met = new Set<string>();

describe('interactions in SQL equal their TypeScript twin', () => {
  test('on random behaviour', async () => {
    await fc.assert(
      fc.asyncProperty(behaviour, async (events) => {
        const inWindow = events.filter(({ ts }) => Math.floor((T - Date.parse(ts)) / 86_400_000) <= 540);
        const expected = fromTwin(inWindow);
        for (const { kind, preference } of expected) met.add(`${kind} ${preference}`);
        expect((await fromSql(events)).rows).toEqual(expected);
      }),
      { numRuns: 12, seed: 7, endOnFailure: true },
    );
    for (const outcome of ['rated 1', 'liked 1', 'watched 1', 'saved 1', 'shared 1', 'null 0', 'null null']) {
      expect(met).toContain(outcome);
    }
  });

  test('a position counts as the contract says: 1 is the first, 0 is 1, and lower down weighs less', async () => {
    expect(eventSchema.shape.position.description).toBe(
      'place in its list: 1 is the first, and 0 counts as 1',
    );
    // Viewer n was shown the film at place n.
    const events = [0, 1, 2, 7].flatMap((position) =>
      Array.from({ length: 8 }, (_, day) => ({
        viewer: position,
        film: 'a',
        type: 'impression' as const,
        ts: new Date(T - (day + 1) * 24 * HOUR).toISOString(),
        session_id: `s${day}`,
        position,
        dwell_ms: 5000,
        viewport_pct: 100,
      })),
    );
    const { rows } = await fromSql(events);
    const weight = (viewer: number) => rows.find(({ pid }) => pid === testPid(viewer))?.w_micro ?? NaN;
    expect(weight(0)).toBe(weight(1));
    expect(weight(1)).toBeGreaterThan(weight(2));
    expect(weight(2)).toBeGreaterThan(weight(7));
    expect(rows).toEqual(fromTwin(events));
  });

  test('one or two threads, one pass or sixteen: the same bytes', async () => {
    const events = fc.sample(behaviour, { numRuns: 1, seed: 3 })[0] ?? [];
    const { sha256, rows } = await fromSql(events, { threads: 1 });
    expect(rows.length).toBeGreaterThan(5);
    expect((await fromSql(events, { threads: 2 })).sha256).toBe(sha256);
    expect((await fromSql(events, { threads: 2, rowsPerPass: 25 })).sha256).toBe(sha256);
  });
});
