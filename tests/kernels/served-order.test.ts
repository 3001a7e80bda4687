import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/config.js';
import { normal, randomOf } from '../../src/core/random/random.js';
import { createBlend } from '../../src/core/ranking/blend.js';
import {
  createPlainOrder,
  type ListLimits,
  type OrderedViewer,
  type ServedOrder,
} from '../../src/core/ranking/served-order.js';
import type { TasteSource } from '../../src/core/ranking/taste-source.js';
import { createSimdOrder } from '../../src/kernels/simd/served-order.js';

const GENRES = ['Comedy', 'Crime', 'Drama', 'Western'];

interface Shape {
  rows: number;
  viewers: number;
  k: number;
  size: number;
  seed: number;
  /** Factors of −1, 0 and 1, so that scores tie. */
  coarse: boolean;
  /** New films: the last rows. */
  fresh?: number;
  /** Weights of EASE in place of factors; viewers like k films, and sometimes one twice. */
  items?: boolean;
  /** Norms fall steeply from row to row, so that whole tiles are passed over. */
  steep?: boolean;
  /** Of all factors. */
  scale?: number;
  weights: { nowWeight?: number; genreWeight?: number; newPerTwenty?: number };
}

function randomProblem(shape: Shape) {
  const {
    rows,
    viewers,
    k,
    seed,
    coarse,
    fresh = 0,
    items = false,
    steep = false,
    scale = 1,
    weights,
  } = shape;
  const random = randomOf('served-order', seed);
  const value = () => (coarse ? (random.next() % 3) - 1 : normal(random));
  const numbers = (length: number) => Float32Array.from({ length }, value);
  const some = (among: readonly string[]) => among.filter(() => random.next() % 3 === 0);
  const facts = Array.from({ length: rows }, () => ({
    genres: random.next() % 2 === 0 ? some(GENRES) : some(GENRES).reverse(),
    positives: random.next() % 50,
    trendMicro: coarse ? 0 : random.next() % 5_000_000,
  }));
  const blend = createBlend(facts, configSchema.parse({ blend: weights }).blend, Math.max(0, rows - fresh));
  const classes = [0, 1, 2].map((every) =>
    Uint8Array.from({ length: rows }, () => (every === 1 ? 1 : every && random.next() % 2)),
  );
  const known = Math.max(0, rows - fresh);
  const xOf = () =>
    items ? Array.from({ length: known === 0 ? 0 : k }, () => random.next() % known) : numbers(k);
  const block: OrderedViewer[] = Array.from({ length: viewers }, (_, v) => ({
    x: v % 5 === 4 ? null : xOf(),
    genreTaste: v % 7 === 6 ? null : Float64Array.from(blend.genreNames, value),
  }));
  const limits: ListLimits[] = block.map((_, v) => ({
    group: v % 4 === 3 ? random.next() % 3 : 0,
    hidden: Array.from({ length: rows }, (__, row) => row).filter(
      () => v % 2 === 0 && random.next() % 4 === 0,
    ),
  }));
  const lengthOf = (row: number) => (steep ? scale / (1 + (row % 97)) : scale);
  const pitch = known + 3;
  const source: TasteSource = items
    ? {
        kind: 'items',
        weights: numbers(known * pitch),
        films: known,
        pitch,
        freshWeights: numbers(known * (rows - known)),
        fresh: rows - known,
      }
    : { kind: 'factors', films: numbers(rows * k).map((y, n) => y * lengthOf(Math.floor(n / k))), k };
  // another catalogue's genres, more of them or fewer
  const renamed = facts.map((film) => ({
    ...film,
    genres: some(seed % 2 === 0 ? [...GENRES, 'Horror'] : ['Crime']),
  }));
  const later = createBlend(renamed, configSchema.parse({ blend: weights }).blend, known);
  const laterBlock = block.map(({ x, genreTaste }) => ({
    x,
    genreTaste: genreTaste && Float64Array.from(later.genreNames, value),
  }));
  return { source, blend, classes, block, limits, later: { blend: later, block: laterBlock } };
}

type Asked = Pick<ReturnType<typeof randomProblem>, 'blend' | 'classes' | 'block' | 'limits'>;

function measure(order: ServedOrder, problem: Asked, size: number) {
  const { blend, classes, block, limits } = problem;
  expect(classes.map((closed) => order.addClass(closed))).toEqual([0, 1, 2]);
  return block.flatMap((_, from) => {
    if (from % order.block !== 0) return [];
    const viewers = block.slice(from, from + order.block);
    order.score(viewers);
    const scores = viewers.map((__, v) => {
      const [taste, total] = [new Float64Array(blend.rows), new Float64Array(blend.rows)];
      order.tasteInto(v, taste);
      order.totalInto(v, total);
      return { taste: Array.from(taste), total: Array.from(total) };
    });
    const tops = order.top(limits.slice(from, from + order.block), size);
    return viewers.map((__, v) => ({ ...scores[v]!, top: tops[v]! }));
  });
}

/** −0 and 0 are the same score. */
const unsigned = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function expectSame(shape: Shape) {
  const problem = randomProblem(shape);
  const { source, blend } = problem;
  const plain = measure(createPlainOrder(source, blend), problem, shape.size);
  const simd = createSimdOrder(source, blend);
  expect(unsigned(measure(simd, problem, shape.size))).toEqual(unsigned(plain));

  const later = { ...problem, ...problem.later };
  const laterPlain = measure(createPlainOrder(source, later.blend), later, shape.size);
  // what hangs on the model was laid out before: nothing of it is read again
  if (source.kind === 'factors') source.films.fill(Number.NaN);
  expect(unsigned(measure(simd.over(later.blend), later, shape.size))).toEqual(unsigned(laterPlain));
  return plain;
}

describe('the served order', () => {
  test('by hand: taste alone, ties by row, hidden and closed rows left out', () => {
    const films = Array.from({ length: 4 }, () => ({ genres: [], positives: 1, trendMicro: 0 }));
    const blend = createBlend(films, configSchema.parse({}).blend);
    for (const create of [createPlainOrder, createSimdOrder]) {
      const order = create({ kind: 'factors', films: Float32Array.of(3, 1, 2, 2), k: 1 }, blend);
      const open = order.addClass(Uint8Array.of(0, 0, 0, 0));
      const closed = order.addClass(Uint8Array.of(0, 0, 1, 0));
      const topOf = (limits: ListLimits, size = 3) => {
        order.score([{ x: [1], genreTaste: null }]);
        return order.top([limits], size)[0]!;
      };
      // mean 2, deviation √(2/4): z = √2, −√2, 0, 0
      const { rows, taste, genres, total } = topOf({ group: open, hidden: [] });
      expect(rows).toEqual([0, 2, 3]);
      expect(taste[0]).toBeCloseTo(Math.SQRT2, 15);
      expect([taste[1], genres, total]).toEqual([0, [0, 0, 0], taste]);
      expect(topOf({ group: closed, hidden: [0] }).rows).toEqual([3, 1]);
      expect(topOf({ group: open, hidden: [] }, 0).rows).toEqual([]);
    }
  });

  test('by hand: a new film has its own score, by what the learnt ones are, and the fifth place at best', () => {
    const films = Array.from({ length: 6 }, () => ({ genres: [], positives: 1, trendMicro: 0 }));
    const blend = createBlend(films, configSchema.parse({}).blend, 5);
    for (const create of [createPlainOrder, createSimdOrder]) {
      const order = create({ kind: 'factors', films: Float32Array.of(1, 2, 3, 4, 5, 30), k: 1 }, blend);
      const open = order.addClass(new Uint8Array(6));
      order.score([{ x: [1], genreTaste: null }]);
      const { rows, total } = order.top([{ group: open, hidden: [] }], 6)[0]!;
      expect(rows).toEqual([4, 3, 2, 1, 5, 0]);
      expect(total[4]).toBeCloseTo((30 - 3) / Math.SQRT2, 12); // mean 3, deviation √2 of 1 … 5
      order.score([{ x: [1], genreTaste: null }]);
      expect(order.top([{ group: open, hidden: [5] }], 6)[0]!.rows).toEqual([4, 3, 2, 1, 0]);
    }
  });

  test('SIMD gives the bits of the readable one: scores, parts and lists of any problem', () => {
    const shape = fc.record({
      rows: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 13, max: 250 })),
      steep: fc.boolean(),
      scale: fc.constantFrom(1, 1, 1e-30, 1e30),
      viewers: fc.integer({ min: 1, max: 19 }),
      k: fc.constantFrom(1, 3, 4, 7, 8, 16),
      size: fc.constantFrom(1, 2, 10, 50),
      seed: fc.nat(10_000),
      coarse: fc.boolean(),
      fresh: fc.constantFrom(0, 1, 5, 40),
      items: fc.boolean(),
      weights: fc.constantFrom({}, { nowWeight: 0 }, { genreWeight: 0 }, { newPerTwenty: 20 }),
    });
    fc.assert(
      fc.property(shape, (p) => void expectSame(p)),
      { numRuns: 80 },
    );
  });

  test('at the size of a catalogue', () => {
    const weights = {};
    const lists = expectSame({ rows: 3001, viewers: 17, k: 64, size: 50, seed: 1, coarse: false, weights });
    expect(lists.filter(({ top }) => top.rows.length === 50).length).toBeGreaterThan(12);
  });

  test('a shorter film that points the right way beats longer ones of the tiles before it, and ties go by row', () => {
    // films of norm 2 and taste 1; the last two have norm 1 and tastes 1 and .9, in a tile of their own
    const factors = Float32Array.from({ length: 102 * 2 }, (_, n) => (n % 2 === 1 ? Math.sqrt(3) : 1));
    factors.set([1, 0, 0.9, 0], 200);
    factors[1] = 0; // row 0: (1, 0), there too
    const films = Array.from({ length: 102 }, () => ({ genres: [], positives: 1, trendMicro: 0 }));
    const blend = createBlend(films, configSchema.parse({}).blend);
    for (const create of [createPlainOrder, createSimdOrder]) {
      const order = create({ kind: 'factors', films: factors, k: 2 }, blend);
      const open = order.addClass(new Uint8Array(102));
      const of = (x: number[], hidden: number[], size: number) => {
        order.score([{ x, genreTaste: null }]);
        return order.top([{ group: open, hidden }], size)[0]!.rows;
      };
      expect(of([1, 0], [], 2)).toEqual([0, 1]);
      expect(of([1, -1], [], 3)).toEqual([0, 100, 101]);
      expect(of([1, -1], [0], 1)).toEqual([100]);
    }
  });

  test('a score that is not a number is never listed', () => {
    const films = Array.from({ length: 70 }, () => ({ genres: [], positives: 1, trendMicro: 0 }));
    const blend = createBlend(films, configSchema.parse({}).blend, 69); // the last one is new
    const factors = Float32Array.from({ length: 70 }, (_, row) => row);
    factors[69] = Number.NaN;
    for (const create of [createPlainOrder, createSimdOrder]) {
      const order = create({ kind: 'factors', films: factors, k: 1 }, blend);
      const open = order.addClass(new Uint8Array(70));
      const of = (x: number) => {
        order.score([{ x: [x], genreTaste: null }]);
        return order.top([{ group: open, hidden: [] }], 6)[0]!.rows;
      };
      expect(of(1)).toEqual([68, 67, 66, 65, 64, 63]);
      expect(of(Number.NaN)).toEqual([]);
    }
  });

  test('laid out for one model, it refuses the trend of another', () => {
    const films = [5, 7].map((positives) => ({ genres: [], positives, trendMicro: positives * 1_000_000 }));
    const { blend: weights } = configSchema.parse({});
    const blend = createBlend(films, weights);
    const source: TasteSource = { kind: 'factors', films: Float32Array.of(3, 1), k: 1 };
    const order = createSimdOrder(source, blend);
    const other = createBlend(films.toReversed(), weights);
    expect(() => order.over(other)).toThrow('an order is laid out for one model; this blend is of another');
    expect(() => order.over(createBlend(films, weights, 1))).toThrow('laid out for one model');
  });

  test('many classes', () => {
    const order = createSimdOrder(
      { kind: 'factors', films: Float32Array.of(3, 1), k: 1 },
      createBlend(
        [0, 1].map(() => ({ genres: [], positives: 1, trendMicro: 0 })),
        configSchema.parse({}).blend,
      ),
    );
    for (let group = 0; group < 40; group++) order.addClass(Uint8Array.of(group % 2, 1 - (group % 2)));
    order.score([0, 1, 2].map(() => ({ x: [1], genreTaste: null })));
    const tops = order.top(
      [0, 21, 39].map((group) => ({ group, hidden: [] })),
      2,
    );
    expect(tops.map(({ rows }) => rows)).toEqual([[0], [1], [1]]);
  });
});
