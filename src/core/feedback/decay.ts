import type { FeedbackConfig } from '../../contracts/index.js';

/** Strengths, decays and weights are whole millionths; strength × decay is a whole number of 10⁻¹². */
export const MICRO = 1_000_000;
export const DAY_MS = 86_400_000;

/** Rows of science A.3 that decay by a half-life of their own. */
export const SIGNALS = [
  'rating',
  'like',
  'dislike',
  'watch',
  'share',
  'bookmark',
  'detail',
  'impression',
] as const;
export type Signal = (typeof SIGNALS)[number];

export const micro = (x: number): number => Math.round(x * MICRO);

/** Whole days between an event and T; an event before T is 0 or more days old. */
export const ageDays = (atMs: number, asOfMs: number): number => Math.floor((asOfMs - atMs) / DAY_MS);

/**
 * 2^(−age/H) as whole millionths, for ages 0 … lastDay days (science A.3). A table, because sums of floating-point
 * decays depend on the order of addition and so on the number of threads; integers do not.
 */
export function decayTable(halfLifeDays: number, lastDay: number): number[] {
  return Array.from({ length: lastDay + 1 }, (_, age) => Math.round(2 ** (-age / halfLifeDays) * MICRO));
}

/** Of configs in use: made once, for they are asked for with every pair. */
const TABLES = new WeakMap<FeedbackConfig, Readonly<Record<Signal, number[]>>>();

/** The decay table of every signal over the history that counts. Shared: not to be changed. */
export function decayTables(feedback: FeedbackConfig): Readonly<Record<Signal, number[]>> {
  const known = TABLES.get(feedback);
  if (known !== undefined) return known;
  const tables = makeTables(feedback);
  TABLES.set(feedback, tables);
  return tables;
}

function makeTables(feedback: FeedbackConfig): Record<Signal, number[]> {
  const table = (signal: Signal) => decayTable(feedback[signal].halfLifeDays, feedback.historyDays);
  return {
    rating: table('rating'),
    like: table('like'),
    dislike: table('dislike'),
    watch: table('watch'),
    share: table('share'),
    bookmark: table('bookmark'),
    detail: table('detail'),
    impression: table('impression'),
  };
}

/** Positions past this one are looked at as rarely as this one. */
const LAST_POSITION = 1000;

/**
 * θ(position) = 1/log₂(1 + position) for positions 1, 2, …: the chance that a position was looked at, until an
 * exploration slot measures it (science A.3, E.6). As whole millionths, index 0 = position 1.
 */
export const EXAMINATION: readonly number[] = Array.from({ length: LAST_POSITION }, (_, i) =>
  Math.round(MICRO / Math.log2(2 + i)),
);

/** Position 0 of frontends that count from zero is the first one too. */
export function examination(position: number): number {
  return EXAMINATION[Math.min(Math.max(position, 1), LAST_POSITION) - 1] ?? 0;
}
