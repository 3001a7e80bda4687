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
const named = (found: { film: number; text: string }[]) =>
  found.map(({ film: index, text }) => [films[index]?.filmId, text]);

it('films are alike by what they share, the rarest of it named; without anything in common they are not listed', () => {
  expect(named(factNeighbours(films).of(0, 10))).toEqual([
    ['rear-window', 'Also directed by Alfred Hitchcock'],
    ['laura', 'Also Thriller'],
    ['harvey', 'Also with James Stewart'],
  ]);
});

it('likeness is the cosine of the weighted facts', () => {
  // Of 2 films: the genre in both weighs .9·ln 2, a director of one alone 1·ln 3.
  const two = [film('a', 0, { year: null }), film('b', 0, { year: null, directors: ['X'] })];
  const genre = (0.9 * Math.log(2)) ** 2;
  const director = Math.log(3) ** 2;
  const [found] = factNeighbours(two).of(0, 1);
  expect(found?.score).toBeCloseTo(genre / Math.sqrt(genre * (genre + director)), 12);
});

it('of equal likeness the better rated film comes first; unwanted ones are gone before the cut', () => {
  const equal = ['a', 'b', 'c', 'd'].map((id, i) => film(id, 0, { weightedRating: i }));
  const index = factNeighbours(equal);
  expect(index.of(0, 2).map((found) => found.film)).toEqual([3, 2]);
  expect(index.of(0, 2, (other) => other !== 3).map((found) => found.film)).toEqual([2, 1]);
  expect(index.of(0, 2).map((found) => found.film)).toEqual([3, 2]);
});

it('a fact that a film names twice counts once', () => {
  const twice = [film('a', 0, { genres: ['War', 'War'] }), film('b', 0, { genres: ['War'] })];
  expect(factNeighbours(twice).of(0, 1)[0]?.score).toBeCloseTo(1, 12);
});
