import type { FilmTastes } from './similar-films.js';

/** Writes how like film `row` every film of a model is, at most 1. Holds scratch memory: one per thread. */
export function likenessToRow(model: FilmTastes): (row: number, out: Float64Array) => void {
  return model.kind === 'factors' ? byAngle(model) : byWeights(model);
}

/** The cosine of two films' factors. */
function byAngle({ factors, k, filmIds }: FilmTastes & { kind: 'factors' }) {
  const unit = Float64Array.from(factors);
  for (let row = 0; row < filmIds.length; row++) {
    const y = unit.subarray(row * k, (row + 1) * k);
    const length = Math.sqrt(y.reduce((sum, value) => sum + value * value, 0));
    for (let f = 0; f < k; f++) y[f] = length === 0 ? 0 : (y[f] ?? 0) / length;
  }
  const product = (row: number, other: number): number => {
    let sum = 0;
    for (let f = 0, x = row * k, y = other * k; f < k; f++, x++, y++) sum += unit[x]! * unit[y]!;
    return sum;
  };
  return (row: number, out: Float64Array): void => {
    const fours = out.length & ~3;
    for (let other = 0; other < fours; other += 4) fourProducts(unit, k, row, other, out);
    for (let other = fours; other < out.length; other++) out[other] = product(row, other);
  };
}

/** A sum waits for its last addition: four films at once, each with the bits that it has alone, take a third of the time. */
function fourProducts(unit: Float64Array, k: number, row: number, other: number, out: Float64Array): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const y1 = k;
  const y2 = 2 * k;
  const y3 = 3 * k;
  for (let f = 0, x = row * k, y = other * k; f < k; f++, x++, y++) {
    const own = unit[x]!;
    s0 += own * unit[y]!;
    s1 += own * unit[y + y1]!;
    s2 += own * unit[y + y2]!;
    s3 += own * unit[y + y3]!;
  }
  out[other] = s0;
  out[other + 1] = s1;
  out[other + 2] = s2;
  out[other + 3] = s3;
}

/**
 * By EASE: B_ij = −P_ij/P_jj, so √(B_ij·B_ji) = |P_ij|/√(P_ii·P_jj) is the partial correlation of the two films, the others
 * being equal. It is small beside a cosine; of each film's likenesses the strongest counts 1.
 */
function byWeights({ weights, filmIds }: FilmTastes & { kind: 'items' }) {
  const films = filmIds.length;
  return (row: number, out: Float64Array): void => {
    let most = 0;
    for (let other = 0; other < films; other++) {
      const [to, back] = [weights[row * films + other]!, weights[other * films + row]!];
      out[other] = other === row ? 0 : Math.sign(to) * Math.sqrt(Math.max(0, to * back));
      most = Math.max(most, out[other]!);
    }
    if (most > 0) for (let other = 0; other < films; other++) out[other]! /= most;
  };
}
