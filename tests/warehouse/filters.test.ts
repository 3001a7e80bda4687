import { afterAll, describe, expect, test } from 'vitest';
import { buildInteractions, buildRelevance, prepareFeedback } from '../../src/activities/interactions.js';
import { configSchema } from '../../src/contracts/config.js';
import {
  buildWeightedRating,
  type EventRow,
  testFolder,
  testPid,
  type ViewerRow,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);

const AS_OF = '2026-03-01T00:00:00Z';
const FILMS = ['a', 'b', 'c', 'd', 'e', 'f'].map((film) => ({ film, runtime: film === 'f' ? null : 100 }));
const range = <T>(n: number, of: (i: number) => T) => Array.from({ length: n }, (_, i) => of(i));

let runs = 0;
interface Setup {
  events: EventRow[];
  viewers?: ViewerRow[];
  settings?: Record<string, unknown>;
  asOf?: string;
}
async function prepare(
  session: Parameters<typeof writeEvents>[0],
  { events, viewers, settings, asOf }: Setup,
) {
  const path = folder.path(`run${runs++}`);
  const known = viewers ?? [...new Set(events.map(({ viewer }) => viewer))].map((viewer) => ({ viewer }));
  return {
    events: { eventFiles: [await writeEvents(session, `${path}.events`, events)] },
    asOf: asOf ?? AS_OF,
    films: [await writeFilms(session, `${path}.films`, FILMS)],
    viewers: [await writeViewers(session, `${path}.viewers`, known)],
    config: configSchema.parse(settings ?? {}),
    outPath: `${path}.parquet`,
  };
}
const pairsOf = (setup: Setup) =>
  warehouse.session(async (session) => {
    const input = await prepare(session, setup);
    await buildInteractions(session, input);
    const rows = await session.rows<{ pid: string; film_id: string }>('FROM read_parquet($path)', {
      path: input.outPath,
    });
    return rows.map(({ pid, film_id }) => `${Number.parseInt(pid.slice(0, 4), 16)} ${film_id}`);
  });

const like = (
  viewer: number,
  film: string,
  ts = '2026-02-20T10:00:00Z',
  more: Partial<EventRow> = {},
): EventRow => ({
  viewer,
  film,
  type: 'like',
  ts,
  ...more,
});
const rate = (viewer: number, film: string, value: number, ts = '2026-02-20T10:00:00Z') =>
  like(viewer, film, ts, { type: 'rating', value });

describe('what is left out before weighting (science A.2, H.2)', () => {
  test('viewers who do not allow personalisation, and viewers and films nobody knows', async () => {
    const viewers = [
      { viewer: 1, consent: 1 },
      { viewer: 2, consent: 30 },
      { viewer: 3, consent: 0 },
    ];
    const events = [like(1, 'a'), like(2, 'a'), like(3, 'a'), like(4, 'a'), like(1, 'unknown')];
    expect(await pairsOf({ events, viewers })).toEqual(['1 a']);
  });

  test('films that a viewer does not want used, in every table and for that viewer alone', async () => {
    const viewers = [{ viewer: 1, dont_use: ['a'], not_interested: ['b'] }, { viewer: 2 }];
    const events = [like(1, 'a'), rate(1, 'a', 9), like(1, 'b'), like(2, 'a'), rate(2, 'a', 3)];
    expect(await pairsOf({ events, viewers })).toEqual(['1 b', '2 a']);
    const ratings = await warehouse.session(async (session) => {
      await prepareFeedback(session, await prepare(session, { events, viewers }));
      return session.rows('SELECT film_id, rating::INTEGER AS rating FROM newest_ratings');
    });
    expect(ratings).toEqual([{ film_id: 'a', rating: 3 }]);
  });

  test('events at T or later, and older than the history', async () => {
    const events = [
      like(1, 'a', '2026-02-28T23:59:59.999Z'),
      like(1, 'b', '2026-03-01T00:00:00Z'),
      like(1, 'c', '2026-02-18T00:00:00.001Z'),
      like(1, 'd', '2026-02-17T23:59:59Z'),
    ];
    expect(await pairsOf({ events, settings: { feedback: { historyDays: 10 } } })).toEqual(['1 a', '1 c']);
  });

  test('days of bots: declared by the device, or busier than nearly all with no time to look', async () => {
    const crowd = range(30, (i) => like(i + 10, 'a', '2026-02-19T10:00:00Z', { dwell_ms: 9000 }));
    const hasty = range(50, (i) => like(1, 'b', `2026-02-20T10:00:${10 + i}Z`, { dwell_ms: 100 }));
    const patient = range(50, (i) => like(2, 'b', `2026-02-20T10:00:${10 + i}Z`, { dwell_ms: 5000 }));
    const events = [
      ...crowd,
      ...hasty,
      ...patient,
      like(1, 'c', '2026-02-21T10:00:00Z'),
      like(3, 'd', '2026-02-21T10:00:00Z', { device: 'Crawler' }),
    ];
    const settings = { filters: { bots: { quantile: 0.9 } } };
    const pairs = await pairsOf({ events, settings });
    expect(pairs).toEqual(expect.arrayContaining(['1 c', '2 b']));
    expect(pairs).not.toContain('1 b');
    expect(pairs).not.toContain('3 d');
    expect(pairs).toHaveLength(32);
  });

  test('a busy person whose page posts impressions is no bot: what passed by is not what was dwelt on', async () => {
    const crowd = range(30, (i) => like(i + 10, 'a', '2026-02-19T10:00:00Z', { dwell_ms: 9000 }));
    const at = (i: number) => `2026-02-20T10:00:${10 + i}Z`;
    const passing = range(40, (i) => like(1, 'b', at(i), { type: 'impression', dwell_ms: 1100 }));
    const looked = range(3, (i) => like(1, 'c', at(i), { dwell_ms: 6000 }));
    const settings = { filters: { bots: { quantile: 0.9 } } };
    expect(await pairsOf({ events: [...crowd, ...passing, ...looked], settings })).toContain('1 c');
  });

  test('autoplay of less than two minutes', async () => {
    const play = (viewer: number, surface: string, minutes: number): EventRow =>
      like(viewer, 'f', undefined, { type: 'play_heartbeat', surface, from_ms: 0, to_ms: minutes * 60_000 });
    const events = [play(1, 'autoplay', 1), play(2, 'autoplay', 2), play(3, 'home', 1)];
    const seen = await warehouse.session(async (session) => {
      const input = await prepare(session, { events });
      await buildInteractions(session, input);
      return session.rows('SELECT is_seen FROM read_parquet($p) ORDER BY pid', { p: input.outPath });
    });
    expect(seen).toEqual([{ is_seen: false }, { is_seen: true }, { is_seen: true }]);
  });
});

describe('brigades (science B.4)', () => {
  const fans = (n: number, value: number) => range(n, (i) => rate(100 + i, 'a', value));
  const regulars = ['b', 'c', 'd', 'e', 'f'].map((film) => rate(1, film, 8, '2026-02-01T10:00:00Z'));
  const usual = (perDay: number) =>
    range(28, (d) =>
      range(perDay, (i) =>
        rate(
          1000 + d * 50 + i,
          'a',
          7,
          new Date(Date.parse('2026-01-23T12:00:00Z') + d * 86_400_000).toISOString(),
        ),
      ),
    ).flat();
  const votesOfA = (events: EventRow[]) =>
    warehouse.session(async (session) => {
      const input = await prepare(session, { events, settings: { weightedRating: { minRatedTitles: 1 } } });
      await buildWeightedRating(session, input);
      const [row] = await session.rows<{ votes: number }>(
        "SELECT votes FROM read_parquet($p) WHERE film_id = 'a'",
        {
          p: input.outPath,
        },
      );
      return row?.votes;
    });

  test('a burst of tens by newcomers is held back, of votes and of interactions', async () => {
    expect(await votesOfA([...regulars, ...fans(25, 10)])).toBe(0);
    expect(await pairsOf({ events: [...regulars, ...fans(25, 10)] })).toHaveLength(5);
    expect(await votesOfA([...regulars, ...fans(25, 1)])).toBe(0);
  });

  test('a small burst, a mixed one, one by regulars, or a usual day is not', async () => {
    expect(await votesOfA([...regulars, ...fans(20, 10)])).toBe(20);
    expect(await votesOfA([...regulars, ...fans(25, 10), ...range(10, (i) => rate(200 + i, 'a', 6))])).toBe(
      35,
    );
    const known = range(25, (i) =>
      ['b', 'c', 'd'].map((film) => rate(100 + i, film, 7, '2026-02-01T10:00:00Z')),
    ).flat();
    expect(await votesOfA([...regulars, ...fans(25, 10), ...known])).toBe(25);
    expect(await votesOfA([...usual(5), ...fans(25, 10)])).toBe(28 * 5 + 25);
    expect(await votesOfA([...usual(4), ...fans(25, 10)])).toBe(28 * 4);
  });
});

describe('weighted rating (science B)', () => {
  const rated = (viewer: number, films: string, value: number) =>
    films.split('').map((film) => rate(viewer, film, value));
  const martOf = (events: EventRow[], weightedRating: Record<string, unknown>) =>
    warehouse.session(async (session) => {
      const input = await prepare(session, { events, settings: { weightedRating } });
      const { prior, file } = await buildWeightedRating(session, input);
      const rows = await session.rows<{
        film_id: string;
        votes: number;
        rating_sum: string;
        weighted_rating: number;
      }>('FROM read_parquet($p)', { p: input.outPath });
      return {
        prior,
        sha256: file.sha256,
        films: Object.fromEntries(rows.map(({ film_id, ...row }) => [film_id, row])),
      };
    });

  test('regular voters only: five rated titles, or half of this film watched; one vote, the newest', async () => {
    const events = [
      ...rated(1, 'abcde', 8),
      rate(1, 'a', 4, '2026-02-21T10:00:00Z'),
      rate(2, 'a', 10),
      rate(3, 'b', 10),
      like(3, 'b', undefined, { type: 'play_heartbeat', from_ms: 0, to_ms: 50 * 60_000 }),
    ];
    const { films, prior } = await martOf(events, { mFixed: 2 });
    expect(films['a']).toMatchObject({ votes: 1, rating_sum: '4' });
    expect(films['b']).toMatchObject({ votes: 2, rating_sum: '18' });
    expect(films['f']).toMatchObject({ votes: 0, rating_sum: '0', weighted_rating: prior.c });
    expect(prior).toEqual({ m: 2, c: (4 + 18 + 8 * 3) / 6, votes: 6 });
    expect(films['b']?.weighted_rating).toBeCloseTo((18 + 2 * prior.c) / 4, 12);
  });

  test('the fixture of science C.6: v 500, m 1000, R 9, C 6.5 gives 7.3333', async () => {
    // 500 voters give film a 9s; C = 6.5 comes from 1250 other votes of 5.5.
    const voters = range(500, (i) => [rate(i, 'a', 9), rate(i, 'b', 5), rate(i, 'c', 6)]).flat();
    const more = range(250, (i) => (i % 2 === 0 ? rate(i, 'd', 5) : rate(i, 'd', 6)));
    const { films, prior } = await martOf([...voters, ...more], { mFixed: 1000, minRatedTitles: 3 });
    expect(prior.c).toBe((500 * 9 + 1250 * 5.5) / 1750);
    expect(films['a']?.weighted_rating).toBeCloseTo((500 * 9 + 1000 * 6.5) / 1500, 10);
  });

  test('m is the quantile of votes over films that have one, not below its floor; C by votes or by films', async () => {
    const events = [...rated(1, 'abc', 10), ...rated(2, 'ab', 4), ...rated(3, 'a', 4)];
    const settings = { minRatedTitles: 1, mQuantile: 0.5, mFloor: 1 };
    expect((await martOf(events, settings)).prior).toEqual({ m: 2, c: 42 / 6, votes: 6 });
    expect((await martOf(events, { ...settings, mFloor: 9 })).prior.m).toBe(9);
    const byFilm = await martOf(events, { ...settings, c: 'movies' });
    expect(byFilm.prior.c).toBeCloseTo((6 + 7 + 10) / 3, 6);
  });

  test('no votes at all: every film at the middle of the scale', async () => {
    const { films, prior } = await martOf([like(1, 'a')], {});
    expect(prior).toEqual({ m: 500, c: 5.5, votes: 0 });
    expect(films['a']?.weighted_rating).toBe(5.5);
  });
});

describe('relevance (science C.4)', () => {
  test('first play of half a film, a like, or a rating from 7, of films not seen before the cut', async () => {
    const cut = '2026-02-15T00:00:00Z';
    const play = (film: string, minutes: number, ts: string): EventRow =>
      like(1, film, ts, { type: 'play_heartbeat', from_ms: 0, to_ms: minutes * 60_000 });
    const events = [
      play('a', 90, '2026-02-10T10:00:00Z'),
      like(1, 'c', '2026-02-10T10:00:00Z'),
      play('a', 90, '2026-02-20T10:00:00Z'),
      play('b', 50, '2026-02-20T10:00:00Z'),
      play('c', 49, '2026-02-20T10:00:00Z'),
      rate(1, 'd', 7, '2026-02-20T10:00:00Z'),
      rate(1, 'e', 6, '2026-02-20T10:00:00Z'),
      like(2, 'c', '2026-02-20T10:00:00Z'),
      like(2, 'a', '2026-02-20T10:00:00Z'),
      like(2, 'a', '2026-02-21T10:00:00Z', { type: 'unlike' }),
    ];
    const relevant = await warehouse.session(async (session) => {
      const whole = await prepare(session, { events });
      const { eventFiles } = whole.events;
      await session.view('all_events', eventFiles);
      const train = { ...whole, asOf: cut, outPath: `${whole.outPath}.train` };
      await buildInteractions(session, {
        ...train,
        events: { eventsSql: `FROM all_events WHERE ts < '${cut}'` },
      });
      await buildRelevance(session, {
        ...whole,
        events: { eventsSql: `FROM all_events WHERE ts >= '${cut}'` },
        trainInteractions: [train.outPath],
      });
      return session.rows<{ pid: string; film_id: string }>('SELECT pid, film_id FROM read_parquet($p)', {
        p: whole.outPath,
      });
    });
    expect(relevant).toEqual([
      { pid: testPid(1), film_id: 'b' },
      { pid: testPid(1), film_id: 'd' },
      { pid: testPid(2), film_id: 'c' },
    ]);
  });

  test('a cut of each viewer’s own: the same models over a filtered view', async () => {
    const events = [
      like(1, 'a', '2026-02-01T00:00:00Z'),
      like(1, 'b', '2026-02-20T00:00:00Z'),
      like(2, 'a', '2026-02-20T00:00:00Z'),
      like(2, 'b', '2026-02-25T00:00:00Z'),
    ];
    const pairs = await warehouse.session(async (session) => {
      const input = await prepare(session, { events });
      await session.view('all_events', input.events.eventFiles);
      await session.run(
        'CREATE TEMP TABLE cuts AS SELECT pid, max(ts) AS cut_at FROM all_events GROUP BY pid',
      );
      const eventsSql = 'SELECT e.* FROM all_events AS e JOIN cuts USING (pid) WHERE ts < cut_at';
      await buildInteractions(session, { ...input, events: { eventsSql } });
      return session.rows<{ film_id: string }>('SELECT film_id FROM read_parquet($p)', { p: input.outPath });
    });
    expect(pairs).toEqual([{ film_id: 'a' }, { film_id: 'a' }]);
  });
});
