import fc from 'fast-check';
import { configSchema } from '../../src/contracts/config.js';
import { describe, expect, test } from 'vitest';
import {
  type BlendFilm,
  blendInto,
  createBlend,
  createBlendParts,
  favouredGenre,
  genreTasteOf,
} from '../../src/core/ranking/blend.js';

const ONLY_TASTE = { nowWeight: 0, nowHalfLifeDays: 3, genreWeight: 0 };
const film = (genres: string[], positives = 1, trendMicro = 0): BlendFilm => ({
  genres,
  positives,
  trendMicro,
});

function totals(
  films: BlendFilm[],
  given: typeof ONLY_TASTE,
  taste: number[] | null,
  liked: { genres: string[]; weightMicro: number }[] = [],
) {
  const weights = configSchema.parse({ blend: given }).blend;
  const blend = createBlend(films, weights);
  const parts = createBlendParts(films.length);
  blendInto(blend, taste && Float64Array.from(taste), genreTasteOf(blend, liked), parts);
  return { blend, ...parts };
}

describe('the served order, by hand', () => {
  test('taste alone: (s − mean) / deviation', () => {
    // mean 4, deviation √((9 + 1 + 4) / 3) = √(14/3) = 2.160247
    const { total } = totals([film([]), film([]), film([])], ONLY_TASTE, [1, 5, 6]);
    expect([...total].map((v) => v.toFixed(6))).toEqual(['-1.388730', '0.462910', '0.925820']);
  });

  test('the trend: its square root, standardised, times its weight; the same for everybody', () => {
    // roots 0, 1, 2: mean 1, deviation √(2/3)
    const films = [film([], 1, 0), film([], 1, 1_000_000), film([], 1, 4_000_000)];
    const { total } = totals(films, { ...ONLY_TASTE, nowWeight: 0.5 }, null);
    expect(total[0]).toBeCloseTo(-0.5 / Math.sqrt(2 / 3), 12);
    expect(total[1]).toBe(0);
    expect(total[2]).toBeCloseTo(0.5 / Math.sqrt(2 / 3), 12);
  });

  test('genres: what the viewer likes more than others do', () => {
    // everybody: 3 positives of A, 4 of B, so (.6, .8); the viewer: A only, (1, 0); d = (.4, −.8)
    const films = [film(['A'], 3), film(['B'], 4), film(['A', 'B'], 0)];
    const liked = [{ genres: ['A'], weightMicro: 2_000_000 }];
    const { blend, total } = totals(films, { ...ONLY_TASTE, genreWeight: 1 }, null, liked);
    expect([...genreTasteOf(blend, liked)!].map((d) => d.toFixed(6))).toEqual(['0.400000', '-0.800000']);
    // affinities .4, −.8, −.4/√2 = −.282843: mean −.227614, deviation .491453
    expect([...total].map((v) => v.toFixed(4))).toEqual(['1.2771', '-1.1647', '-0.1124']);
    expect([0, 1, 2].map((row) => favouredGenre(blend, row, genreTasteOf(blend, liked)!))).toEqual([
      'A',
      null,
      'A',
    ]);
  });

  test('no genre known, of the viewer or of any film: no part in the order', () => {
    const weights = { ...ONLY_TASTE, genreWeight: 1 };
    expect([...totals([film(['A']), film(['B'])], weights, null).genres]).toEqual([0, 0]);
    const liked = [{ genres: ['A'], weightMicro: 1 }];
    expect([...totals([film([]), film([])], weights, null, liked).genres]).toEqual([0, 0]);
    expect([...totals([], weights, []).total]).toEqual([]);
  });

  test('films that are all alike are 0, not NaN', () => {
    const { total } = totals([film(['A'], 1, 5), film(['A'], 1, 5)], { ...ONLY_TASTE, nowWeight: 1 }, [2, 2]);
    expect([...total]).toEqual([0, 0]);
  });
});

test('the parts add up, and a scale or an offset of the taste changes nothing', () => {
  const rows = fc.array(
    fc.record({ taste: fc.integer({ min: -50, max: 50 }), trend: fc.nat(9_000_000), genre: fc.nat(3) }),
    { minLength: 2, maxLength: 30 },
  );
  fc.assert(
    fc.property(rows, fc.nat(3), (films, likes) => {
      const weights = { nowWeight: 0.8, nowHalfLifeDays: 3, genreWeight: 0.6 };
      const catalogue = films.map(({ trend, genre }) => film([`g${genre}`], 1, trend));
      const liked = [{ genres: [`g${likes}`], weightMicro: 1_000_000 }];
      const of = (taste: number[]) => totals(catalogue, weights, taste, liked);
      const plain = of(films.map(({ taste }) => taste));
      const moved = of(films.map(({ taste }) => 3 * taste + 7));
      plain.total.forEach((total, row) => {
        expect(total).toBeCloseTo(plain.taste[row]! + plain.blend.now[row]! + plain.genres[row]!, 12);
        expect(moved.total[row]).toBeCloseTo(total, 9);
      });
    }),
    { numRuns: 100 },
  );
});
