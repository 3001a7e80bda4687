/**
 * Ranking metrics of one viewer (science C.5): pure functions of the ranks, 1-based and ascending, that the relevant films
 * take in a ranking of all candidates. Every relevant film has a rank, |R| = ranks.length ≥ 1; H = hits in the top k.
 * Equal scores are ordered by film id before any of this, so every ranking is total.
 */

/** Changes whenever a definition does; numbers with another id are not comparable. */
export const METRICS_DEFINITION = 'matinee-ranking/1';

/** H / k */
export function precision(ranks: readonly number[], k: number): number {
  return hits(ranks, k) / k;
}

/** H / |R| */
export function recall(ranks: readonly number[], k: number): number {
  return hits(ranks, k) / ranks.length;
}

/** 2PR / (P + R), 0 when both are 0 */
export function f1(ranks: readonly number[], k: number): number {
  const p = precision(ranks, k);
  const r = recall(ranks, k);
  return p + r === 0 ? 0 : (2 * p * r) / (p + r);
}

/** 1 when there is a hit */
export function hit(ranks: readonly number[], k: number): number {
  return hits(ranks, k) > 0 ? 1 : 0;
}

/** Σ_hits 1/log₂(1 + rank) ÷ the same sum of an ideal ranking with min(k, |R|) hits */
export function ndcg(ranks: readonly number[], k: number): number {
  let gain = 0;
  let ideal = 0;
  for (let n = 0; n < ranks.length && n < k; n++) {
    if (ranks[n]! <= k) gain += discount(ranks[n]!);
    ideal += discount(n + 1);
  }
  return gain / ideal;
}

/** Σ_hits P@rank ÷ min(k, |R|); its mean over viewers is MAP. (Others divide by |R|: not comparable.) */
export function averagePrecision(ranks: readonly number[], k: number): number {
  let sum = 0;
  for (let n = 0; n < ranks.length && ranks[n]! <= k; n++) sum += (n + 1) / ranks[n]!;
  return sum / Math.min(k, ranks.length);
}

/** 1 / rank of the first hit, over the whole list */
export function reciprocalRank(ranks: readonly number[]): number {
  return 1 / ranks[0]!;
}

/**
 * Exact Mann–Whitney: the share of (relevant, other) pairs in the right order among `candidates` films.
 * ½ when there is no other film.
 */
export function auc(ranks: readonly number[], candidates: number): number {
  const others = candidates - ranks.length;
  if (others === 0) return 0.5;
  let wrong = 0;
  ranks.forEach((rank, n) => {
    wrong += rank - 1 - n; // others above this one
  });
  return 1 - wrong / (ranks.length * others);
}

/** Ranks of `relevant` in `ranked`, ascending. Throws when a relevant one is not ranked. */
export function ranksOf<T>(relevant: ReadonlySet<T>, ranked: readonly T[]): number[] {
  const ranks: number[] = [];
  ranked.forEach((film, n) => {
    if (relevant.has(film)) ranks.push(n + 1);
  });
  if (ranks.length !== relevant.size) {
    throw new RangeError(`${relevant.size} relevant films, ${ranks.length} of them ranked; expected all`);
  }
  return ranks;
}

function hits(ranks: readonly number[], k: number): number {
  let n = 0;
  while (n < ranks.length && ranks[n]! <= k) n++;
  return n;
}

const discount = (rank: number): number => 1 / Math.log2(1 + rank);
