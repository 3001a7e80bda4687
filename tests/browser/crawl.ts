import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIRequestContext } from 'playwright-core';
import { configSchema } from '../../src/contracts/config.js';
import { filmMinAge } from '../../src/core/age-gate/index.js';
import { parseDemoFilms } from '../../src/simulator/index.js';

const { ages } = configSchema.parse({});

/** The demo's catalogue, with the age that each film asks for. */
export const films = readdirSync('demo')
  .filter((file) => file.endsWith('.ndjson'))
  .flatMap((file) => parseDemoFilms(readFileSync(join('demo', file), 'utf8'), file, new Date(0)))
  .map(({ film }) => ({ ...film, minAge: filmMinAge(film.certificates, 'default', ages) }));
export const minAges = new Map(films.map(({ filmId, minAge }) => [filmId, minAge]));

const STARTS = ['/', '/top', '/browse', '/mine', '/for-you', '/picks', '/about'];
const SEARCHES = ['a', 'the', 'night'];

/**
 * Every page that a signed-in viewer of this age can reach by links, and addresses and searches that nobody would link for
 * them. `shown`: films that a page shows, links or measures. `wrongAnswers`: films above the age that were there, and
 * films below it that were not.
 */
export async function crawl(
  request: APIRequestContext,
  maxAge: number,
): Promise<{ shown: Set<string>; wrongAnswers: string[] }> {
  const shown = new Set<string>();
  const seen = new Set<string>();
  const wrongAnswers: string[] = [];
  const wait = [...STARTS, ...SEARCHES.map(searchFor)];
  const above = films.filter(({ minAge }) => minAge > maxAge);
  for (const { filmId, title } of above.filter((_, i) => i % 40 === 0))
    wait.push(`/film/${filmId}`, `/film/${filmId}/play`, searchFor(title));
  for (let path = wait.pop(); path !== undefined; path = wait.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const answer = await request.get(path, { headers: { Accept: 'text/html' }, maxRedirects: 0 });
    const text = (await answer.text()).replaceAll('&amp;', '&');
    const id = filmIn(path);
    const expected = id !== undefined && (minAges.get(id) ?? 99) > maxAge ? 404 : 200;
    if (answer.status() !== expected) wrongAnswers.push(`${path}: ${answer.status()}, expected ${expected}`);
    for (const [, film = ''] of text.matchAll(/data-film="([^"]+)"/g)) shown.add(film);
    for (const [, href = ''] of text.matchAll(/href="(\/[^"#]*)[^"]*"/g)) {
      const linked = filmIn(href);
      if (linked !== undefined) shown.add(linked);
      if (/^\/(film|browse|search|top|$)/.test(href)) wait.push(href);
    }
  }
  return { shown, wrongAnswers };
}

const searchFor = (words: string) => `/search?q=${encodeURIComponent(words)}`;

function filmIn(path: string): string | undefined {
  return /^\/film\/([^/?#]+)/.exec(path)?.[1];
}
