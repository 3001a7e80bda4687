import { randomOf } from '../random/random.js';
import { meanOf } from './judgement.js';

/** z of 95 % one-sided confidence plus z of 80 % power: 1.645 + .841. */
const Z_SUM = 2.486;

/**
 * One-sided sign-flip permutation test of paired differences: the share of sign patterns (of `rounds` random ones and the
 * observed one) whose sum is at most the observed sum. Small p: the mean is below 0. Under H0, differences symmetric about
 * 0, P(p ≤ α) ≤ α. 32 signs per random number.
 */
export function signFlipHarm(differences: ArrayLike<number>, seed: number, rounds: number): number {
  const moved = Float64Array.from(Array.from(differences).filter((d) => d !== 0)); // a sign does nothing to 0
  let observed = 0;
  for (const d of moved) observed += d;
  const slack = 1e-12 * moved.length; // sums of the same numbers in other signs may differ in the last bits
  const random = randomOf('sign-flip', seed);
  let asLow = 1;
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    let bits = 0;
    for (let n = 0; n < moved.length; n++) {
      if ((n & 31) === 0) bits = random.next();
      sum += (bits & 1) === 1 ? moved[n]! : -moved[n]!;
      bits >>>= 1;
    }
    if (sum <= observed + slack) asLow++;
  }
  return asLow / (rounds + 1);
}

/** Holm's step-down adjustment: adjusted p values, in the order given; any at most α holds with family-wise error α. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, n) => n).sort((a, b) => pValues[a]! - pValues[b]! || a - b);
  const adjusted = pValues.map(() => 0);
  let floor = 0;
  order.forEach((n, step) => {
    floor = Math.max(floor, Math.min(1, (pValues.length - step) * pValues[n]!));
    adjusted[n] = floor;
  });
  return adjusted;
}

/**
 * Viewers needed so that an equal model passes a non-inferiority test of relative margin δ at 95 % confidence with 80 %
 * power: (2.486 · sd(d) / (δ · base))². 0 when all differences are equal; infinite when the base is 0.
 */
export function requiredViewers(differences: Float64Array, base: number, margin: number): number {
  const spread = standardDeviation(differences);
  if (spread === 0) return 0;
  return base <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(((Z_SUM * spread) / (margin * base)) ** 2);
}

/** Sample standard deviation (n − 1); 0 for fewer than two. */
export function standardDeviation(values: Float64Array): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** Wilson score interval of a share, 95 % two-sided: for how often something happened in `of` replicates. */
export function wilson(happened: number, of: number): { lower: number; upper: number } {
  const z = 1.959964;
  const share = happened / of;
  const centre = share + z ** 2 / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  return { lower: (centre - half) / scale, upper: (centre + half) / scale };
}
