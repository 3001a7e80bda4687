import { afterEach } from 'vitest';
import { buildInteractions } from '../../src/activities/interactions.js';
import { openLists } from '../../src/api/serving-store.js';
import { configSchema } from '../../src/contracts/config.js';
import { EVENT_TYPES, type EventType } from '../../src/contracts/events.js';
import { profileSchema } from '../../src/contracts/films.js';
import type { Recommendations } from '../../src/contracts/api.js';
import { isPlay } from '../../src/core/feedback/events.js';
import type { ViewerAct } from '../../src/core/feedback/index.js';
import { below, randomOf } from '../../src/core/random/random.js';
import { client, world as apiWorld } from '../api/world.js';
import {
  type EventRow,
  testFolder,
  testPid,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';
import type { World } from './score-world.js';
import { scored } from './scored-world.js';
import { BUCKETS, filmRow, type InteractionRow, NIGHT, viewerRow } from './score-world-rows.js';

export const T = Date.parse(NIGHT.asOf);
const DAY_MS = 86_400_000;
export const VIEWERS = 24;
/** Filters that these few people meet, too. */
export const CONFIG = {
  lists: { viewersAtOnce: 1, buckets: BUCKETS },
  filters: {
    bots: { quantile: 0.9 },
    brigade: { minVotes: 3, timesMedian: 1, newcomerRatings: 1000, newcomerShare: 0.1 },
  },
};
export const FILMS = Array.from({ length: 20 }, (_, i) =>
  filmRow(`f${String(i).padStart(2, '0')}`, {
    genres: [['Drama', 'Comedy', 'Western'][i % 3]!],
    runtime_min: i === 7 ? null : 80 + i,
    certificates: i % 6 === 5 ? '{"MPA":["R"]}' : '{"MPA":["PG"]}',
  }),
);
export const PEOPLE = Array.from({ length: VIEWERS }, (_, v) =>
  viewerRow(`viewer ${v}`, {
    pid: testPid(v),
    bucket: v % BUCKETS,
    birth_year: v % 5 === 4 ? 2014 : 1980,
    consent: v === 20 ? 0 : 31,
    not_interested: v === 1 ? ['f02'] : [],
    dont_use: v === 2 ? ['f04', 'f05'] : [],
  }),
);

/** What everybody did before T: all kinds of acts, a bot, and a film whose fans all give 10 on one day. */
export function behaviour(): EventRow[] {
  const random = randomOf('refresh', 1);
  const events: EventRow[] = [];
  for (let viewer = 0; viewer < VIEWERS; viewer++) {
    for (const { film_id: film } of FILMS) {
      for (let n = below(random, 3); n > 0; n--) {
        const type: EventType = EVENT_TYPES[below(random, EVENT_TYPES.length)]!;
        if (type === 'scroll') continue;
        const from = below(random, 60) * 60_000;
        events.push({
          viewer,
          film,
          type,
          ts: new Date(T - 1 - below(random, 400 * 24) * 3_600_000).toISOString(),
          ...(type === 'rating' ? { value: 1 + below(random, 10) } : {}),
          // now and then past every runtime, which the extraction refuses
          ...(type === 'play_heartbeat' || type === 'play_end' ? { from_ms: from, to_ms: from + below(random, 120) * 60_000 } : {}), // prettier-ignore
          session_id: `s${below(random, 40)}`,
          position: 1 + below(random, 12),
          dwell_ms: below(random, 4000),
          viewport_pct: below(random, 100),
          ...(viewer === 6 && n === 1 ? { device: 'BOT' } : {}),
        });
      }
    }
    const day = (n: number) => new Date(T - n * DAY_MS - 1).toISOString();
    if (viewer < 6) events.push({ viewer, film: 'f03', type: 'rating', value: 10, ts: day(30) });
    if (viewer === 7)
      for (const { film_id: film } of FILMS)
        events.push({ viewer, film, type: 'detail_open', dwell_ms: 100, ts: day(3) });
  }
  return events;
}

export const actOf = ({ film, type, ts, ...row }: EventRow): ViewerAct => ({
  filmId: film ?? '',
  type,
  at: Date.parse(ts),
  ...(row.value == null ? {} : { value: row.value }),
  ...(row.from_ms === undefined ? {} : { fromMs: row.from_ms }),
  ...(row.to_ms === undefined ? {} : { toMs: row.to_ms }),
  ...(row.session_id === undefined ? {} : { sessionId: row.session_id }),
  ...(row.position === undefined ? {} : { position: row.position }),
  ...(row.dwell_ms === undefined ? {} : { dwellMs: row.dwell_ms }),
  ...(row.viewport_pct === undefined ? {} : { viewportPct: row.viewport_pct }),
  ...(row.device === undefined ? {} : { device: row.device }),
});

const folder = testFolder();
const worlds: World[] = [];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const world of worlds.splice(0)) world.dispose();
});

/** Events as the extraction lets them through: none that plays on far past the end. */
const isExtracted = ({ film, type, to_ms: to = 0 }: EventRow): boolean => {
  const runtime = FILMS.find(({ film_id }) => film_id === film)?.runtime_min ?? Infinity;
  return !isPlay({ type, at: 0 }) || to <= runtime * 60_000 * 1.5 + 600_000;
};

/** The night's own SQL over these events. */
export async function nightOf(events: EventRow[], config = configSchema.parse(CONFIG)) {
  const path = folder.path(`night-${Math.random()}`);
  return warehouse.session(async (session) => {
    await buildInteractions(session, {
      events: {
        eventFiles: [await writeEvents(session, `${path}.events`, events.filter(isExtracted), BUCKETS)],
      },
      asOf: NIGHT.asOf,
      films: [await writeFilms(session, `${path}.films`, FILMS.map((film) => ({ film: film.film_id, runtime: film.runtime_min })))], // prettier-ignore
      viewers: [await writeViewers(session, `${path}.viewers`, PEOPLE.map(({ consent, not_interested, dont_use }, viewer) => ({ viewer, consent, not_interested, dont_use })))], // prettier-ignore
      config,
      outPath: `${path}.parquet`,
    });
    const interactions = await session.rows<InteractionRow>(
      `SELECT * REPLACE (pid::VARCHAR AS pid, last_at::VARCHAR AS last_at) FROM interactions ORDER BY pid, film_id`,
    );
    const brigades = await session.rows<{ film_id: string; event_date: string }>(
      'SELECT film_id, event_date::VARCHAR AS event_date FROM brigades',
    );
    const bots = await session.rows('FROM bot_days');
    const [population] = await session.rowsOf<{ mean_rating_micro: number; busiest_day: number }>(
      'features/population',
    );
    return { interactions, brigades, bots: bots.length, population: population! };
  });
}

/** That night's release on disk, behind the real app; the store has `acts` to give. */
export async function served(
  events = behaviour(),
  { isOld = false, model = 'als' }: { isOld?: boolean; model?: 'als' | 'ease' } = {},
) {
  const { interactions, brigades, population } = await nightOf(events);
  const votes = FILMS.map(({ film_id }, i) => ({ film_id, votes: 10 + i, rating_sum: 7 * (10 + i) }));
  const rows = { films: FILMS, viewers: PEOPLE, interactions, votes };
  const facts = isOld ? {} : { brigades, population };
  const { world, input } = await scored(rows, { config: { ...CONFIG, model }, facts });
  worlds.push(world);
  const { formula } = input;
  const { releaseId } = await world.publish({ ...input, interactions: world.refs.interactions });
  const lists = await world.deps.releases.readFormula((await world.formula.publish(formula)).releaseId);
  const opened = await openLists(world.root, world.deps.releases, releaseId);
  closing.push(() => opened.close());

  const acts = new Map(
    PEOPLE.map(({ pid }, v) => [pid, events.filter(({ viewer }) => viewer === v).map(actOf)]),
  );
  const api = apiWorld({
    lists: opened.served,
    formula: { releaseId: 'formula', night: NIGHT.date, lists },
    now: new Date(T),
    profile: (id) => {
      const person = PEOPLE.find(({ pid }) => pid === id);
      if (person === undefined) return Promise.resolve(null);
      const { market, birth_year: birthYear, consent } = person;
      return Promise.resolve(
        profileSchema.parse({ profileId: id, accountId: 'a', market, birthYear, consent }),
      );
    },
  });
  let asked: (id: string) => Promise<ViewerAct[]> = (id) => Promise.resolve(acts.get(id) ?? []);
  const wishes = new Map(
    PEOPLE.map(({ pid, not_interested, dont_use }) => [
      pid,
      { not_interested: [...not_interested], dont_use: [...dont_use] },
    ]),
  );
  const store = {
    ...api.deps.store,
    acts: (id: string) => asked(id),
    exclusions: (id: string) => {
      const of = (kind: 'not_interested' | 'dont_use') =>
        wishes.get(id)![kind].map((filmId) => ({ filmId, kind, excludedAt: NIGHT.asOf }));
      return Promise.resolve([...of('not_interested'), ...of('dont_use')]);
    },
  };
  const ask = await client({ ...api.deps, config: world.deps.config, store, pidOf: (id) => id });
  return {
    api,
    acts,
    wishes,
    storeIs: (does: typeof asked) => (asked = does),
    get: async (v: number) => {
      const { headers, body } = await ask(`/v1/users/${testPid(v)}/recommendations?limit=50`);
      return { etag: headers['etag'], ...(JSON.parse(body) as Recommendations) };
    },
    refresh: (v: number | string) =>
      ask(`/v1/users/${typeof v === 'number' ? testPid(v) : v}/refresh?limit=50`, { method: 'POST' }),
  };
}
