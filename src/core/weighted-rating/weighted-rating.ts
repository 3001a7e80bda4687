import type { Config } from '../../contracts/index.js';

/** Of ratings 1..10. */
const RATING_MIDDLE = 5.5;

/** Votes of one film: count and sum of ratings 1..10. */
export interface Votes {
  filmId: string;
  votes: number;
  ratingSum: number;
}

/** A film with its place in every weighted list. */
export interface RatedFilm {
  filmId: string;
  votes: number;
  weightedRating: number;
}

/** What people elsewhere think of a film: their average on 1..10, and how many they are. */
interface External {
  average: number;
  votes: number;
}

/**
 * WR = (v·R + m·C) / (v + m) with v·R = ratingSum: the posterior mean of a film's rating under a prior of m votes of C
 * (science B.1). Without votes it is C.
 * What is known from elsewhere is prior evidence: e = min(their votes, share·m) of the m votes of C are replaced by votes
 * of their average E, WR = (v·R + (m − e)·C + e·E) / (v + m). The prior weighs m votes as before, so that our own outvote
 * it as fast as ever. The order of the operations is that of warehouse/marts/mart_weighted_rating.sql: equal to the bit.
 */
export function weightedRating(
  votes: number,
  ratingSum: number,
  m: number,
  c: number,
  external: External | null = null,
  externalShare = 0,
): number {
  const e = external === null ? 0 : externalVotes(external, m, externalShare);
  return (ratingSum + (m - e) * c + e * (external?.average ?? 0)) / (votes + m);
}

/** e: how many of the prior's m votes an average from elsewhere stands in for. */
export function externalVotes(external: External, m: number, share: number): number {
  return Math.min(external.votes, share * m);
}

/** m: a fixed number, or the quantile of votes over films with a vote, and never below the floor (science B.2). */
export function priorVotes(
  films: readonly Votes[],
  config: Pick<Config['weightedRating'], 'mFixed' | 'mFloor' | 'mQuantile'>,
): number {
  if (config.mFixed !== null) return config.mFixed;
  const votes = films
    .map((film) => film.votes)
    .filter((count) => count >= 1)
    .sort((a, b) => a - b);
  return Math.max(config.mFloor, quantile(votes, config.mQuantile));
}

/** C: the mean vote over all votes, or the mean of the films' means. Without votes: the middle of the scale. */
export function meanVote(films: readonly Votes[], over: Config['weightedRating']['c']): number {
  const rated = films.filter((film) => film.votes > 0);
  const [sum, count] =
    over === 'votes'
      ? [total(rated.map((film) => film.ratingSum)), total(rated.map((film) => film.votes))]
      : [total(rated.map((film) => film.ratingSum / film.votes)), rated.length];
  return count === 0 ? RATING_MIDDLE : sum / count;
}

/** The total order of every weighted list: WR desc, votes desc, id asc. */
export function compareRated(a: RatedFilm, b: RatedFilm): number {
  return b.weightedRating - a.weightedRating || b.votes - a.votes || compareIds(a.filmId, b.filmId);
}

export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The whole catalogue as the Top list (science B.3): first the films with v ≥ m, then those with v ≥ m / provisionalShare,
 * then the rest, each part in the total order. A list that reaches past the first part is provisional.
 */
export function topList<F extends RatedFilm>(
  films: readonly F[],
  m: number,
  provisionalShare: number,
): { films: F[]; eligible: number } {
  const part = (film: F) => (film.votes >= m ? 0 : film.votes >= m / provisionalShare ? 1 : 2);
  return {
    films: [...films].sort((a, b) => part(a) - part(b) || compareRated(a, b)),
    eligible: films.filter((film) => part(film) === 0).length,
  };
}

/** Continuous quantile of ascending values, linear between neighbours (as DuckDB's quantile_cont). */
function quantile(ascending: number[], q: number): number {
  const at = q * (ascending.length - 1);
  const low = ascending[Math.floor(at)] ?? 0;
  const high = ascending[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

function total(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
