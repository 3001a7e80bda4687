import { expect, test } from 'vitest';
import { filmSchema } from '../../src/contracts/index.js';
import { REFERENCE_SETTINGS, composedFilms } from '../../src/simulator/index.js';
import { PRODUCT_AGES, UNTIL } from './reference-world.js';

const films = composedFilms(10_000, 1, UNTIL).map(({ film }) => film);

test('ten thousand films have ten thousand titles, all called simulated, and satisfy the contract', () => {
  expect(new Set(films.map(({ title }) => title)).size).toBe(10_000);
  expect(films.filter(({ title }) => !title.endsWith(' (simulated)'))).toEqual([]);
  expect(films.filter(({ filmId }) => !filmId.startsWith('simfilm-'))).toEqual([]);
  for (const film of films.slice(0, 500)) expect(filmSchema.parse(film)).toEqual(film);
});

test('titles stay different beyond the words that there are', () => {
  const many = composedFilms(40_000, 1, UNTIL).map(({ film }) => film.title);
  expect(new Set(many).size).toBe(40_000);
});

test('a film is the same in a small catalogue, but for its cast', () => {
  const facts = (count: number) =>
    composedFilms(count, 1, UNTIL)
      .slice(0, 50)
      .map(({ film: { actors: _actors, directors: _directors, ...rest } }) => rest);
  const small = facts(60);
  const large = facts(600);
  expect(small.map(({ title }) => title)).toEqual(large.map(({ title }) => title));
  expect(small.map(({ genres }) => genres)).toEqual(large.map(({ genres }) => genres));
});

test('every genre is one that the reference audience has a taste for', () => {
  const used = new Set(films.flatMap(({ genres }) => genres));
  expect([...used].sort()).toEqual(Object.keys(REFERENCE_SETTINGS.space.genres).sort());
});

test('there is something for children, one in fifty has no certificate, and none is below its MPA age', () => {
  const ages = films.map((film) => PRODUCT_AGES.minAge(film));
  expect(ages.filter((age) => age <= 6).length).toBeGreaterThan(500);
  const without = films.filter(({ certificates }) => Object.keys(certificates).length === 0);
  expect(without.length / films.length).toBeCloseTo(0.02, 2);
  const MPA: Record<string, number> = { G: 0, PG: 10, 'PG-13': 13, R: 17, 'NC-17': 18 };
  for (const film of films)
    expect(PRODUCT_AGES.minAge(film)).toBeGreaterThanOrEqual(MPA[film.certificates['MPA']?.[0] ?? ''] ?? 18);
});
