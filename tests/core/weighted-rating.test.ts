import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CatalogueFilm, configSchema } from '../../src/contracts/index.js';
import {
  compareRated,
  formulaLists,
  meanVote,
  missingFacts,
  newArrivals,
  priorVotes,
  topList,
  weightedRating,
} from '../../src/core/weighted-rating/index.js';

const config = configSchema.parse({});
const ASOF = '2026-02-01T00:00:00.000Z';
const daysAgo = (days: number) => new Date(Date.parse(ASOF) - days * 86_400_000).toISOString();

const film = (filmId: string, facts: Partial<CatalogueFilm> = {}): CatalogueFilm => ({
  filmId,
  title: filmId,
  year: 1950,
  genres: ['Drama'],
  actors: ['Someone'],
  directors: [],
  runtimeMin: 100,
  countries: [],
  languages: [],
  markets: ['*'],
  certificates: { MPA: ['PG'] },
  addedAt: null,
  votes: 0,
  averageRating: null,
  weightedRating: 6.5,
  ...facts,
});

describe('weighted rating', () => {
  test('fixture of science C.6: 500 votes of 9 under 1000 of 6.5', () => {
    expect(weightedRating(500, 500 * 9, 1000, 6.5)).toBeCloseTo(7.3333, 4);
  });

  test('without votes it is C', () => {
    expect(weightedRating(0, 0, 500, 6.5)).toBe(6.5);
  });

  test.each([
    [50, 9.5, 8.57, true],
    [200, 8.6, 8.47, true],
    [500, 7.81, 8.3, false],
  ])('the fan case of B.2 with m = %i: 300 tens give %f, 3000 of 8.6 give %f', (m, fans, classic, wins) => {
    const [a, b] = [weightedRating(300, 3000, m, 6.5), weightedRating(3000, 3000 * 8.6, m, 6.5)];
    expect(a).toBeCloseTo(fans, 2);
    expect(b).toBeCloseTo(classic, 2);
    expect(a > b).toBe(wins);
  });

  test.each([
    [0, 0, 1200, 7.5, 'half of the prior is theirs: (250·6.5 + 250·8.5) / 500'],
    [0, 0, 100, 6.9, 'as many votes as they have: (400·6.5 + 100·8.5) / 500'],
    [500, 4500, 1200, 8.25, 'ours outvote it: (4500 + 250·6.5 + 250·8.5) / 1000'],
    [0, 0, 0, 6.5, 'nobody voted there either'],
  ])('%i votes of ours and an average of 8.5 elsewhere: %#', (votes, sum, theirs, expected, _why) => {
    const rated = (share: number) =>
      weightedRating(votes, sum, 500, 6.5, { average: 8.5, votes: theirs }, share);
    expect(rated(0.5)).toBeCloseTo(expected, 12);
    expect(rated(0)).toBe(weightedRating(votes, sum, 500, 6.5)); // externalShare: 0 leaves it out
  });

  test('lies between the prior and the film, and moves towards the film with every vote', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        (v, mean, c) => {
          const [few, many] = [
            weightedRating(v, v * mean, 500, c),
            weightedRating(2 * v, 2 * v * mean, 500, c),
          ];
          expect(Math.abs(many - mean)).toBeLessThanOrEqual(Math.abs(few - mean) + 1e-9);
          expect(few).toBeGreaterThanOrEqual(Math.min(c, mean) - 1e-9);
          expect(few).toBeLessThanOrEqual(Math.max(c, mean) + 1e-9);
        },
      ),
    );
  });
});

describe('m and C', () => {
  const votes = [0, 10, 20, 30, 40].map((count, i) => ({
    filmId: String(i),
    votes: count,
    ratingSum: count * (i + 4),
  }));

  test('m is the quantile over films with a vote, by hand: 10 + .9·3·10 = 37', () => {
    expect(priorVotes(votes, { mFixed: null, mFloor: 1, mQuantile: 0.9 })).toBeCloseTo(37, 12);
    expect(priorVotes(votes, { mFixed: null, mFloor: 500, mQuantile: 0.9 })).toBe(500);
    expect(priorVotes(votes, { mFixed: 7, mFloor: 500, mQuantile: 0.9 })).toBe(7);
    expect(priorVotes([], { mFixed: null, mFloor: 500, mQuantile: 0.9 })).toBe(500);
  });

  test('C over votes and over films', () => {
    // (10·5 + 20·6 + 30·7 + 40·8) / 100 = 7, and (5 + 6 + 7 + 8) / 4 = 6.5
    expect(meanVote(votes, 'votes')).toBe(7);
    expect(meanVote(votes, 'movies')).toBe(6.5);
    expect(meanVote([], 'votes')).toBe(5.5);
  });
});

describe('the Top list', () => {
  const rated = (filmId: string, count: number, wr: number) => ({ filmId, votes: count, weightedRating: wr });

  test('first v ≥ m, then v ≥ m/10, then the rest; in each WR desc, votes desc, id asc', () => {
    const films = [
      rated('none', 0, 9.9),
      rated('few', 50, 9.5),
      rated('b', 600, 8),
      rated('a', 600, 8),
      rated('most', 900, 8),
      rated('best', 500, 8.1),
      rated('fewer', 49, 9.8),
    ];
    const top = topList(films, 500, 10);
    expect(top.films.map((f) => f.filmId)).toEqual(['best', 'most', 'a', 'b', 'few', 'none', 'fewer']);
    expect(top.eligible).toBe(4);
  });

  test('fifty new films with votes appear at their places, without any training (A12)', () => {
    const old = Array.from({ length: 200 }, (_, i) =>
      film(`old${i}`, { votes: 600, weightedRating: 6 + i / 100 }),
    );
    const fresh = Array.from({ length: 50 }, (_, i) =>
      film(`new${i}`, { votes: 600, weightedRating: 6 + ((i * 7) % 200) / 100 + 0.005, addedAt: daysAgo(1) }),
    );
    const lists = formulaLists([...old, ...fresh], { m: 500, c: 6.5, votes: 1 }, ASOF, config);
    const wr = new Map([...old, ...fresh].map((f) => [f.filmId, f.weightedRating]));
    const order = lists.top.map((id) => wr.get(id) ?? Number.NaN);
    expect(lists.top.filter((id) => id.startsWith('new'))).toHaveLength(50);
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect(lists.provisional).toBe(false);
  });

  test('any order of the same films gives the same lists', () => {
    const films = fc.uniqueArray(
      fc.record({
        filmId: fc.string({ minLength: 1 }),
        votes: fc.nat(5),
        weightedRating: fc.constantFrom(5, 6, 7),
      }),
      { selector: (f) => f.filmId, maxLength: 30 },
    );
    fc.assert(
      fc.property(films, (list) => {
        expect(topList([...list].reverse(), 3, 2)).toEqual(topList(list, 3, 2));
        for (const f of list) expect(compareRated(f, f)).toBe(0);
      }),
    );
  });

  test('short of films with m votes, the list says so', () => {
    expect(formulaLists([film('a')], { m: 500, c: 6, votes: 0 }, ASOF, config)).toMatchObject({
      top: ['a'],
      eligible: 0,
      provisional: true,
    });
  });
});

describe('New Arrivals', () => {
  const settings = { arrivalsDays: 30, arrivalsWidenDays: 60, arrivalsWanted: 2 };

  test('newest first, then WR, then id; without a date nothing arrives, nor from the future', () => {
    const films = [
      film('b', { addedAt: daysAgo(3) }),
      film('a', { addedAt: daysAgo(3) }),
      film('better', { addedAt: daysAgo(3), weightedRating: 7 }),
      film('newest', { addedAt: daysAgo(0) }),
      film('unknown'),
      film('future', { addedAt: daysAgo(-1) }),
      film('old', { addedAt: daysAgo(30) }),
    ];
    expect(newArrivals(films, ASOF, settings).listed).toEqual(['newest', 'better', 'a', 'b']);
  });

  test('widens once when too few can be listed', () => {
    const films = [
      film('a', { addedAt: daysAgo(10) }),
      film('b', { addedAt: daysAgo(45) }),
      film('c', { addedAt: daysAgo(60) }),
    ];
    expect(newArrivals(films, ASOF, settings).listed).toEqual(['a', 'b']);
    expect(newArrivals(films, ASOF, { ...settings, arrivalsWanted: 1 }).listed).toEqual(['a']);
  });

  test('what misses a fact is held, and says which', () => {
    const bare = film('bare', {
      addedAt: daysAgo(1),
      genres: [],
      actors: [],
      year: null,
      runtimeMin: null,
      certificates: { MPA: [' '] },
    });
    const arrivals = newArrivals([bare, film('whole', { addedAt: daysAgo(1) })], ASOF, settings);
    expect(arrivals).toEqual({
      listed: ['whole'],
      held: [{ filmId: 'bare', missing: ['genre', 'actor', 'year', 'runtime', 'certificate'] }],
    });
    expect(missingFacts(film('whole'))).toEqual([]);
  });
});
