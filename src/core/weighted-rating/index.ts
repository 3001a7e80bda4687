export { formulaLists } from './formula.js';
export { missingFacts, newArrivals } from './new-arrivals.js';
export {
  compareIds,
  compareRated,
  type External,
  meanVote,
  priorVotes,
  topList,
  type Votes,
  weightedRating,
} from './weighted-rating.js';
