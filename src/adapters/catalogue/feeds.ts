import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FeedFailed, type FeedPage, type Feeds } from '../../activities/feeds.js';
import { CATALOGUE_COLUMNS, type CatalogueSource } from '../../contracts/index.js';
import { type CachedPage, openPageCache, type PageCache } from './page-cache.js';
import { type Outside, requestPage } from './request.js';

const THE_WORLD: Outside = {
  fetch: (...args) => fetch(...args),
  now: () => new Date(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: () => Math.random(), // jitter of waits: nothing that is stored depends on it
};

/** Feeds by HTTP(S), with a cache of pages in `folder`. `keys`: by source name, from the environment; never logged. */
export function createFeeds(
  folder: string,
  keys: Record<string, string>,
  outside: Outside = THE_WORLD,
): Feeds {
  const cacheOf = (source: CatalogueSource) => openPageCache(join(folder, source.name));
  return {
    pages: (source, options) => readPages(source, { ...options, cache: cacheOf(source), keys, outside }),
    lastFailure: (source) => cacheOf(source).failure(),
    failed: (source, problem) => cacheOf(source).noteFailure({ at: outside.now().toISOString(), problem }),
  };
}

interface Reading {
  reading: string;
  signal: AbortSignal;
  cache: PageCache;
  keys: Record<string, string>;
  outside: Outside;
}

async function* readPages(
  source: CatalogueSource,
  reading: Reading,
): AsyncGenerator<FeedPage, void, undefined> {
  const { cache, outside } = reading;
  const deadline = outside.now().getTime() + source.maxMinutes * 60_000;
  const seen = new Set<string>();
  let free = 0; // when the next request may start
  let url: string | null = source.url;
  for (let page = 1; url !== null; page++) {
    const fail = (problem: string, how: { wasAsked?: boolean } = {}) =>
      new FeedFailed(`page ${page} of ${shown(url ?? source.url)} ${problem}`, how);
    if (seen.has(url)) throw fail('was read before: its pages go in a circle');
    if (page > source.maxPages) throw fail(`is one too many: maxPages is ${source.maxPages}`);
    if (outside.now().getTime() > deadline)
      throw fail(`was not reached within ${source.maxMinutes} minutes (maxMinutes)`);
    seen.add(url);

    const known = await cache.get(url);
    let current: CachedPage;
    let from: FeedPage['from'] = 'resumed';
    if (known !== null && known.reading === reading.reading) {
      current = known;
    } else {
      await outside.sleep(Math.max(0, free - outside.now().getTime()), reading.signal);
      free = outside.now().getTime() + 1000 / source.requestsPerSecond;
      const fetched = await fetchPage(source, url, known, reading).catch((error: unknown) => {
        throw error instanceof FeedFailed ? fail(error.message, error) : error;
      });
      ({ current, from } = fetched);
      await cache.put(current);
    }
    const content: unknown = JSON.parse(current.body);
    yield { page, ...mapped(source, rowsOf(source, content, fail)), from };
    url = nextOf(source, content, current, fail);
  }
  await cache.keepOnly(seen);
}

async function fetchPage(
  source: CatalogueSource,
  url: string,
  known: CachedPage | null,
  { reading, signal, keys, outside }: Reading,
): Promise<{ current: CachedPage; from: 'feed' | 'unchanged' }> {
  const limits = {
    attempts: source.attempts,
    timeoutMs: source.timeoutSeconds * 1000,
    maxWaitMs: source.maxWaitSeconds * 1000,
    maxBytes: source.maxPageMiB * 2 ** 20,
  };
  const conditions = {
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  };
  const headers = { accept: 'application/json', ...keyHeader(source, keys), ...conditions };
  const answer = await requestPage(url, headers, limits, outside, signal);
  if (answer.kind === 'unchanged') {
    if (known === null) throw new FeedFailed('answered 304 to a request without conditions');
    return { current: { ...known, reading }, from: 'unchanged' };
  }
  const { body, etag, lastModified, link } = answer;
  return { current: { url, etag, lastModified, next: nextLink(link), reading, body }, from: 'feed' };
}

function keyHeader(source: CatalogueSource, keys: Record<string, string>): Record<string, string> {
  if (source.keyEnv === undefined) return {};
  const key = keys[source.name];
  if (key === undefined || key === '') {
    throw new FeedFailed(
      `was not asked for: its key is missing; set ${source.keyEnv} in the worker's environment`,
      { wasAsked: false },
    );
  }
  return source.keyHeader === undefined
    ? { authorization: `Bearer ${key}` }
    : { [source.keyHeader.toLowerCase()]: key };
}

function rowsOf(source: CatalogueSource, content: unknown, fail: (problem: string) => FeedFailed): unknown[] {
  const rows = Array.isArray(content) ? (content as unknown[]) : at(content, source.items);
  if (Array.isArray(rows)) return rows as unknown[];
  const has =
    typeof content === 'object' && content !== null ? Object.keys(content).join(', ') : typeof content;
  throw fail(`has no list of rows at "${source.items}" (items); it has ${has}`);
}

/** Rows by our names; what the mapping does not name keeps its own. */
function mapped(source: CatalogueSource, rows: unknown[]): Pick<FeedPage, 'rows' | 'unknownColumns'> {
  const paths = CATALOGUE_COLUMNS.map((ours) => [ours, source.columns[ours] ?? ours] as const);
  const used = new Set(paths.flatMap(([, path]) => [path, path.split('.')[0] ?? path]));
  const unknown = new Set<string>();
  const found = rows.map((theirs) => {
    const ours: Record<string, unknown> = {};
    for (const [name, path] of paths) ours[name] = at(theirs, path);
    if (typeof theirs === 'object' && theirs !== null) {
      for (const key of Object.keys(theirs)) if (!used.has(key)) unknown.add(key);
    }
    return { ours, theirs };
  });
  return { rows: found, unknownColumns: [...unknown] };
}

/** From the body, else the Link header; only ever of the feed's own origin, for the key is sent there. */
function nextOf(
  source: CatalogueSource,
  content: unknown,
  { url, next }: CachedPage,
  fail: (problem: string) => FeedFailed,
): string | null {
  const said = at(content, source.next) ?? next;
  if (said === null || said === undefined || said === '') return null;
  if (typeof said !== 'string' || !URL.canParse(said, url)) {
    throw fail(`names no address as its next page, but ${JSON.stringify(said).slice(0, 80)}`);
  }
  const target = new URL(said, url);
  if (target.origin !== new URL(source.url).origin) throw fail(`leads to another host, ${target.origin}`);
  return target.href;
}

const nextLink = (header: string | null): string | null =>
  /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(header ?? '')?.[1] ?? null;

/** `a.b` of {a: {b: 1}}; a key with dots in it comes first. */
function at(content: unknown, path: string): unknown {
  if (typeof content !== 'object' || content === null) return undefined;
  if (Object.hasOwn(content, path)) return (content as Record<string, unknown>)[path];
  const dot = path.indexOf('.');
  if (dot === -1) return undefined;
  return at((content as Record<string, unknown>)[path.slice(0, dot)], path.slice(dot + 1));
}

/** A query may hold a key, so it is not shown. */
const shown = (url: string) => {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
};
