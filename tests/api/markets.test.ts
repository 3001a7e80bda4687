import { expect, it } from 'vitest';
import type { CatalogueFilm } from '../../src/contracts/release.js';
import { recommendationsSchema } from '../../src/contracts/api.js';
import { client, film, formulaOf, item, NOW, personal, pidOfId, profile, served, world } from './world.js';

const formulaRelease = (films: CatalogueFilm[]) => ({
  releaseId: 'f1',
  night: '2026-05-31',
  lists: formulaOf(films),
});
const idsOf = (body: string) => recommendationsSchema.parse(JSON.parse(body)).items.map((i) => i.movieId);
const path = (id: string) => `/v1/users/${id}/recommendations`;

it('a viewer who has changed markets is sent the formula of the new one, by its rights and ages, and no old page', async () => {
  const w = world({
    lists: served('r1', [personal(pidOfId('anna'), [item('1', 0)])]),
    formula: formulaRelease([
      film('f', 0),
      film('at home', 0, { markets: ['default'] }),
      film('bbfc', 0, { certificates: { FSK: ['0'], BBFC: ['18'] } }),
    ]),
    profile: () => Promise.resolve(profile('anna', { birthYear: 2009 })),
  });
  const get = await client(w.deps);
  const settled = async () => {
    await get(path('anna')); // starts the look-up
    await new Promise((resolve) => setTimeout(resolve, 30));
    return get(path('anna'));
  };
  const before = await settled();
  expect(JSON.parse(before.body)).toMatchObject({ servedBy: 'personal' });
  expect(before.headers['etag']).toBe('"r1-16-true-default"');
  w.profile = () => Promise.resolve(profile('anna', { birthYear: 2009, market: 'GB' }));
  w.now = new Date(NOW.getTime() + 61_000);
  const after = await settled();
  expect(JSON.parse(after.body)).toMatchObject({ servedBy: 'formula', release: 'f1' });
  expect(JSON.parse(after.body)).toMatchObject({ why: expect.stringMatching(/changed markets/) });
  expect(idsOf(after.body)).toEqual(['f']);
  const etag = before.headers['etag'] ?? '';
  expect((await get(path('anna'), { headers: { 'If-None-Match': etag } })).status).toBe(200);
  const now = after.headers['etag'] ?? '';
  expect((await get(path('anna'), { headers: { 'If-None-Match': now } })).status).toBe(304);
});
