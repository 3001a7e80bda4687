import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFeeds } from '../../src/adapters/catalogue/feeds.js';
import { type CatalogueSource, catalogueSourceSchema } from '../../src/contracts/index.js';
import { brokenOff, type FeedServer, json, startFeedServer, status, tagged } from '../support/feed-server.js';

let server: FeedServer;
let folder: string;
/** Waits that were asked for, in ms; time moves by them alone. */
let waits: number[];
let now: number;

beforeEach(async () => {
  server = await startFeedServer();
  folder = mkdtempSync(join(tmpdir(), 'matinee-feeds-'));
  waits = [];
  now = Date.parse('2026-03-10T12:00:00Z');
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const source = (more: Partial<CatalogueSource> & Record<string, unknown> = {}) =>
  catalogueSourceSchema.parse({
    name: 'facts',
    kind: 'catalogue',
    url: server.url('/films'),
    licence: 'test data',
    attempts: 3,
    ...more,
  });

const feeds = (keys: Record<string, string> = {}) =>
  createFeeds(folder, keys, {
    fetch,
    now: () => new Date(now),
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      if (ms > 0) waits.push(ms);
      now += ms;
    },
    random: () => 1,
  });

async function read(from = source(), reading = 'run-1', keys: Record<string, string> = {}) {
  const found: { ids: unknown[]; from: string; unknown: string[] }[] = [];
  for await (const page of feeds(keys).pages(from, { reading, signal: new AbortController().signal })) {
    const ids = page.rows.map(({ ours }) => ours['film_id']);
    found.push({ ids, from: page.from, unknown: page.unknownColumns });
  }
  return found;
}
const film = (film_id: string, more = {}) => ({ film_id, ...more });
const idsOf = (pages: { ids: unknown[] }[]) => pages.flatMap(({ ids }) => ids);

describe('pages', () => {
  test('are followed by the body’s next, absolute or relative, and by the Link header', async () => {
    server.on('/films', json({ films: [film('a')], next: '/films?page=2' }));
    server.on('/films?page=2', json({ films: [film('b')], next: server.url('/films?page=3') }));
    server.on('/films?page=3', json([film('c')], { link: `</last>; rel="next", </films>; rel="first"` }));
    server.on('/last', json({ films: [], next: null }));
    expect(idsOf(await read())).toEqual(['a', 'b', 'c']);
    expect(waits).toEqual([500, 500, 500]); // two requests a second
  });

  test('may have other shapes and names', async () => {
    server.on('/films', json({ data: { list: [{ tconst: 'tt1', ratings: { mean: 8 }, colour: 'red' }] } }));
    const columns = { film_id: 'tconst', average_rating: 'ratings.mean' };
    const pages = await read(source({ items: 'data.list', columns }));
    expect(pages).toEqual([{ ids: ['tt1'], from: 'feed', unknown: ['colour'] }]);
  });

  test.each([
    [
      'a circle',
      { films: [], next: '/films' },
      /page 2 of .*\/films was read before: its pages go in a circle/,
    ],
    ['another host', { films: [], next: 'http://127.0.0.2:1/x' }, /leads to another host/],
    ['no address', { films: [], next: { page: 2 } }, /names no address as its next page, but \{"page":2\}/],
    ['no rows', { movies: [] }, /no list of rows at "films" \(items\); it has movies/],
  ])('%s ends the reading with a sentence', async (_, body, sentence) => {
    server.on('/films', json(body));
    await expect(read()).rejects.toThrow(sentence);
  });

  test('no more than maxPages and no longer than maxMinutes', async () => {
    for (let page = 1; page < 9; page++) {
      server.on(`/films?page=${page}`, json({ films: [], next: `/films?page=${page + 1}` }));
    }
    server.on('/films', json({ films: [], next: '/films?page=1' }));
    await expect(read(source({ maxPages: 3 }))).rejects.toThrow(/page 4 .* one too many: maxPages is 3/);
    await expect(read(source({ requestsPerSecond: 0.01, maxMinutes: 2 }), 'run-2')).rejects.toThrow(
      /within 2 minutes/,
    );
  });
});

describe('trouble', () => {
  test('that passes is tried again, waiting longer each time', async () => {
    server.on('/films', status(500), brokenOff, json({ films: [film('a')] }));
    expect(idsOf(await read())).toEqual(['a']);
    expect(waits).toEqual([1000, 2000]);
  });

  test('Retry-After is kept, as seconds and as a date', async () => {
    const at = new Date(now + 30_000).toUTCString();
    server.on('/films', status(429, { 'retry-after': '12' }), status(503, { 'retry-after': at }), json([]));
    await read();
    expect(waits).toEqual([12_000, 18_000]); // the date is 18 s away after the first wait
  });

  test('that asks for more patience than there is fails at once', async () => {
    server.on('/films', status(429, { 'retry-after': '3600' }));
    await expect(read()).rejects.toThrow(/answered 429, and asks to be left alone for 3600 s/);
    expect(server.requests).toHaveLength(1);
  });

  test('that stays is given up', async () => {
    server.on('/films', status(502));
    await expect(read()).rejects.toThrow(/page 1 of http.*\/films answered 502 \(3 tries\)/);
    server.on('/films', brokenOff);
    await expect(read()).rejects.toThrow(/cannot be reached|breaks off/);
  });

  test('that is ours is not tried again', async () => {
    server.on('/films', status(403));
    await expect(read()).rejects.toThrow(
      /answered 403: the key is missing, wrong or not allowed to; see keyEnv/,
    );
    expect(server.requests).toHaveLength(1);
  });

  test('a page longer than maxPageMiB is given up while it comes', async () => {
    server.on('/films', json({ films: [film('x'.repeat(3_000_000))] }));
    await expect(read(source({ maxPageMiB: 1 }))).rejects.toThrow(/longer than 1 MiB/);
  });

  test('redirects stay on the host, and do not go round for ever', async () => {
    server.on('/films', status(302, { location: '/new' }));
    server.on('/new', json({ films: [film('a')] }));
    expect(idsOf(await read())).toEqual(['a']);
    server.on('/films', status(302, { location: 'http://127.0.0.2:1/' }));
    await expect(read(source(), 'run-2')).rejects.toThrow(/redirects to http:\/\/127\.0\.0\.2:1;/);
    server.on('/films', status(302, { location: '/films' }));
    await expect(read(source(), 'run-3')).rejects.toThrow(/redirects more than 5 times/);
  });

  test('a cancelled activity stops at once', async () => {
    server.on('/films', json([]));
    const reading = feeds().pages(source(), {
      reading: 'r',
      signal: AbortSignal.abort(new Error('cancelled')),
    });
    await expect(reading.next()).rejects.toThrow('cancelled');
    expect(server.requests).toEqual([]);
  });
});

describe('cache', () => {
  test('what has not changed is not sent again', async () => {
    server.on('/films', tagged('"1"', { films: [film('a')], next: '/more' }));
    server.on('/more', tagged('"2"', { films: [film('b')] }));
    await read();
    const again = await read(source(), 'run-2');
    expect(idsOf(again)).toEqual(['a', 'b']);
    expect(again.map(({ from }) => from)).toEqual(['unchanged', 'unchanged']);
  });

  test('a reading that broke off goes on where it stopped', async () => {
    server.on('/films', json({ films: [film('a')], next: '/more' }));
    server.on('/more', status(404));
    await expect(read()).rejects.toThrow(/page 2 .*answered 404/);
    server.on('/more', json({ films: [film('b')] }));
    const again = await read();
    expect(again.map(({ from }) => from)).toEqual(['resumed', 'feed']);
    expect(server.requests.filter(({ path }) => path === '/films')).toHaveLength(1);
  });

  test('pages that a feed no longer has are forgotten', async () => {
    server.on('/films', json({ films: [], next: '/more' }));
    server.on('/more', json({ films: [] }));
    await read();
    expect(await readdir(join(folder, 'facts', 'pages'))).toHaveLength(2);
    server.on('/films', json({ films: [] }));
    await read(source(), 'run-2');
    expect(await readdir(join(folder, 'facts', 'pages'))).toHaveLength(1);
  });

  test('a failure is remembered until a reading succeeds', async () => {
    await feeds().failed(source(), 'answered 500');
    expect(await feeds().lastFailure(source())).toEqual({
      at: '2026-03-10T12:00:00.000Z',
      problem: 'answered 500',
    });
    server.on('/films', json([]));
    await read();
    expect(await feeds().lastFailure(source())).toBeNull();
  });
});

describe('key', () => {
  test('goes into the header that the feed wants, and into no file', async () => {
    server.on('/films', json([]));
    await read(source({ keyEnv: 'FACTS_KEY' }), 'run-1', { facts: 's3cret' });
    await read(source({ keyEnv: 'FACTS_KEY', keyHeader: 'X-Api-Key' }), 'run-2', { facts: 's3cret' });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer s3cret');
    expect(server.requests[1]?.headers['x-api-key']).toBe('s3cret');
    for (const file of await readdir(join(folder, 'facts', 'pages'))) {
      expect(readFileSync(join(folder, 'facts', 'pages', file), 'utf8')).not.toContain('s3cret');
    }
  });

  test('that is not there is named, and nothing is asked', async () => {
    await expect(read(source({ keyEnv: 'FACTS_KEY' }))).rejects.toThrow(/set FACTS_KEY in the worker/);
    expect(server.requests).toEqual([]);
  });

  test('a query, which may hold one, is in no message', async () => {
    server.on('/films?key=s3cret', status(404));
    const message = await read(source({ url: server.url('/films?key=s3cret') })).catch(String);
    expect(message).toMatch(/page 1 of http:\/\/127\.0\.0\.1:\d+\/films answered 404/);
    expect(message).not.toContain('s3cret');
  });
});

describe('config', () => {
  test.each([
    [{ url: 'file:///etc/passwd' }, /http:\/\/ or https:\/\//],
    [{ url: 'nonsense' }, /http:\/\/ or https:\/\//],
    [{ url: 'https://me:pw@films.example/' }, /keyEnv/],
    [{ url: 'http://films.example/', keyEnv: 'KEY' }, /must be https:/],
    [{ name: 'postgres' }, /operational store/],
    [{ licence: '' }, /under what terms/],
    [{ columns: { filmid: 'id' } }, /none of our columns, which are film_id/],
  ])('%o is refused', (more, sentence) => {
    const parsed = catalogueSourceSchema.safeParse({
      name: 'facts',
      kind: 'catalogue',
      url: 'https://films.example/',
      licence: 'x',
      ...more,
    });
    expect(parsed.error?.issues.map(({ message }) => message).join()).toMatch(sentence);
  });
});
