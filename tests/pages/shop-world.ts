import type { ApiStore } from '../../src/api/deps.js';
import { readAssets } from '../../src/api/pages/assets.js';
import type { Card } from '../../src/contracts/index.js';
import type { ViewerEvent } from '../../src/contracts/events.js';
import type { Profile } from '../../src/contracts/films.js';
import {
  type Ask,
  client,
  film,
  formulaOf,
  item,
  personal,
  pidOfId,
  profile,
  type Reply,
  served,
  world,
  type World,
} from '../api/world.js';

export const assets = readAssets('shop');

export const ADA = profile('ada', {
  accountId: 'account-ada',
  name: 'Ada, film noir',
  isDemo: true,
  birthYear: 1980,
});
export const MIA = profile('mia', {
  accountId: 'account-ada',
  name: 'Mia, 7',
  isDemo: true,
  birthYear: 2018,
  isKids: true,
});
/** Whose name tells tales: it opens nothing. */
export const REAL = profile('real', { name: 'A Person (simulated)', birthYear: 1980 });

export interface ShopWorld extends World {
  saved: ViewerEvent[];
  people: Profile[];
  ask: (path: string, ask?: Ask) => Promise<Reply>;
  /** The cookie of somebody who has signed in. */
  cookieOf: (profileId: string) => Promise<string>;
}

/** A shop with films of several ages, personal lists for Ada and Mia, and a store in memory that can be taken down. */
export async function shopWorld(
  start: {
    isDown?: () => boolean;
    films?: ReturnType<typeof film>[];
    card?: (releaseId: string) => Promise<Card | null>;
  } = {},
): Promise<ShopWorld> {
  const { isDown = () => false } = start;
  const films = start.films ?? [
    film('all', 0, { title: 'For All', genres: ['Comedy'], directors: ['Ann Other'] }),
    film('teen', 12, { title: 'For Teens', genres: ['Comedy'] }),
    film('adult', 18, { title: 'For Adults', genres: ['Comedy'], directors: ['Ann Other'] }),
    film('unknown', undefined, { title: 'Never Certified' }),
  ];
  const base = world({
    formula: { releaseId: '2026-05-31-aaaaaaaaaaaa', night: '2026-05-31', lists: formulaOf(films) },
    lists: served('2026-05-31-bbbbbbbbbbbb', [
      personal(pidOfId('ada'), [
        item('adult', 18, {
          title: 'For Adults',
          reason: { kind: 'watched', text: 'Because you watched For Teens', movieIds: ['teen'] },
        }),
        item('all', 0, {
          title: 'For All',
          reason: { kind: 'genre', text: 'Because you like Comedy', movieIds: [] },
        }),
      ]),
      personal(
        pidOfId('mia'),
        // As a release might hold them whose gates failed: the page's own must hold.
        [
          item('adult', 0, { title: 'For Adults' }),
          item('all', 0, {
            title: 'For All',
            reason: { kind: 'watched', text: 'Because you watched For Adults', movieIds: ['adult'] },
          }),
        ],
        { maxAge: 99 },
      ),
    ]),
    profile: (id) => answer(() => self.people.find(({ profileId }) => profileId === id) ?? null),
  });
  const answer = async <T>(make: () => T | Promise<T>): Promise<T> => {
    if (isDown()) throw new Error('connect ECONNREFUSED');
    return make();
  };
  const saved: ViewerEvent[] = [];
  const at = (kind: ViewerEvent['type'], undone: ViewerEvent['type']) => {
    const last = new Map<string, ViewerEvent>();
    for (const event of saved)
      if (event.type === kind || event.type === undone) last.set(event.movieId ?? '', event);
    return [...last.values()]
      .filter(({ type }) => type === kind)
      .map(({ movieId = '', ts }) => ({ filmId: movieId, at: ts }));
  };
  Object.assign(base.deps, { shop: { assets, signIn: 'simulated', card: start.card } });
  const memory = { ...base.deps.store };
  const store: Partial<ApiStore> = {
    saveEvents: (events: ViewerEvent[]) =>
      answer(() => {
        const known = new Set(saved.map(({ eventId }) => eventId));
        const fresh = events.filter(({ eventId }) => !known.has(eventId));
        saved.push(...fresh);
        return { accepted: fresh.length, duplicates: events.length - fresh.length, unknownUsers: [] };
      }),
    acts: (profileId, _since, _most, types) =>
      answer(() =>
        saved
          .filter(({ userId, type }) => userId === profileId && types?.includes(type) !== false)
          .map(({ movieId = '', type, ts }) => ({ filmId: movieId, type, at: Date.parse(ts) })),
      ),
    demoPeople: () => answer(() => self.people.filter(({ isDemo }) => isDemo)),
    ratings: () =>
      answer(() =>
        saved
          .filter(({ type }) => type === 'rating')
          .map(({ movieId = '', value = 0, ts }) => ({ filmId: movieId, value, ratedAt: ts }))
          .reverse(),
      ),
    opinions: () =>
      answer(() => ({
        liked: at('like', 'unlike'),
        disliked: at('dislike', 'undislike'),
        bookmarked: at('bookmark_add', 'bookmark_remove'),
      })),
    exclusions: (profileId) => answer(() => memory.exclusions(profileId)),
    exclude: (...args) => answer(() => memory.exclude(...args)),
    undoExclusion: (...args) => answer(() => memory.undoExclusion(...args)),
    exclusionChanges: (since) => answer(() => memory.exclusionChanges(since)),
  };
  Object.assign(base.deps.store, store);
  const self: ShopWorld = Object.assign(base, {
    saved,
    people: [ADA, MIA, REAL],
    ask: await client(base.deps),
    async cookieOf(profileId: string) {
      const signedIn = await form(self.ask, '/sign-in', { viewer: profileId });
      const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
      return cookie.split(';')[0] ?? '';
    },
  });
  return self;
}

/** A request as a browser navigates. */
export function browse(ask: ShopWorld['ask'], path: string, cookie?: string): Promise<Reply> {
  return ask(path, {
    headers: { Authorization: '', Accept: 'text/html', ...(cookie === undefined ? {} : { Cookie: cookie }) },
  });
}

/** A form as one of our own pages sends it. */
export function form(
  ask: ShopWorld['ask'],
  path: string,
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Promise<Reply> {
  return ask(path, {
    method: 'POST',
    headers: {
      Authorization: '',
      Accept: 'text/html',
      'Content-Type': 'application/x-www-form-urlencoded',
      'Sec-Fetch-Site': 'same-origin',
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });
}
