import { expect, test } from 'vitest';
import { browse, form, shopWorld } from './shop-world.js';

test('what nobody has is a page to a browser and a problem to everybody else', async () => {
  const { ask } = await shopWorld();
  const page = await browse(ask, '/nowhere');
  expect([page.status, page.body.includes('Not on the programme')]).toEqual([404, true]);
  const problem = await ask('/nowhere');
  expect([problem.status, problem.headers['content-type']]).toEqual([404, 'application/problem+json']);
  const api = await ask('/v1/nowhere', { headers: { Accept: 'text/html' } });
  expect(api.headers['content-type']).toBe('application/problem+json');
  expect((await browse(ask, '/film/none')).status).toBe(404);
  expect((await browse(ask, '/search?q=all&more=forged')).status).toBe(400);
});

test('whatever is accepted, a fault has its own status, and none is a bug in the log', async () => {
  const shop = await shopWorld();
  const statuses = async (paths: string[], accept: string) => {
    const headers = { Authorization: '', Accept: accept };
    const replies = await Promise.all(paths.map((path) => shop.ask(path, { headers })));
    return replies.map(({ status }, i) => `${paths[i]} ${status}`);
  };
  const films = ['/film/nope', '/film/nope/play', '/film/%ff', '/mine', '/for-you', '/search?more=x'];
  for (const accept of ['*/*', 'text/html', 'application/json']) {
    const expected =
      accept === 'application/json' ? [406, 406, 400, 406, 406, 406] : [404, 404, 400, 303, 303, 400];
    expect(await statuses(films, accept)).toEqual(expected.map((status, i) => `${films[i]} ${status}`));
    const nobody = await form(shop.ask, '/sign-in', { viewer: 'nobody' }, { Accept: accept });
    expect(nobody.status).toBe(404);
    const unknown = await form(shop.ask, '/film/nope/act', { do: 'like' }, { Accept: accept });
    expect([303, 401]).toContain(unknown.status);
  }
  shop.formula = null;
  const pages = ['/', '/top', '/browse', '/search', '/about', '/film/all', '/film/all/play'];
  for (const accept of ['*/*', 'text/html'])
    expect(await statuses(pages, accept)).toEqual(pages.map((path) => `${path} 503`));
  expect(shop.log.filter((line) => line.includes('"err"'))).toEqual([]);
});

test('a viewer’s own page, asked for by nobody, is the sign-in’s next', async () => {
  const { ask, cookieOf } = await shopWorld();
  for (const path of ['/mine', '/for-you']) {
    const { status, headers } = await browse(ask, path);
    expect([status, headers['location']]).toEqual([303, `/sign-in?next=${encodeURIComponent(path)}`]);
    expect((await browse(ask, `/sign-in?next=${encodeURIComponent(path)}`)).body).toContain(
      `value="${path}"`,
    );
    const back = await form(ask, '/sign-in', { viewer: 'ada', next: path });
    expect([back.status, back.headers['location']]).toEqual([303, path]);
    expect((await browse(ask, path, await cookieOf('ada'))).status).toBe(200);
  }
});

test('before the first release it says what to do', async () => {
  const shop = await shopWorld();
  shop.formula = null;
  const page = await browse(shop.ask, '/');
  expect([page.status, page.headers['retry-after']]).toEqual([503, '10']);
  expect(page.body).toContain('matinee nightly --wait');
});
