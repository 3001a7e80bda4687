import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Certificates, configSchema } from '../../src/contracts/index.js';
import {
  addCertificates,
  CERTIFICATE_TABLE,
  filmMinAge,
  MARKET_SCHEMES,
} from '../../src/core/age-gate/index.js';

const { ages } = configSchema.parse({});
const add = (held: Certificates, offered: Certificates) => addCertificates(held, offered, ages);

describe('beside a held certificate', () => {
  test.each<[string, Certificates, Certificates, Certificates]>([
    ['a stricter one of the scheme counts', { MPA: ['PG'] }, { MPA: ['R'] }, { MPA: ['PG', 'R'] }],
    [
      'a stricter one of another scheme too',
      { MPA: ['PG'] },
      { BBFC: ['15'] },
      { BBFC: ['15'], MPA: ['PG'] },
    ],
    ['the same says nothing new', { MPA: ['PG-13'] }, { mpa: ['Rated PG 13'] }, { MPA: ['PG-13'] }],
    ['"not rated" says nothing', { MPA: ['PG'] }, { MPA: ['Not Rated'], BBFC: [''] }, { MPA: ['PG'] }],
    ['a board that nobody knows says nothing', { MPA: ['PG'] }, { XYZ: ['21'] }, { MPA: ['PG'] }],
    [
      'a label that nobody knows counts as 18',
      { MPA: ['PG'] },
      { FSK: ['ab 14'] },
      { FSK: ['ab 14'], MPA: ['PG'] },
    ],
  ])('%s', (_, held, offered, expected) => {
    const { certificates, refused } = add(held, offered);
    expect(certificates).toEqual(expected);
    expect(refused).toEqual([]);
  });

  test('a lower one is refused and told of', () => {
    expect(add({ MPA: ['R'] }, { MPA: ['PG'] })).toEqual({
      certificates: { MPA: ['R'] },
      isStricter: false,
      refused: [{ scheme: 'MPA', labels: ['PG'], minAge: 10, keptAge: 17 }],
    });
  });

  test('nor does another board open its own market', () => {
    // Before, GB went by MPA R (17); BBFC PG would have decided there alone, with 8.
    const { certificates, refused } = add({ MPA: ['R'] }, { BBFC: ['PG'] });
    expect(filmMinAge(certificates, 'GB', ages)).toBe(17);
    expect(refused).toEqual([{ scheme: 'BBFC', labels: ['PG'], minAge: 8, keptAge: 17 }]);
  });
});

test('a film without any certificate takes what is offered', () => {
  const { certificates, isStricter } = add({}, { MPA: ['PG'], FSK: ['6'] });
  expect(certificates).toEqual({ FSK: ['6'], MPA: ['PG'] });
  expect(isStricter).toBe(true);
  expect(add({ MPA: [] }, { FSK: ['6'] }).certificates).toEqual({ FSK: ['6'] });
});

test('in no market does the minimum age ever fall', () => {
  const labels = [...CERTIFICATE_TABLE.schemes].flatMap(([scheme, table]) =>
    [...table.keys(), 'NR', 'odd label'].map((label) => [scheme, label] as const),
  );
  const certificates = fc
    .array(fc.constantFrom(...labels, ['BD', 'U'] as const, ['XX', '1'] as const), { maxLength: 4 })
    .map((given) => {
      const found: Certificates = {};
      for (const [scheme, label] of given) (found[scheme] ??= []).push(label);
      return found;
    });
  const markets = [...MARKET_SCHEMES.keys(), 'default', 'FR'];
  let raised = 0;
  fc.assert(
    fc.property(certificates, certificates, (held, offered) => {
      fc.pre(Object.keys(held).some((scheme) => CERTIFICATE_TABLE.schemes.has(scheme)));
      const sum = add(held, offered).certificates;
      for (const market of markets) {
        const [before, after] = [filmMinAge(held, market, ages), filmMinAge(sum, market, ages)];
        expect(after).toBeGreaterThanOrEqual(before);
        if (after > before) raised++;
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
  expect(raised).toBeGreaterThan(100);
});
