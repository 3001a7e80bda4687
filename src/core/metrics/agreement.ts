/** How alike two rankings are; films without repeats, best first. */

/** |A_k ∩ B_k| / k: agreement of the sets at depth k. Of a viewer's lists of two nights: user-repeat. */
export function overlapAt(a: ArrayLike<number>, b: ArrayLike<number>, k: number): number {
  return commonAt(a, b, k) / k;
}

/** |A_k ∩ B_k| without a set: k is small, and this runs for every viewer. */
function commonAt(a: ArrayLike<number>, b: ArrayLike<number>, k: number): number {
  let common = 0;
  for (let n = 0; n < b.length && n < k; n++) {
    for (let m = 0; m < a.length && m < k; m++) {
      if (a[m] === b[n]) {
        common++;
        break;
      }
    }
  }
  return common;
}

/**
 * Rank-biased overlap with persistence p, cut at `depth` and renormalised so that equal rankings give 1:
 * Σ_{d≤depth} p^(d−1) · overlap at d ÷ Σ_{d≤depth} p^(d−1) (Webber et al. 2010, without the tail).
 */
export function rankBiasedOverlap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  p: number,
  depth: number,
): number {
  let [sum, weights] = [0, 0];
  for (let d = 1, weight = 1; d <= depth; d++, weight *= p) {
    sum += weight * overlapAt(a, b, d);
    weights += weight;
  }
  return sum / weights;
}
