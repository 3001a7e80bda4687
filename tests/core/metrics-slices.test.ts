import { describe, expect, test } from 'vitest';
import {
  type ViewerFacts,
  ageBand,
  historyBand,
  popularityThirds,
  slicesOf,
  tenureBand,
} from '../../src/core/metrics/slices.js';

const viewer = (facts: Partial<ViewerFacts>): ViewerFacts => ({
  tenureDays: 100,
  positives: 20,
  maxAge: 18,
  market: 'default',
  language: null,
  genre: 'Drama',
  device: null,
  ...facts,
});

describe('slices', () => {
  test.each([
    [6, 'under 7'],
    [7, '7 to 11'],
    [11, '7 to 11'],
    [12, '12 to 15'],
    [16, '16 and 17'],
    [17, '16 and 17'],
    [18, '18 and over'],
  ])('age %i is %s', (age, band) => expect(ageBand(age)).toBe(band));

  test('history and tenure at their bounds', () => {
    expect([3, 9, 10, 49, 50].map(historyBand)).toEqual([
      'light, to 9',
      'light, to 9',
      'medium, 10 to 49',
      'medium, 10 to 49',
      'heavy, 50 and more',
    ]);
    expect([7, 8].map(tenureBand)).toEqual(['new, to 7 days', 'known, over 7 days']);
  });

  test('a viewer is in one slice of each dimension that says something', () => {
    const slices = slicesOf([
      viewer({}),
      viewer({ maxAge: 10, genre: 'Comedy', tenureDays: 1, device: 'tv' }),
    ]);
    expect(slices.map(({ dimension, value, viewers }) => [dimension, value, viewers])).toEqual([
      ['tenure', 'known, over 7 days', [0]],
      ['tenure', 'new, to 7 days', [1]],
      ['history', 'medium, 10 to 49', [0, 1]],
      ['age', '18 and over', [0]],
      ['age', '7 to 11', [1]],
      ['market', 'default', [0, 1]],
      ['genre', 'Comedy', [1]],
      ['genre', 'Drama', [0]],
      ['device', 'tv', [1]],
    ]);
  });

  test('clients may call their devices anything: the ten with most viewers', () => {
    const devices = Array.from({ length: 300 }, (_, d) =>
      Array.from({ length: d < 10 ? 2 : 1 }, () => viewer({ device: `d${d}` })),
    );
    const kept = slicesOf(devices.flat()).filter(({ dimension }) => dimension === 'device');
    expect(kept.map(({ value }) => value)).toEqual(Array.from({ length: 10 }, (_, d) => `d${d}`));
  });

  test('of the genres the twenty with most viewers', () => {
    const genres = Array.from({ length: 25 }, (_, g) =>
      Array.from({ length: g + 1 }, () => viewer({ genre: `g${g}` })),
    );
    const kept = slicesOf(genres.flat()).filter(({ dimension }) => dimension === 'genre');
    expect(kept).toHaveLength(20);
    expect(kept.some(({ value }) => value === 'g4')).toBe(false);
    expect(kept.some(({ value }) => value === 'g5')).toBe(true);
  });

  test('thirds by count among known films, most counted first', () => {
    expect(Array.from(popularityThirds([5, 9, 1, 7, 3, 2, 8], (film) => film !== 6))).toEqual([
      1, 0, 2, 0, 1, 2, -1,
    ]);
  });
});
