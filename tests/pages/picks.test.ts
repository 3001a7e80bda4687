import { describe, expect, test } from 'vitest';
import type { MovieListItem } from '../../src/contracts/api.js';
import type { ViewerEvent } from '../../src/contracts/events.js';
import { offered } from '../../src/api/pages/picks.js';
import { encodeList, openList } from '../../src/adapters/releases/list-codec.js';
import { film, formulaOf, personal, pidOfId, profile, served } from '../api/world.js';
import { browse, form, shopWorld } from './shop-world.js';

const NELL = profile('nell', { name: 'Nell, new here', isDemo: true, birthYear: 1990 });
const KID = profile('kid', { name: 'Kid', isDemo: true, birthYear: 2018, isKids: true });
const SHY = profile('shy', { name: 'Shy', isDemo: true, birthYear: 1990, consent: 30 });

async function world(films?: ReturnType<typeof film>[]) {
  const shop = await shopWorld(films === undefined ? {} : { films });
  shop.people = [...shop.people, NELL, KID, SHY];
  const signIn = async (viewer: string, next = '/') => {
    const answer = await form(shop.ask, '/sign-in', { viewer, next });
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    return { to: answer.headers['location'], cookie: cookie.split(';')[0] ?? '' };
  };
  const pick = (cookie: string, films: string[], more: Record<string, string> = {}) =>
    form(
      shop.ask,
      '/picks',
      [...Object.entries(more), ...films.map((id): [string, string] => ['film', id])],
      cookie === '' ? {} : { Cookie: cookie },
    );
  return { shop, signIn, pick };
}

describe('who is sent to the picks', () => {
  test('a viewer of whom nothing is known, and on from there; not one with events, and not one who does not consent', async () => {
    const { shop, signIn, pick } = await world();
    const nell = await signIn('nell', '/film/all');
    expect(nell.to).toBe('/picks?next=%2Ffilm%2Fall');
    expect((await signIn('shy')).to).toBe('/');
    const picked = await pick(nell.cookie, ['all', 'teen'], { next: '/film/all', form: 'f-1' });
    expect([picked.status, picked.headers['location']]).toEqual([303, '/film/all']);
    expect(shop.saved.map(({ type, movieId, surface, userId }) => [type, movieId, surface, userId])).toEqual([
      ['like', 'all', 'picks', 'nell'],
      ['like', 'teen', 'picks', 'nell'],
    ]);
    expect((await signIn('nell')).to).toBe('/');
  });

  test('who has only looked is still new, and who has watched something is not', async () => {
    const { shop, signIn } = await world();
    const act = (type: ViewerEvent['type'], n: number) =>
      shop.saved.push({
        eventId: `00000000-0000-4000-8000-00000000000${n}`,
        userId: 'nell',
        movieId: 'all',
        type,
        ts: '2026-05-31T20:00:00Z',
      });
    for (const [n, type] of (['impression', 'scroll', 'detail_open', 'search_click'] as const).entries())
      act(type, n);
    const { to, cookie } = await signIn('nell');
    expect(to).toBe('/picks?next=%2F');
    expect((await browse(shop.ask, '/picks', cookie)).body).toContain('knows nothing of your taste');
    act('play_heartbeat', 9);
    expect((await signIn('nell')).to).toBe('/');
    expect((await browse(shop.ask, '/picks', cookie)).body).not.toContain('knows nothing of your taste');
  });

  test('nobody while the store does not answer', async () => {
    const shop = await shopWorld();
    shop.people = [...shop.people, NELL];
    shop.deps.store.acts = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const answer = await form(shop.ask, '/sign-in', { viewer: 'nell' });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
  });

  test('a stranger signs in first', async () => {
    const { shop, pick } = await world();
    const to = '/sign-in?next=%2Fpicks%3Fnext%3D%252Ftop';
    expect((await browse(shop.ask, '/picks?next=/top')).headers['location']).toBe(to);
    expect((await pick('', ['all'], { next: '/top' })).headers['location']).toBe(to);
    expect(shop.saved).toEqual([]);
  });
});

describe('the page', () => {
  test('what is popular where the viewer is comes first, age-safe; nothing picked is said; elsewhere is nowhere', async () => {
    const films = [film('top', 0), film('loved', 0), film('adult', 18)];
    const { shop, signIn, pick } = await world(films);
    const lists = formulaOf(films, {
      popular: {
        ageBands: [18, 30],
        cells: [
          { market: 'DEFAULT', band: 1, films: ['top'] },
          { market: 'DEFAULT', band: 2, films: ['adult'] }, // Nell's, though pages know no age above 18
          { market: 'DEFAULT', band: -1, films: ['adult', 'loved'] },
        ],
      },
    });
    shop.formula = { releaseId: '2026-05-31-cccccccccccc', night: '2026-05-31', lists };
    const offeredTo = async (viewer: string) => {
      const { cookie } = await signIn(viewer);
      const { body } = await browse(shop.ask, '/picks?next=//evil.example', cookie);
      expect(body).toContain('<a class="button quiet" href="/">Skip</a>');
      return [...body.matchAll(/name="film" value="(\w+)"/g)].map(([, id]) => id);
    };
    expect(await offeredTo('nell')).toEqual(['adult', 'loved', 'top']);
    expect(await offeredTo('kid')).toEqual(['loved', 'top']);
    const { cookie } = await signIn('kid');
    const empty = await pick(cookie, []);
    expect(empty.status).toBe(422);
    expect(empty.body).toMatch(/<p [^>]*role="alert"[^>]* autofocus>Nothing was picked/);
    expect((await pick(cookie, ['loved', 'adult'])).status).toBe(404);
    expect(shop.saved).toEqual([]);
  });

  test('films that are rated, liked, disliked or not wanted are not offered', async () => {
    const names = ['rated', 'liked', 'disliked', 'unwanted', 'unused', 'saved', 'other', 'seen', 'looked'];
    const { shop, signIn } = await world(names.map((name) => film(name, 0)));
    const { cookie } = await signIn('nell');
    const say = (name: string, fields: Record<string, string>) =>
      form(shop.ask, `/film/${name}/act`, fields, { Cookie: cookie });
    await say('rated', { do: 'rate', value: '9' });
    await say('liked', { do: 'like' });
    await say('disliked', { do: 'dislike' });
    await say('unwanted', { do: 'not_interested' });
    await say('unused', { do: 'dont_use' });
    await say('saved', { do: 'bookmark_add' });
    // Behind the served list: seen before the night, and one that was only looked at.
    const seen = { filmId: 'seen', weightMicro: 1, flags: 1 };
    const looked = { filmId: 'looked', weightMicro: 1, flags: 0 };
    const list = personal(pidOfId('nell'), [], { history: [seen, looked] });
    const value = openList(encodeList(list, (id) => names.indexOf(id)));
    const release = served('2026-05-31-bbbbbbbbbbbb', []);
    shop.lists = { ...release, films: names, get: () => value, peek: () => value };
    const { body } = await browse(shop.ask, '/picks', cookie);
    const ids = [...body.matchAll(/name="film" value="(\w+)"/g)].map(([, id]) => id);
    expect(new Set(ids)).toEqual(new Set(['looked', 'other', 'saved']));
  });

  test('a form that is sent twice is one like a film', async () => {
    const { shop, signIn, pick } = await world();
    const { cookie } = await signIn('nell');
    for (let n = 0; n < 2; n++) await pick(cookie, ['all', 'all'], { form: 'same' });
    expect(shop.saved).toHaveLength(1);
  });

  test('a viewer who skips finds the way back on the house’s choice', async () => {
    const { shop, signIn } = await world();
    const way = '<a href="/picks">Pick three films you love</a>';
    expect((await browse(shop.ask, '/', (await signIn('nell')).cookie)).body).toContain(way);
    expect((await browse(shop.ask, '/', (await signIn('ada')).cookie)).body).not.toContain(way);
    expect((await browse(shop.ask, '/', (await signIn('shy')).cookie)).body).not.toContain(way);
  });
});

test('films of one leading genre make room for others, in the order given', () => {
  const item = (movieId: string, genre: string): MovieListItem => ({
    rank: 1,
    movieId,
    title: movieId,
    year: 1950,
    genres: [genre],
    votes: 1,
    averageRating: 8,
    weightedRating: 8,
  });
  const dramas = Array.from({ length: 30 }, (_, n) => item(`d${n}`, 'Drama'));
  const found = offered([...dramas, item('w', 'Western'), item('c', 'Comedy')]);
  expect(found).toHaveLength(24);
  expect(found.slice(0, 8).map(({ movieId }) => movieId)).toEqual([
    'd0',
    'd1',
    'd2',
    'd3',
    'w',
    'c',
    'd4',
    'd5',
  ]);
});
