/**
 * Least ages of films of the demo by their American certificates as everybody knows them, written by hand and not worked out by
 * any rule of the product, so that a rule which is wrong (or a certificate that was lost on its way) is seen. R: under 17
 * not without a parent; PG-13: not for children under 13; G: for all.
 */
export const KNOWN_AGES: ReadonlyMap<string, 0 | 13 | 17> = new Map([
  ['the-godfather-1972', 17],
  ['taxi-driver-1976', 17],
  ['alien-1979', 17],
  ['the-shining-1980', 17],
  ['blade-runner-1982', 17],
  ['the-terminator-1984', 17],
  ['die-hard-1988', 17],
  ['goodfellas-1990', 17],
  ['the-silence-of-the-lambs-1991', 17],
  ['pulp-fiction-1994', 17],
  ['the-matrix-1999', 17],
  ['batman-1989', 13],
  ['jurassic-park-1993', 13],
  ['titanic-1997', 13],
  ['the-sound-of-music-1965', 0],
  ['mary-poppins-1964', 0],
  ['aladdin-1992', 0],
  ['the-lion-king-1994', 0],
  ['toy-story-1995', 0],
  ['finding-nemo-2003', 0],
]);

/** Films of the table above an age, and those for it. */
export function knownAbove(maxAge: number): string[] {
  return [...KNOWN_AGES].flatMap(([filmId, age]) => (age > maxAge ? [filmId] : []));
}
export function knownFor(maxAge: number): string[] {
  return [...KNOWN_AGES].flatMap(([filmId, age]) => (age <= maxAge ? [filmId] : []));
}
