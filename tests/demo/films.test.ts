import { describe, expect, test } from 'vitest';
import { filmSchema } from '../../src/contracts/index.js';
import { GENRES, parseDemoFilms } from '../../src/simulator/index.js';
import { KNOWN_AGES } from '../support/known-ages.js';
import { UNTIL, demoFilms, minAge } from '../simulator/demo-world.js';

const films = (await demoFilms()).map(({ film }) => film);
const DAY_MS = 86_400_000;

describe('the catalogue of the demo', () => {
  test('has about 600 films, each of which the contract accepts', () => {
    expect(films.length).toBeGreaterThanOrEqual(580);
    expect(films.length).toBeLessThanOrEqual(680);
    for (const film of films) expect(filmSchema.safeParse(film).success, film.filmId).toBe(true);
  });

  test('has no id twice, and no film twice', () => {
    expect(new Set(films.map((film) => film.filmId)).size).toBe(films.length);
    const works = films.map((film) => `${film.title.toLowerCase()} ${film.releaseYear}`);
    expect(works.filter((work, at) => works.indexOf(work) !== at)).toEqual([]);
  });

  test('ids are slugs that end in the year', () => {
    for (const film of films)
      expect(film.filmId).toMatch(new RegExp(`^[a-z0-9]+(-[a-z0-9]+)*-${film.releaseYear}$`));
  });

  test('names genres from the closed list, one to four a film, and uses all of it', () => {
    const used = new Set(films.flatMap((film) => film.genres));
    expect([...used].sort()).toEqual(Object.keys(GENRES).sort());
    for (const { filmId, genres } of films) {
      expect(genres.length, filmId).toBeGreaterThanOrEqual(1);
      expect(genres.length, filmId).toBeLessThanOrEqual(4);
      expect(new Set(genres).size, filmId).toBe(genres.length);
    }
  });

  test('years and runtimes are plausible, and few facts are left open', () => {
    for (const { filmId, releaseYear, runtimeMin } of films) {
      expect(releaseYear, filmId).toBeGreaterThanOrEqual(1902);
      expect(releaseYear, filmId).toBeLessThanOrEqual(2003);
      if (runtimeMin !== null)
        expect(runtimeMin >= 5 && runtimeMin <= 245, `${filmId}: ${runtimeMin}`).toBe(true);
    }
    expect(films.filter((film) => film.runtimeMin === null).length).toBeLessThan(30);
    expect(films.filter((film) => film.directors.length === 0).map((film) => film.filmId)).toEqual([
      'fantasia-1940',
    ]);
    for (const { filmId, actors, countries } of films) {
      expect(actors.length >= 1 && actors.length <= 4, filmId).toBe(true);
      expect(countries.length, filmId).toBeGreaterThanOrEqual(1);
    }
  });

  test('only silent films have no language', () => {
    for (const { filmId, languages, releaseYear } of films) {
      if (languages.length === 0) expect(releaseYear, filmId).toBeLessThan(1937);
    }
  });

  test('comes from many countries, the cinema of Bengal among them', () => {
    expect(new Set(films.flatMap((film) => film.countries)).size).toBeGreaterThanOrEqual(25);
    expect(films.filter((film) => film.languages.includes('Bengali')).length).toBeGreaterThanOrEqual(25);
    expect(films.filter((film) => film.directors.includes('Ritwik Ghatak')).length).toBeGreaterThanOrEqual(4);
  });

  test('prints certificates known to the age table, and "Approved", which says nothing about an age', () => {
    const printed = films.flatMap(({ certificates }) =>
      Object.entries(certificates).flatMap(([scheme, labels]) => labels.map((label) => `${scheme} ${label}`)),
    );
    expect([...new Set(printed)].sort()).toEqual(
      [
        'BBFC PG',
        'BBFC U',
        'FSK 12',
        'FSK 6',
        'MPA Approved',
        'MPA G',
        'MPA PG',
        'MPA PG-13',
        'MPA R',
      ].sort(),
    );
    expect(films.filter((film) => film.certificates['MPA']?.includes('Approved')).map(minAge)).not.toContain(
      0,
    );
  });

  test('well-known films have the ages that everybody knows: no rule or certificate is looser', () => {
    const ages = new Map(films.map((film) => [film.filmId, minAge(film)]));
    const looser = [...KNOWN_AGES].filter(([filmId, age]) => (ages.get(filmId) ?? -1) < age);
    expect(looser).toEqual([]);
    expect([...KNOWN_AGES].filter(([filmId, age]) => age === 0 && (ages.get(filmId) ?? 99) > 0)).toEqual([]);
    expect(KNOWN_AGES.size).toBe(20);
  });

  test('at least 60 films may be shown at 7 and 150 at 13', () => {
    const allowedAt = (age: number) => films.filter((film) => minAge(film) <= age).length;
    expect(allowedAt(7)).toBeGreaterThanOrEqual(60);
    expect(allowedAt(13)).toBeGreaterThanOrEqual(150);
    expect(allowedAt(18)).toBe(films.length);
  });

  test('15 to 25 films are new arrivals, nearly all with their facts complete', () => {
    const arrivals = films.filter((film) => Date.parse(film.addedAt ?? '') > UNTIL.getTime() - 30 * DAY_MS);
    expect(arrivals.length).toBeGreaterThanOrEqual(15);
    expect(arrivals.length).toBeLessThanOrEqual(25);
    const complete = arrivals.filter(
      (film) => film.runtimeMin !== null && Object.keys(film.certificates).length > 0,
    );
    expect(complete.length).toBeGreaterThanOrEqual(15);
    expect(complete.length).toBeLessThan(arrivals.length);
  });
});

describe('reading a line', () => {
  const line = JSON.stringify({ filmId: 'm-1931', title: 'M', releaseYear: 1931, addedDaysAgo: 3, fame: 3 });

  test('turns addedDaysAgo into an instant and fills what is left out', () => {
    const [read] = parseDemoFilms(`${line}\n`, 'demo/x.ndjson', UNTIL);
    expect(read?.film.addedAt).toBe('2026-03-07T00:00:00.000Z');
    expect(read?.film.markets).toEqual(['*']);
    expect(read?.fame).toBe(3);
  });

  test.each([
    ['{', /^demo\/x\.ndjson:2 is not JSON$/],
    [line.replace('"fame":3', '"fame":4'), /^demo\/x\.ndjson:2: fame: /],
    [line.replace('"addedDaysAgo":3', '"addedDaysAgo":-1'), /^demo\/x\.ndjson:2: addedDaysAgo: /],
    [line.replace('1931,', '"1931",'), /^demo\/x\.ndjson:2: releaseYear: /],
    [line.replace('"fame"', '"addedAt":null,"fame"'), /^demo\/x\.ndjson:2: the line: .*addedAt/],
  ])('%s is refused by file, line and field', (bad, message) => {
    expect(() => parseDemoFilms(`${line}\n${bad}\n`, 'demo/x.ndjson', UNTIL)).toThrow(message);
  });
});
