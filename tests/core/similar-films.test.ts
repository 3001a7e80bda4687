import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likenessOf, similarProblems } from '../../src/core/similar/similar-audit.js';
import { createSimilarFilms } from '../../src/core/similar/similar-films.js';
import {
  emptyTable,
  openSimilar,
  packSimilar,
  placeSimilar,
  reorderSimilar,
} from '../../src/core/similar/similar-table.js';
import { film } from '../api/world.js';

const films = [
  film('a', 0, { genres: ['War'], year: null }),
  film('b', 0, { genres: ['War'], year: null }),
  film('c', 0, { genres: ['Comedy'], year: null }),
  film('d', 0, { genres: ['Opera'], year: null }),
  film('new', 0, { genres: ['War'], year: null }),
];
const top = [0, 1, 2, 3, 4];

describe('similar films', () => {
  it('without a model by their facts alone', () => {
    const of = createSimilarFilms(films, top, null);
    expect(of(0)).toEqual([
      { film: 1, kind: 'facts' },
      { film: 4, kind: 'facts' },
    ]);
    expect(of(2)).toEqual([]);
  });

  it('by taste where the model knows both, by facts where it does not, both added up', () => {
    // Cosines with a: b 0.6, c 1, d −1 (no likeness). Facts with a: b 1, new 1.
    const factors = Float32Array.of(1, 0, 0.6, 0.8, 2, 0, -1, 0);
    const model = { kind: 'factors' as const, factors, filmIds: ['a', 'b', 'c', 'd'], k: 2, learnt: 4 };
    // c .7·1 = .7; b .7·.6 + .3·1 = .72, most of it taste; new .3.
    expect(createSimilarFilms(films, top, model)(0)).toEqual([
      { film: 1, kind: 'taste' },
      { film: 2, kind: 'taste' },
      { film: 4, kind: 'facts' },
    ]);
    expect(createSimilarFilms(films, top, model)(4).map((each) => each.kind)).toEqual(['facts', 'facts']);
  });

  it('factors that come from facts make no taste of people, and nothing without a fact in common', () => {
    const factors = Float32Array.of(1, 0, 0.6, 0.8, 2, 0, -1, 0);
    const model = { kind: 'factors' as const, factors, filmIds: ['a', 'b', 'c', 'd'], k: 2, learnt: 1 };
    // As above, but only a has been seen: b keeps what speaks for it, by its facts; c has no fact in common with a.
    expect(createSimilarFilms(films, top, model)(0)).toEqual([
      { film: 1, kind: 'facts' },
      { film: 4, kind: 'facts' },
    ]);
  });

  it('factors that are all 0 are like nothing', () => {
    const model = {
      kind: 'factors' as const,
      factors: new Float32Array(8),
      filmIds: ['a', 'b', 'c', 'd'],
      k: 2,
      learnt: 4,
    };
    expect(createSimilarFilms(films, top, model)(2)).toEqual([]);
  });
});

describe('their table', () => {
  const ids = ['x', 'y', 'z'];
  it('comes back as it was put in, in whatever parts, and in another order of films', () => {
    const entry = fc.record({ film: fc.nat(2), kind: fc.constantFrom('taste' as const, 'facts' as const) });
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 24 }), { minLength: 3, maxLength: 3 }), (rows) => {
        const table = emptyTable(3);
        placeSimilar(table, packSimilar(rows.slice(2)), 2);
        placeSimilar(table, packSimilar(rows.slice(0, 2)), 0);
        const named = rows.map((row) => row.map(({ film: index, kind }) => ({ filmId: ids[index], kind })));
        const turned = openSimilar(reorderSimilar(table, ids, ['z', 'x', 'y']), ['z', 'x', 'y']);
        for (const read of [openSimilar(table, ids), turned])
          expect(ids.map((id) => read.of(id))).toEqual(named);
        expect(turned.of('unknown')).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it('is refused when it is of other films', () => {
    expect(() => openSimilar(emptyTable(3), ['x'])).toThrow(
      '3 films in 75 numbers, expected version 1 and 1 films',
    );
    expect(() => openSimilar(new Uint32Array(0), [])).toThrow('version undefined');
  });

  it('is audited: neighbours that are the film itself, come twice, or are not alike', () => {
    const problems = (rows: { film: number; kind: 'taste' | 'facts' }[][], holds = true) => {
      const table = emptyTable(3);
      placeSimilar(table, packSimilar(rows), 0);
      return similarProblems(openSimilar(table, ids), ids, () => holds);
    };
    const facts = (index: number) => ({ film: index, kind: 'facts' as const });
    expect(problems([[facts(1), facts(2)], [], []])).toEqual([]);
    expect(problems([[facts(0)], [], []])).toEqual(['film x has x among its neighbours wrongly or twice']);
    expect(problems([[], [facts(2), facts(2)], []])).toEqual([
      'film y has z among its neighbours wrongly or twice',
    ]);
    expect(problems([[], [facts(2)], []], false)).toEqual(['film y is not like z by facts']);
  });

  it('likeness, for the audit: a fact of the same kind, whatever its case; an acute angle', () => {
    const made = [
      film('a', 0, { directors: ['Ida Lupino'], genres: ['War'], year: 1951 }),
      film('b', 0, { directors: ['ida lupino'], year: 1949 }),
      film('c', 0, { actors: ['Ida Lupino'], genres: ['War'], year: 1959 }),
    ].map((one) => ({ ...one, countries: [] }));
    const model = {
      kind: 'factors' as const,
      learnt: 3,
      filmIds: ['a', 'b', 'c'],
      k: 2,
      factors: Float32Array.of(1, 0, 1, 1, -1, 2),
    };
    const holds = likenessOf(made, model);
    expect(['ab', 'ac', 'bc', 'ax'].map(([a, b]) => holds(a!, b!, 'facts'))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(['ab', 'ac', 'bc', 'ax'].map(([a, b]) => holds(a!, b!, 'taste'))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(likenessOf(made, null)('a', 'b', 'taste')).toBe(false);
  });
});
