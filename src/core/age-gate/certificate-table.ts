/** Never listed to anybody: above every age, whatever the viewer's birth year. */
export const NEVER = 99;

/**
 * Printed certificate → minimum age, by scheme (science H.6; conservative where the scheme only advises).
 * Labels are in the form that `normaliseLabel` makes: upper case, without spaces, dashes and a leading "RATED".
 * A change here is a change of version, and of `warehouse/publish/certificate_ages.sql`, its independent twin.
 */
export const CERTIFICATE_TABLE = {
  version: 'h6-1',
  schemes: new Map<string, ReadonlyMap<string, number>>([
    [
      'MPA',
      new Map([
        ['G', 0],
        ['PG', 10],
        ['PG13', 13],
        ['R', 17],
        ['NC17', 18],
        ['X', 18],
      ]),
    ],
    [
      'BBFC',
      new Map([
        ['U', 0],
        ['PG', 8],
        ['12A', 12],
        ['12', 12],
        ['15', 15],
        ['18', 18],
        ['R18', NEVER],
      ]),
    ],
    [
      'FSK',
      new Map([
        ['0', 0],
        ['6', 6],
        ['12', 12],
        ['16', 16],
        ['18', 18],
      ]),
    ],
    [
      'KMRB',
      new Map([
        ['ALL', 0],
        ['전체관람가', 0],
        ['12', 12],
        ['12세이상관람가', 12],
        ['15', 15],
        ['15세이상관람가', 15],
        ['18', 19],
        ['19', 19],
        ['청소년관람불가', 19],
        ['RESTRICTED', NEVER],
        ['제한상영가', NEVER],
      ]),
    ],
    [
      'CBFC',
      new Map([
        ['U', 0],
        ['UA', 12],
        ['UA7+', 7],
        ['UA13+', 13],
        ['UA16+', 16],
        ['A', 18],
        ['S', NEVER],
      ]),
    ],
  ]),
} as const;

/** Market → its scheme. BD has a board but no table yet, so that its certificates count as unknown (H.6). */
export const MARKET_SCHEMES: ReadonlyMap<string, string> = new Map([
  ['US', 'MPA'],
  ['GB', 'BBFC'],
  ['DE', 'FSK'],
  ['KR', 'KMRB'],
  ['IN', 'CBFC'],
  ['BD', 'BD'],
]);
