/** Groups of viewers that are looked at on their own (science C.7). */

/** What a viewer was as of the cut. */
export interface ViewerFacts {
  /** Days since the first event; 0 = the day of the cut. */
  tenureDays: number;
  /** Positive interactions in the train part. */
  positives: number;
  /** Age limit in years, as the age rule knows it. */
  maxAge: number;
  market: string;
  /** Of most of the films in the history; null = no film says. */
  language: string | null;
  genre: string | null;
  /** Of most of the viewer's events before the cut; null = none says. */
  device: string | null;
}

export const DIMENSIONS = ['tenure', 'history', 'age', 'market', 'language', 'genre', 'device'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Of these dimensions only the most common values are looked at; what a device is called is for each client to say. */
const MOST_COMMON: Partial<Record<Dimension, number>> = { genre: 20, device: 10 };

export interface Slice {
  dimension: Dimension;
  value: string;
  /** Viewer numbers, ascending. */
  viewers: number[];
}

/** All slices with at least one viewer, in a fixed order; a viewer is in at most one slice of each dimension. */
export function slicesOf(facts: readonly ViewerFacts[]): Slice[] {
  return DIMENSIONS.flatMap((dimension) => {
    const groups = new Map<string, number[]>();
    facts.forEach((viewer, n) => {
      const value = valueOf(viewer, dimension);
      if (value === null) return;
      const group = groups.get(value);
      if (group === undefined) groups.set(value, [n]);
      else group.push(n);
    });
    const slices = [...groups].map(([value, viewers]) => ({ dimension, value, viewers }));
    slices.sort((a, b) => b.viewers.length - a.viewers.length || compare(a.value, b.value));
    slices.splice(MOST_COMMON[dimension] ?? slices.length);
    return slices.sort((a, b) => compare(a.value, b.value));
  });
}

function valueOf(viewer: ViewerFacts, dimension: Dimension): string | null {
  switch (dimension) {
    case 'tenure':
      return tenureBand(viewer.tenureDays);
    case 'history':
      return historyBand(viewer.positives);
    case 'age':
      return ageBand(viewer.maxAge);
    case 'market':
    case 'language':
    case 'genre':
    case 'device':
      return viewer[dimension];
  }
}

/** New: at most 7 days. */
export function tenureBand(days: number): string {
  return days <= 7 ? 'new, to 7 days' : 'known, over 7 days';
}

export function historyBand(positives: number): string {
  if (positives < 10) return 'light, to 9';
  return positives < 50 ? 'medium, 10 to 49' : 'heavy, 50 and more';
}

export function ageBand(maxAge: number): string {
  if (maxAge < 7) return 'under 7';
  if (maxAge < 12) return '7 to 11';
  if (maxAge < 16) return '12 to 15';
  return maxAge < 18 ? '16 and 17' : '18 and over';
}

export const POPULARITY_THIRDS = ['head', 'mid', 'tail'] as const;

/** Third of each known film by count, most counted first (ties: lower number): 0 head, 1 mid, 2 tail; −1 = unknown. */
export function popularityThirds(counts: ArrayLike<number>, isKnown: (film: number) => boolean): Int8Array {
  const known = Array.from(counts, (_, film) => film).filter(isKnown);
  known.sort((a, b) => counts[b]! - counts[a]! || a - b);
  const thirds = new Int8Array(counts.length).fill(-1);
  known.forEach((film, place) => {
    thirds[film] = Math.floor((3 * place) / known.length);
  });
  return thirds;
}

/** Bands in the order of what they are bands of; everything else by name. */
const BANDS: readonly string[] = [
  ...[0, 8].map(tenureBand),
  ...[0, 10, 50].map(historyBand),
  ...[0, 7, 12, 16, 18].map(ageBand),
];

/** For people who read slices one under the other; where slices are stored or compared, their order is by name. */
export const inReadingOrder = <T extends { value: string }>(slices: readonly T[]): T[] =>
  slices.toSorted((a, b) => BANDS.indexOf(a.value) - BANDS.indexOf(b.value) || compare(a.value, b.value));

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
