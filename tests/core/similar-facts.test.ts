import { expect, it } from 'vitest';
import { factNeighbours } from '../../src/core/similar/facts.js';
import { film } from '../api/world.js';

const HITCHCOCK = ['Alfred Hitchcock'];
const films = [
  film('vertigo', 0, { year: 1958, genres: ['Thriller'], directors: HITCHCOCK, actors: ['James Stewart'] }),
  film('rear-window', 0, {
    year: 1954,
    genres: ['Thriller'],
    directors: HITCHCOCK,
    actors: ['James Stewart'],
  }),
  film('harvey', 0, { year: 1950, genres: ['Comedy'], actors: ['James Stewart'] }),
  film('laura', 0, { year: 1944, genres: ['Thriller'] }),
  film('heidi', 0, { year: 1937, genres: ['Family'] }),
];
const order = (n: number) => Array.from({ length: n }, (_, i) => i);
const indexOf = (many: typeof films) => factNeighbours(many, order(many.length));

it('films are alike by what they share, the rarest of it named; without anything in common they are not listed', () => {
  const { of, text } = indexOf(films);
  expect(of(0, 10).map((found) => [films[found.film]?.filmId, text(0, found.film)])).toEqual([
    ['rear-window', 'Also directed by Alfred Hitchcock'],
    ['laura', 'Also Thriller'],
    ['harvey', 'Also with James Stewart'],
  ]);
  expect(text(0, 4)).toBeNull();
});

it('likeness is the cosine of the weighted facts', () => {
  // Of 2 films: the genre in both weighs .9·ln 2, a director of one alone 1·ln 3.
  const two = [film('a', 0, { year: null }), film('b', 0, { year: null, directors: ['X'] })];
  const genre = (0.9 * Math.log(2)) ** 2;
  const director = Math.log(3) ** 2;
  expect(indexOf(two).score(0, 1)).toBeCloseTo(genre / Math.sqrt(genre * (genre + director)), 12);
  expect(indexOf(two).of(0, 1)[0]?.score).toBe(indexOf(two).score(1, 0));
});

it('of equal likeness the higher in the Top list comes first; unwanted ones are gone before the cut', () => {
  const equal = ['a', 'b', 'c', 'd'].map((id) => film(id, 0));
  const index = factNeighbours(equal, [3, 2, 1, 0]);
  expect(index.of(0, 2).map((found) => found.film)).toEqual([3, 2]);
  expect(index.of(0, 2, (other) => other !== 3).map((found) => found.film)).toEqual([2, 1]);
  expect(index.of(0, 2).map((found) => found.film)).toEqual([3, 2]);
});

it('of a fact that very many share only the best known are compared, and wanted ones are looked for beyond them', () => {
  const many = Array.from({ length: 500 }, (_, i) => film(`f${i}`, 0));
  const found = indexOf(many).of(499, 1000);
  expect(found.map((each) => each.film)).toEqual(order(200));
  const rare = indexOf(many).of(499, 10, (other) => other >= 450);
  expect(rare.map((each) => each.film)).toEqual([450, 451, 452, 453, 454, 455, 456, 457, 458, 459]);
});

it('a fact that a film names twice counts once', () => {
  const twice = [film('a', 0, { genres: ['War', 'War'] }), film('b', 0, { genres: ['War'] })];
  expect(indexOf(twice).score(0, 1)).toBeCloseTo(1, 12);
});
