import { expect, it } from 'vitest';
import { requireAccepted } from '../../src/api/accept.js';
import { client, film, formulaOf, problemOf, world } from './world.js';

it.each([
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['text/html, application/*;q=0.1', true],
  ['text/html;q=0.9, */*;q=0.1', true],
  ['text/html', false],
  ['application/xml, text/*', false],
  ['application/json;q=0, */*', false],
  ['application/*;q=0', false],
  ['*/*;q=0', false],
  [';;,', false],
])('Accept: %s', (accept, isMet) => {
  const ask = () => requireAccepted(accept, 'application/json');
  if (isMet) expect(ask).not.toThrow();
  else expect(ask).toThrow('the answer is application/json');
});

it('what is not accepted is not sent, by any route; a refusal comes as a problem all the same', async () => {
  const lists = formulaOf([film('top', 0), film('new', 0), film('a', 0)]);
  const ask = await client(world({ formula: { releaseId: 'f1', night: '2026-05-31', lists } }).deps);
  const as = (Accept: string, path: string) => ask(path, { headers: { Accept } });
  for (const path of ['/v1/movies/top', '/v1/movies/a', '/healthz', '/openapi.json', '/docs'])
    problemOf(await as('image/png', path), 406);
  problemOf(await as('application/json', '/metrics'), 406);
  expect((await as('text/plain', '/metrics')).status).toBe(200);
  problemOf(await as('text/html', '/v1/movies/nope'), 406);
  problemOf(await as('application/json', '/v1/movies/nope'), 404);
});

it('films that are called like the lists are reached by an encoded letter', async () => {
  const lists = formulaOf([film('top', 0), film('new', 0), film('a', 0)]);
  const ask = await client(world({ formula: { releaseId: 'f1', night: '2026-05-31', lists } }).deps);
  const get = async (path: string): Promise<unknown> => JSON.parse((await ask(path)).body);
  expect(await get('/v1/movies/%74op')).toMatchObject({ movieId: 'top', title: 'Film top' });
  expect(await get('/v1/movies/%6Eew')).toMatchObject({ movieId: 'new' });
  expect(await get('/v1/movies/top/similar')).toMatchObject({ movieId: 'top' });
  expect(await get('/v1/movies/top')).toMatchObject({ items: expect.any(Array) });
});
