import type { Config } from '../../contracts/index.js';
import { type Votes, meanVote, priorVotes, topList, weightedRating } from '../weighted-rating/index.js';

/**
 * The formula's Top list as a scorer: minus each film's place in it (films × 1), so that judging ranks exactly the list that
 * is served, but for averages from elsewhere: they are of today, and would tell a split of the past. `votes` are in film order, ratings on the scale 1..10. Without any vote the order is by film id.
 */
export function formulaScores(votes: readonly Votes[], config: Config['weightedRating']): Float64Array {
  const m = priorVotes(votes, config);
  const c = meanVote(votes, config.c);
  const rated = votes.map((film, row) => ({
    filmId: film.filmId,
    row,
    votes: film.votes,
    weightedRating: weightedRating(film.votes, film.ratingSum, m, c),
  }));
  const scores = new Float64Array(new SharedArrayBuffer(votes.length * 8));
  topList(rated, m, config.provisionalShare).films.forEach(({ row }, place) => {
    scores[row] = -place;
  });
  return scores;
}
