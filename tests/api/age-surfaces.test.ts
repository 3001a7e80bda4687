import { Agent, request } from 'node:http';
import { expect, it } from 'vitest';
import { encodeList, openList } from '../../src/adapters/releases/list-codec.js';
import type { ServedLists } from '../../src/api/deps.js';
import { readAssets } from '../../src/api/pages/assets.js';
import { type CatalogueFilm, configSchema, type Film } from '../../src/contracts/index.js';
import { createCatalogue } from '../../src/core/ranking/catalogue.js';
import { createListMaker } from '../../src/core/ranking/viewer-list.js';
import type { Interaction } from '../../src/core/ranking/viewer.js';
import { formulaLists } from '../../src/core/weighted-rating/index.js';
import { demoFilms, maxAge, minAge } from '../simulator/demo-world.js';
import { KNOWN_AGES } from '../support/known-ages.js';
import { API_SURFACES, PAGE_SURFACES, type Walker, walk } from '../support/age-surfaces.js';
import { profile, start, tokenOf, world } from './world.js';

const NOW = new Date('2026-03-10T12:00:00Z');
const config = configSchema.parse({ api: { rate: { viewer: { perSecond: 1e6, burst: 1e6 } } } });

/** Children of the demo's kind, by what is known of their age; all of one account with an adult. */
const CHILDREN = [
  profile('mia', { birthYear: 2018, accountId: 'home' }),
  profile('kit', { isKids: true, accountId: 'home' }),
  profile('leo', { birthYear: 2014, accountId: 'home' }),
  profile('sam', { accountId: 'home' }),
];
const walkers = CHILDREN.map((child): Walker => ({
  profileId: child.profileId,
  accountId: 'home',
  market: 'default',
  maxAge: maxAge(child, 2026),
}));

const [mia] = walkers as [Walker, ...Walker[]];

function catalogueFilm({ releaseYear, ...film }: Film, i: number): CatalogueFilm {
  const votes = (i * 37) % 900;
  return { ...film, year: releaseYear, votes, averageRating: 7, weightedRating: 6 + ((i * 13) % 100) / 40 };
}

/** Every child has watched and rated films of all ages: reasons could cite them, and read-backs could name them. */
function historyOf(films: readonly CatalogueFilm[], seed: number): Interaction[] {
  return films.flatMap((_, film) =>
    (film * 7 + seed) % 9 === 0
      ? [{ film, weightMicro: 1_000_000, isSeen: true, isDisliked: false, isHidden: false, kind: film % 5 }]
      : [],
  );
}

async function demo() {
  const known = await demoFilms();
  const films = known
    .map(({ film }, i) => catalogueFilm(film, i))
    .sort((a, b) => (a.filmId < b.filmId ? -1 : 1));
  const lists = formulaLists(films, { m: 100, c: 6.5, votes: 1 }, '2026-03-10T00:00:00Z', config);
  const catalogue = createCatalogue(lists, config.ages);
  const ids = films.map(({ filmId }) => filmId);
  const k = 4;
  const model = {
    filmIds: ids,
    factors: Float32Array.from({ length: ids.length * k }, (_, i) => Math.sin(i * 12.9898) / 2 + 0.2),
    standing: films.map(({ votes }) => ({ positives: votes, trendMicro: votes * 1000 })),
    kind: 'als' as const,
    hyper: { k, alpha0: 0.3, lambda: 0.007, nu: 1 },
  };
  const makeLists = createListMaker(catalogue, model, config);
  const values = new Map(
    walkers.map(({ profileId, ...audience }, seed) => {
      const history = historyOf(films, seed);
      const { servedBy, items } = makeLists([{ ...audience, isPersonal: true, history }])[0]!;
      const list = {
        pid: profileId,
        servedBy,
        ...audience,
        items: items.map(({ film, minAge: from, score, reason }) => {
          const { filmId, title, year } = films[film]!;
          return { filmId, title, year, minAge: from, score, reason };
        }),
        history: history.map(({ film, weightMicro, kind }) => ({
          filmId: ids[film]!,
          weightMicro,
          flags: 1 + 8 * (kind + 1),
        })),
      };
      return [profileId, encodeList(list, (filmId) => ids.indexOf(filmId))];
    }),
  );
  const get = (pid: string) => {
    const value = values.get(pid);
    return value === undefined ? null : openList(value);
  };
  const served: ServedLists = {
    releaseId: 'r1',
    night: '2026-03-09',
    films: ids,
    model: () => Promise.resolve(model),
    get,
    peek: get,
  };
  return { known, films, served, formula: { releaseId: 'f1', night: '2026-03-09', lists } };
}

it('no surface of the API and of the shop shows a child any film above its age, over the whole demo catalogue', async () => {
  const { known, films, served, formula } = await demo();
  const w = world({ now: NOW, lists: served, formula });
  w.profile = (id) => Promise.resolve(CHILDREN.find(({ profileId }) => profileId === id) ?? null);
  const at = '2026-03-01T10:00:00.000Z';
  const acts = films.filter((_, i) => i % 3 === 0).map(({ filmId }) => ({ filmId, at }));
  Object.assign(w.deps, {
    config,
    pidOf: (id: string) => id,
    shop: { assets: readAssets('shop'), signIn: 'simulated' },
  });
  Object.assign(w.deps.store, {
    ratings: () => Promise.resolve(acts.map(({ filmId }) => ({ filmId, value: 9, ratedAt: at }))),
    opinions: () => Promise.resolve({ liked: acts, disliked: [], bookmarked: acts }),
    exclusions: () =>
      Promise.resolve(acts.slice(0, 20).map(({ filmId }) => ({ filmId, kind: 'dont_use', excludedAt: at }))),
    profilesOf: () => Promise.resolve(CHILDREN),
  });
  const { port } = await start(w.deps);
  const agent = new Agent({ keepAlive: true });
  const tokens = new Map<string, string>();
  for (const { profileId } of walkers) tokens.set(profileId, await tokenOf(w, profileId, 'home'));
  const ask = (path: string, { profileId }: Walker) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const token = tokens.get(profileId);
      const headers = path.startsWith('/v1/')
        ? { Authorization: `Bearer ${token}` }
        : { Cookie: `matinee_viewer=${token}`, 'Sec-Fetch-Site': 'same-origin', Accept: 'text/html' };
      request({ port, host: '127.0.0.1', path, agent, headers }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      })
        .on('error', reject)
        .end();
    });
  const ageOf = new Map(known.map(({ film }) => [film.filmId, minAge(film)]));
  // By the product's rule, and by a table of well-known films that no rule of the product has made.
  const mayShow = ({ filmId }: CatalogueFilm, { maxAge: upTo }: Walker) =>
    (ageOf.get(filmId) ?? 18) <= upTo && (KNOWN_AGES.get(filmId) ?? 0) <= upTo;
  try {
    const surfaces = [...API_SURFACES, ...PAGE_SURFACES];
    // One child asks for every film, the others for some: what they may see differs in nothing but the age.
    const found = await walk(ask, surfaces, [mia], films, mayShow);
    expect(found.leaks).toEqual([]);
    expect(found.answers).toBeGreaterThan(3000);
    expect(found.named).toBeGreaterThan(5000);
    const few = surfaces.map((surface) => ({
      ...surface,
      paths: (viewer: Walker) => surface.paths(viewer, films).slice(0, 25),
    }));
    expect((await walk(ask, few, walkers, films, mayShow)).leaks).toEqual([]);
    // The walk sees what it looks for: were no film allowed, each one named would be a leak.
    expect((await walk(ask, API_SURFACES.slice(0, 1), walkers, films, () => false)).leaks.length).toBe(
      (await walk(ask, API_SURFACES.slice(0, 1), walkers, films, () => true)).named,
    );
  } finally {
    agent.destroy();
  }
}, 120_000);
