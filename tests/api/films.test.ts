import { expect, it } from 'vitest';
import { createAudiences } from '../../src/api/audiences.js';
import { createProfiles } from '../../src/api/profiles.js';
import {
  facetsSchema,
  movieDetailSchema,
  moviePageSchema,
  similarListSchema,
} from '../../src/contracts/api.js';
import { client, config, down, film, formulaOf, NOW, problemOf, profile, tokenOf, world } from './world.js';

const films = [
  film('psycho', 16, { title: 'Psycho', year: 1960, genres: ['Horror'], directors: ['Alfred Hitchcock'] }),
  film('birds', 16, { title: 'The Birds', year: 1963, genres: ['Horror'], directors: ['Alfred Hitchcock'] }),
  film('bambi', 0, { title: 'Bambi', year: 1942, genres: ['Family'] }),
];
const formula = { releaseId: 'f1', night: '2026-05-31', lists: formulaOf(films) };

it('finds films, page by page, and says what is wrong with a question', async () => {
  const get = await client(world({ formula }).deps);
  const first = moviePageSchema.strict().parse(JSON.parse((await get('/v1/movies?limit=1')).body));
  expect([first.total, first.items.map(({ movieId }) => movieId)]).toEqual([3, ['psycho']]);
  const next = await get(`/v1/movies?limit=1&cursor=${first.nextCursor}`);
  expect(moviePageSchema.parse(JSON.parse(next.body)).items[0]).toMatchObject({ movieId: 'birds', rank: 2 });
  for (const path of [
    '/v1/movies?query=hitchcock&decade=1960s',
    '/v1/movies?genre=HORROR',
    '/v1/movies?decade=1960',
  ])
    expect(moviePageSchema.parse(JSON.parse((await get(path)).body)).total, path).toBe(2);
  for (const [path, field] of [
    ['/v1/movies?decade=1965', 'decade'],
    ['/v1/movies?limit=101', 'limit'],
    [`/v1/movies?query=${'x'.repeat(201)}`, 'query'],
    ['/v1/movies?cursor=nonsense', 'cursor'],
    [`/v1/movies?genre=Horror&cursor=${first.nextCursor}`, 'cursor'],
  ] as const) {
    expect(problemOf(await get(path), 400)['errors'], path).toMatchObject([{ field }]);
  }
});

it('shows a film, what is like it, and the facets; an unknown film is a 404', async () => {
  const get = await client(world({ formula }).deps);
  const shown = movieDetailSchema.strict().parse(JSON.parse((await get('/v1/movies/psycho')).body));
  expect(shown).toMatchObject({ movieId: 'psycho', minAge: 16, formula: { v: 100, R: 8, m: 100, C: 6 } });
  const like = similarListSchema.strict().parse(JSON.parse((await get('/v1/movies/psycho/similar')).body));
  expect(like.items.map(({ movieId, why }) => [movieId, why.text])).toEqual([
    ['birds', 'Also directed by Alfred Hitchcock'],
  ]);
  const facets = facetsSchema.strict().parse(JSON.parse((await get('/v1/facets')).body));
  expect(facets.genres).toEqual([
    { genre: 'Horror', count: 2 },
    { genre: 'Family', count: 1 },
  ]);
  problemOf(await get('/v1/movies/nobody'), 404);
  problemOf(await get('/v1/movies/nobody/similar'), 404);
});

it('has nothing to show before the first release', async () => {
  const get = await client(world().deps);
  for (const path of ['/v1/movies', '/v1/movies/psycho', '/v1/movies/psycho/similar', '/v1/facets'])
    problemOf(await get(path), 503);
});

it('a child is told nothing of films above its age, whatever it asks, and no cache mixes it up with others', async () => {
  const w = world({
    formula,
    profile: () => Promise.resolve(profile('mia', { birthYear: NOW.getFullYear() - 8 })),
  });
  const get = await client(w.deps);
  const mia = { headers: { Authorization: `Bearer ${await tokenOf(w, 'mia')}` } };
  const pages = [
    '/v1/movies',
    '/v1/movies?query=psycho',
    '/v1/movies?genre=horror',
    '/v1/movies/bambi/similar',
  ];
  for (const path of [...pages, '/v1/facets']) {
    const reply = await get(path, mia);
    expect([reply.status, reply.headers['cache-control'], reply.headers.vary]).toEqual([
      200,
      'private, max-age=60',
      'Authorization, Cookie',
    ]);
    expect(reply.body).not.toMatch(/psycho|birds|horror/i);
    const adult = await get(path, { headers: { 'If-None-Match': reply.headers.etag ?? '' } });
    expect([adult.status, adult.headers['cache-control']]).toEqual([200, 'public, max-age=60']);
  }
  const refused = problemOf(await get('/v1/movies/psycho', mia), 404);
  const absent = problemOf(await get('/v1/movies/absent', mia), 404);
  expect(String(refused['detail']).replace('psycho', 'absent')).toBe(absent['detail']);
  problemOf(await get('/v1/movies/psycho/similar', mia), 404);
});

it('a profile narrows the page without one, and never widens it; when it is not known, the age is not either', async () => {
  const audienceOf = (birthYear: number | null, audience: number, market = 'KR') => {
    const w = world({ profile: () => Promise.resolve(profile('v', { birthYear, market })) });
    const ages = { ...config.ages, audience };
    return createAudiences(createProfiles(w.deps, 300), ages).of('v');
  };
  expect(await audienceOf(2018, 18)).toEqual({ market: 'KR', maxAge: 7 });
  expect(await audienceOf(1980, 18)).toEqual({ market: 'KR', maxAge: 18 });
  expect(await audienceOf(1980, 12)).toEqual({ market: 'KR', maxAge: 12 });
  for (const lost of [down, () => Promise.resolve(null)]) {
    const profiles = createProfiles(world({ profile: lost }).deps, 300);
    expect(await createAudiences(profiles, config.ages).of('v')).toEqual({ market: 'default', maxAge: 12 });
  }
});
