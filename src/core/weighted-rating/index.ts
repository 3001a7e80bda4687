export { formulaLists } from './formula.js';
export { type Arrivals, missingFacts, newArrivals } from './new-arrivals.js';
export {
  compareIds,
  compareRated,
  meanVote,
  priorVotes,
  type RatedFilm,
  topList,
  type Votes,
  weightedRating,
} from './weighted-rating.js';
