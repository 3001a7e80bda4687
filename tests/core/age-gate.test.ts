import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/config.js';
import {
  CERTIFICATE_TABLE,
  filmMinAge,
  isAllowed,
  MARKET_SCHEMES,
  NEVER,
  profileMaxAge,
} from '../../src/core/age-gate/index.js';

const { ages } = configSchema.parse({});
const nobody = { birthYear: null, isKids: false, isAdultDeclared: false };

describe('profileMaxAge', () => {
  test.each([
    [{ ...nobody, birthYear: 2014 }, 11, 'the birthday may still be ahead'],
    [{ ...nobody, birthYear: 2007 }, 18, 'eighteen for certain'],
    [{ ...nobody, birthYear: 2008 }, 17, 'eighteen only perhaps'],
    [{ ...nobody, birthYear: 1980, isKids: true }, 12, 'the kids flag caps'],
    [{ ...nobody, birthYear: 2020, isKids: true }, 5, 'and never lifts'],
    [{ ...nobody, birthYear: 2014, isAdultDeclared: true }, 11, 'a birth year beats a declaration'],
    [{ ...nobody, isAdultDeclared: true }, 18, 'declared adult'],
    [{ ...nobody, isAdultDeclared: true, isKids: true }, 6, 'a contradiction fails closed'],
    [{ ...nobody, isKids: true }, 6, 'kids of unknown age'],
    [nobody, 12, 'unknown'],
    [{ ...nobody, birthYear: 2026 }, 0, 'never below 0'],
    [{ ...nobody, birthYear: 2050 }, 0, 'a birth year ahead of us'],
    [{ ...nobody, birthYear: 1890 }, 98, 'never as high as NEVER'],
  ])('%o → %i: %s', (profile, expected, _why) => {
    expect(profileMaxAge(profile, 2026, ages)).toBe(expected);
  });
});

describe('settings', () => {
  test.each([
    ['unknownKids', 0, 12, /kids profile/],
    ['unknownProfile', 0, 18, /declared adult/],
    ['unknownCertificate', 18, 99, /not for minors/],
  ])('%s is %i to %i, so that what is unknown fails closed', (name, least, most, why) => {
    const parse = (age: number) => configSchema.safeParse({ ages: { [name]: age } });
    expect([least, most].map((age) => parse(age).success)).toEqual([true, true]);
    for (const age of [least - 1, most + 1]) {
      const [issue] = parse(age).error?.issues ?? [];
      expect(issue).toMatchObject({ path: ['ages', name], message: expect.stringMatching(why) });
    }
  });
});

describe('filmMinAge', () => {
  test.each([
    [{ MPA: ['PG'] }, 'US', 10],
    [{ MPA: ['PG'], BBFC: ['PG'] }, 'GB', 8],
    [{ MPA: ['R'], BBFC: ['15'] }, 'GB', 15],
    [{ MPA: ['R'], BBFC: ['15'] }, 'default', 17],
    [{ MPA: ['R'], BBFC: ['15'] }, 'FR', 17],
    [{ MPA: ['PG'], FSK: ['16'] }, 'IN', 16],
    [{ FSK: ['0'] }, 'DE', 0],
    [{ KMRB: ['18'] }, 'KR', 19],
    [{ KMRB: ['청소년관람불가'] }, 'KR', 19],
    [{ KMRB: ['제한상영가'] }, 'KR', NEVER],
    [{ CBFC: ['UA 7+'] }, 'IN', 7],
    [{ CBFC: ['S'] }, 'IN', NEVER],
    [{ BBFC: ['R18'] }, 'default', NEVER],
    [{ MPA: ['NC-17', 'PG', 'none'] }, 'US', 18],
    [{ MPA: ['PG', 'PG-13'] }, 'US', 13],
    [{ MPA: ['PG', 'Unrated'] }, 'US', 18],
    [{ MPA: ['Approved'] }, 'US', 18],
    [{ MPA: ['Passed'] }, 'US', 18],
    [{ MPA: ['NR'] }, 'US', 18],
    [{ MPA: [''] }, 'US', 18],
    [{ MPA: [] }, 'US', 18],
    [{ MPA: [], BBFC: ['U'] }, 'US', 0],
    [{}, 'US', 18],
    [{ ACB: ['M'] }, 'default', 18],
    [{ ACB: ['M'], MPA: ['G'] }, 'default', 0],
    [{ BD: ['U'], MPA: ['G'] }, 'BD', 18],
    [{ MPA: ['G'] }, 'BD', 0],
    [{ mpa: ['pg'] }, 'us', 10],
    [{ MPA: ['constructor'] }, 'US', 18],
    [{ constructor: ['G'] }, 'US', 18],
  ])('%o in %s → %i', (certificates, market, expected) => {
    expect(filmMinAge(certificates, market, ages)).toBe(expected);
  });

  test.each(['PG-13', 'pg13', ' Rated  PG-13 ', 'PG‑13', 'PG–13', 'PG—13', 'PG−13', 'pg 13', 'PG\u00a013'])(
    'reads %s as PG-13',
    (label) => expect(filmMinAge({ MPA: [label] }, 'US', ages)).toBe(13),
  );
});

describe('the gate as a whole', () => {
  const schemes = [...CERTIFICATE_TABLE.schemes.keys(), 'ACB', 'BD'];
  const labels = [...CERTIFICATE_TABLE.schemes.values()].flatMap((table) => [...table.keys()]);
  const certificates = fc.dictionary(
    fc.constantFrom(...schemes),
    fc.array(fc.oneof(fc.constantFrom(...labels, 'NR', 'Approved', ''), fc.string()), { maxLength: 3 }),
  );
  const market = fc.oneof(fc.constantFrom(...MARKET_SCHEMES.keys(), 'default', 'FR'), fc.string());
  const profile = fc.record({
    birthYear: fc.option(fc.integer({ min: 1890, max: 2100 })),
    isKids: fc.boolean(),
    isAdultDeclared: fc.boolean(),
  });

  test('no generated pair that is allowed shows a film above the age that the market knows', () => {
    fc.assert(
      fc.property(profile, certificates, market, (who, film, where) => {
        const maxAge = profileMaxAge(who, 2026, ages);
        const minAge = filmMinAge(film, where, ages);
        if (!isAllowed(maxAge, minAge)) return;
        const trueAge = who.birthYear === null ? null : 2026 - who.birthYear;
        if (trueAge !== null) expect(minAge).toBeLessThan(Math.max(trueAge, 1));
        if (who.isKids) expect(minAge).toBeLessThanOrEqual(12);
        if (trueAge === null && !who.isAdultDeclared) expect(minAge).toBeLessThanOrEqual(12);
        expect(minAge).not.toBe(NEVER);
        // A child is never shown what nobody has certified.
        if (maxAge < 18) expect(Object.values(film).flat()).not.toHaveLength(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('one more certificate of a scheme never lowers the age in its market', () => {
    fc.assert(
      fc.property(certificates, fc.constantFrom(...labels, 'NR'), (film, label) => {
        const scheme = 'MPA';
        const had = film[scheme] ?? [];
        fc.pre(had.length > 0);
        const more = { ...film, [scheme]: [...had, label] };
        expect(filmMinAge(more, 'US', ages)).toBeGreaterThanOrEqual(filmMinAge(film, 'US', ages));
      }),
    );
  });

  test('a broken number is refused', () => {
    expect(isAllowed(Number.NaN, 0)).toBe(false);
    expect(isAllowed(18, Number.NaN)).toBe(false);
    expect(isAllowed(200, NEVER)).toBe(false);
    expect(isAllowed(12, 12)).toBe(true);
    expect(isAllowed(11, 12)).toBe(false);
  });
});
