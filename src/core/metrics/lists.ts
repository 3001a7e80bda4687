/**
 * Metrics of one list that need no relevant films (science C.5): pure functions. `counts[film]` is how many viewers have a
 * positive interaction with the film in the train part. An empty list has no value: NaN, left out of means.
 */

/** Mean of −log₂(c_i / Σc) over the list, bits (Castells 2011). A film that nobody played counts as played once. */
export function novelty(list: ArrayLike<number>, counts: ArrayLike<number>, total: number): number {
  return meanOver(list, (film) => -Math.log2(Math.max(counts[film]!, 1) / Math.max(total, 1)));
}

/** Average recommendation popularity: mean train count over the list. */
export function averagePopularity(list: ArrayLike<number>, counts: ArrayLike<number>): number {
  return meanOver(list, (film) => counts[film]!);
}

/** Intra-list diversity: mean distance over all n(n−1)/2 pairs; NaN for fewer than two films. */
export function intraListDiversity(
  list: ArrayLike<number>,
  distance: (a: number, b: number) => number,
): number {
  let sum = 0;
  for (let i = 1; i < list.length; i++) {
    for (let j = 0; j < i; j++) sum += distance(list[j]!, list[i]!);
  }
  return sum / ((list.length * (list.length - 1)) / 2);
}

/** 1 − |A ∩ B| / |A ∪ B| of ascending lists; two films without genres tell nothing apart: 0. */
export function jaccardDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let common = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      common++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  const union = a.length + b.length - common;
  return union === 0 ? 0 : 1 - common / union;
}

/** 1 − cos of rows a and b of `factors` (rows × k; padding with zeros changes nothing); a zero row is at distance 1 of everything. */
export function cosineDistance(factors: ArrayLike<number>, k: number, a: number, b: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let f = 0; f < k; f++) {
    const [x, y] = [factors[a * k + f]!, factors[b * k + f]!];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 1 : 1 - ab / Math.sqrt(aa * bb);
}

/**
 * Miscalibration C_KL = Σ_g p(g) ln(p(g) / q̃(g)), q̃ = .99 q + .01 p, nats (Steck 2018). p: genre shares of the viewer's
 * history; q: of the list. 0 = the list has the history's mix.
 */
export function miscalibration(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let g = 0; g < p.length; g++) {
    const share = p[g]!;
    if (share > 0) sum += share * Math.log(share / (0.99 * q[g]! + 0.01 * share));
  }
  return sum;
}

/** Genre shares of films: each film spreads 1 over its genres; sums to 1, or all 0 when no film has a genre. */
export function genreShares(
  films: ArrayLike<number>,
  genresOf: (film: number) => ArrayLike<number>,
  genres: number,
): Float64Array {
  const shares = new Float64Array(genres);
  let total = 0;
  for (let n = 0; n < films.length; n++) {
    const own = genresOf(films[n]!);
    for (let g = 0; g < own.length; g++) shares[own[g]!]! += 1 / own.length;
    if (own.length > 0) total++;
  }
  if (total > 0) for (let g = 0; g < genres; g++) shares[g]! /= total;
  return shares;
}

/** Jensen–Shannon divergence of two distributions in bits, 0 … 1. */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let g = 0; g < p.length; g++) {
    const middle = (p[g]! + q[g]!) / 2;
    if (p[g]! > 0) sum += (p[g]! / 2) * Math.log2(p[g]! / middle);
    if (q[g]! > 0) sum += (q[g]! / 2) * Math.log2(q[g]! / middle);
  }
  return sum;
}

/** Share of the list that `isOf` holds for: freshness (added ≤ 90 days ago), disliked, tail, … */
export function shareOf(list: ArrayLike<number>, isOf: (film: number) => boolean): number {
  return meanOver(list, (film) => Number(isOf(film)));
}

function meanOver(list: ArrayLike<number>, value: (film: number) => number): number {
  let sum = 0;
  for (let n = 0; n < list.length; n++) sum += value(list[n]!);
  return sum / list.length;
}
