import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/config.js';
import { createExplainer } from '../../src/core/explain/why.js';
import { createCatalogue } from '../../src/core/ranking/catalogue.js';
import type { EaseModel } from '../../src/core/ranking/model.js';
import { createListMaker } from '../../src/core/ranking/viewer-list.js';
import type { Viewer } from '../../src/core/ranking/viewer.js';
import { likenessOf } from '../../src/core/similar/similar-audit.js';
import { createSimilarFilms } from '../../src/core/similar/similar-films.js';
import { createSimdOrder } from '../../src/kernels/simd/served-order.js';
import { film } from '../api/world.js';

const WATCHED = 2;
/** Taste alone, so that a score can be worked out by hand; new films wherever their score puts them. */
const settings = configSchema.parse({ blend: { nowWeight: 0, genreWeight: 0, newPerTwenty: 20 } });
const films = ['a', 'b', 'c', 'new'].map((id) => film(id, 0, { genres: [], certificates: { FSK: ['0'] } }));
const catalogue = createCatalogue(
  {
    m: 1,
    c: 6,
    votes: 0,
    films,
    top: [],
    eligible: 0,
    provisional: false,
    newArrivals: [],
    heldArrivals: [],
  },
  settings.ages,
);
/** Row j: what liking film j says of a, b, c; then of the new one. */
const model: EaseModel = {
  kind: 'ease',
  filmIds: ['a', 'b', 'c'],
  standing: [1, 1, 1].map((positives) => ({ positives, trendMicro: 0 })),
  weights: Float32Array.of(0, 0.5, 0.125, 0.25, 0, 0.25, 0.125, 0.5, 0),
  cold: { weights: Float32Array.of(0.375, 0.0625, 0), films: [{ filmId: 'new', isNew: true }] },
};
const viewerWho = (liked: number[], weightMicro = 700_000): Viewer => ({
  market: 'default',
  maxAge: 40,
  isPersonal: true,
  history: liked.map((at) => ({
    film: at,
    weightMicro,
    isSeen: true,
    isDisliked: false,
    isHidden: false,
    kind: WATCHED,
  })),
});

describe('an EASE model through the list maker, by hand', () => {
  // Who liked a: tastes 0, .5, .125 of a, b, c. Mean .625/3, mean square .265625/3.
  const mean = 0.625 / 3;
  const deviation = Math.sqrt(0.265625 / 3 - mean ** 2);
  const z = (taste: number) => (taste - mean) / deviation;

  test.each([
    ['readable', undefined],
    ['SIMD', createSimdOrder],
  ])('order, scores and reasons of the %s order', (_, createOrder) => {
    const make = createListMaker(
      catalogue,
      model,
      settings,
      createOrder === undefined ? {} : { createOrder },
    );
    const [list] = make([viewerWho([0])]);
    expect(list!.servedBy).toBe('personal');
    expect(list!.items.map((item) => films[item.film]!.filmId)).toEqual(['b', 'new', 'c']);
    [0.5, 0.375, 0.125].forEach((taste, n) => expect(list!.items[n]!.score).toBeCloseTo(z(taste), 12));
    expect(list!.items[0]!.reason).toEqual({
      kind: 'watched',
      text: 'Because you watched Film a',
      movieIds: ['a'],
    });
  });

  test('a viewer counts each film once, whatever its weight, and a film disliked not at all', () => {
    const make = createListMaker(catalogue, model, settings);
    expect(make([viewerWho([0], 3_000_000)])).toEqual(make([viewerWho([0])]));
    const disliked = { ...viewerWho([1], -500_000).history[0]!, isDisliked: true };
    const { history, ...rest } = viewerWho([0]);
    const [list] = make([{ ...rest, history: [...history, disliked] }]);
    expect(list!.items.map((item) => item.film)).toEqual([3, 2]);
    expect(list!.items[1]!.score).toBeCloseTo(z(0.125), 12);
  });

  test('why: each film of the history adds its weight, and they add up to the taste exactly', () => {
    const explain = createExplainer(model, settings);
    const why = explain(catalogue, viewerWho([0, 1]), 2);
    expect(why.contributions.map((one) => [one.film, one.contribution])).toEqual([
      [1, 0.25],
      [0, 0.125],
    ]);
    expect(why.taste).toBe(0.375);
    expect(why.rank).toBe(2); // new has .4375
    const fresh = explain(catalogue, viewerWho([0, 1]), 3);
    expect([fresh.taste, fresh.rank]).toEqual([0.4375, 1]);
  });

  test('without places for new films there are none', () => {
    const none = { ...settings, blend: { ...settings.blend, newPerTwenty: 0 } };
    const [list] = createListMaker(catalogue, model, none)([viewerWho([0])]);
    expect(list!.items.map((item) => item.film)).toEqual([1, 2]);
  });
});

test('similar films by EASE: partial correlations, the strongest of each film counting 1', () => {
  const tastes = { ...model, kind: 'items' as const, learnt: 3 };
  const bare = films.map((one) => ({ ...one, year: null, countries: [], actors: [], directors: [] }));
  // b: with a √(.25·.5), with c √(.25·.5); a: with b √(.5·.25), with c √(.125·.125)
  const of = createSimilarFilms(bare, [0, 1, 2, 3], tastes);
  expect(of(0)).toEqual([
    { film: 1, kind: 'taste' },
    { film: 2, kind: 'taste' },
  ]);
  expect(of(3)).toEqual([]);
  const apart = { ...tastes, weights: Float32Array.of(0, 0.5, -0.1, 0.25, 0, 0.25, -0.1, 0.5, 0) };
  expect(createSimilarFilms(bare, [0, 1, 2, 3], apart)(0)).toEqual([{ film: 1, kind: 'taste' }]);
  const holds = likenessOf(bare, apart);
  expect([holds('a', 'b', 'taste'), holds('a', 'c', 'taste'), holds('a', 'new', 'taste')]).toEqual([
    true,
    false,
    false,
  ]);
});
