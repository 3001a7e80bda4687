/** One round: how many of the settings are still in it, and how long each is trained. */
export interface Round {
  settings: number;
  epochs: number;
}

/** Of a round's settings one in so many goes on. */
const KEEP = 3;

/**
 * Successive halving (Jamieson & Talwalkar 2016): many settings trained half as long as a night trains, the better third of
 * them as long. `count` settings besides the current one, which is in every round. No shorter round: after a quarter of the
 * epochs settings that will over-fit still look best (docs/decisions/032).
 */
export function roundsOf(count: number, epochs: number): Round[] {
  const rounds = [Math.max(1, epochs >> 1), epochs];
  return [...new Set(rounds)].map((of, n) => ({
    settings: 1 + Math.ceil(count / KEEP ** n),
    epochs: of,
  }));
}

/** How good a setting was after so many epochs; higher is better. */
export interface Scored<T> {
  setting: T;
  /** Place among all settings; 0 is the current one. */
  number: number;
  score: number;
}

/**
 * Runs the rounds over `settings`, the current one first. Returns the last round, best first; of equal ones the earlier.
 * A score that is not a number, of a model that diverged, is worse than any.
 */
export async function successiveHalving<T>(
  settings: readonly T[],
  rounds: readonly Round[],
  measure: (setting: T, number: number, round: Round, of: number) => Promise<number>,
): Promise<Scored<T>[]> {
  let left = settings.map((setting, number) => ({ setting, number }));
  let scored: Scored<T>[] = [];
  for (const [n, round] of rounds.entries()) {
    scored = [];
    for (const { setting, number } of left) {
      const score = await measure(setting, number, round, n);
      scored.push({ setting, number, score: Number.isFinite(score) ? score : -Infinity });
    }
    scored.sort((a, b) => b.score - a.score || a.number - b.number);
    const next = rounds[n + 1]?.settings ?? 0;
    const others = scored.filter(({ number }) => number !== 0).slice(0, Math.max(0, next - 1));
    left = scored.filter((one) => one.number === 0 || others.includes(one));
    left.sort((a, b) => a.number - b.number);
  }
  return scored;
}
