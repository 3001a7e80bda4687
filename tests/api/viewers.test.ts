import { expect, it } from 'vitest';
import { accountProfilesSchema, bookmarksSchema, ratingsSchema } from '../../src/contracts/api.js';
import { client, down, film, formulaOf, problemOf, profile, world } from './world.js';

const formula = {
  releaseId: 'f1',
  night: '2026-05-31',
  lists: formulaOf([film('kids', 0, { title: 'Bambi' }), film('adult', 18, { title: 'Psycho' })]),
};
const AT = '2026-05-30T10:00:00.000Z';

it('ratings and bookmarks come back with the names of their films, none above the age', async () => {
  const w = world({
    formula,
    profile: (id) => Promise.resolve(profile(id, { birthYear: id === 'mia' ? 2019 : 1980 })),
  });
  w.deps.store.ratings = () =>
    Promise.resolve([
      { filmId: 'adult', value: 9, ratedAt: AT },
      { filmId: 'gone', value: 5, ratedAt: AT },
      { filmId: 'kids', value: 4, ratedAt: AT },
    ]);
  const saved = ['kids', 'adult'].map((filmId) => ({ filmId, at: AT }));
  w.deps.store.opinions = () => Promise.resolve({ liked: [], disliked: [], bookmarked: saved });
  const get = await client(w.deps);
  const ratings = async (path: string) =>
    ratingsSchema
      .strict()
      .parse(JSON.parse((await get(path)).body))
      .items.map(({ title, value }) => [title, value]);
  expect(await ratings('/v1/users/ada/ratings')).toEqual([
    ['Psycho', 9],
    ['Bambi', 4],
  ]);
  expect(await ratings('/v1/users/ada/ratings?limit=1')).toEqual([['Psycho', 9]]);
  expect(await ratings('/v1/users/mia/ratings')).toEqual([['Bambi', 4]]);
  const bookmarks = bookmarksSchema.strict().parse(JSON.parse((await get('/v1/users/mia/bookmarks')).body));
  expect(bookmarks.items).toEqual([{ movieId: 'kids', title: 'Bambi', year: 1950, bookmarkedAt: AT }]);
});

it('an account shows its profiles and what each may see', async () => {
  const w = world({ formula });
  w.deps.store.profilesOf = (accountId) =>
    Promise.resolve(
      accountId === 'home'
        ? [
            profile('ada', { name: 'Ada', birthYear: 1980 }),
            profile('mia', { name: 'Mia', birthYear: 2019, isKids: true }),
          ]
        : null,
    );
  const get = await client(w.deps);
  expect(
    accountProfilesSchema.strict().parse(JSON.parse((await get('/v1/accounts/home/profiles')).body)),
  ).toEqual({
    accountId: 'home',
    profiles: [
      { userId: 'ada', name: 'Ada', market: 'default', isKids: false, maxAge: 45 },
      { userId: 'mia', name: 'Mia', market: 'default', isKids: true, maxAge: 6 },
    ],
  });
  problemOf(await get('/v1/accounts/nobody/profiles'), 404);
});

it('strangers are a 404, a database that is down a 503', async () => {
  const w = world({ formula });
  const get = await client(w.deps);
  const own = ['ratings', 'bookmarks', 'exclusions'].map((what) => `/v1/users/ada/${what}`);
  for (const path of own) problemOf(await get(path), 404);
  w.profile = down;
  Object.assign(w.deps.store, { profilesOf: down });
  for (const path of [...own, '/v1/accounts/home/profiles']) problemOf(await get(path), 503);
  w.profile = (id) => Promise.resolve(profile(id));
  Object.assign(w.deps.store, { ratings: down });
  w.now = new Date(w.now.getTime() + 2000);
  problemOf(await get('/v1/users/ada/ratings'), 503);
});
