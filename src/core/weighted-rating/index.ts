export { formulaLists } from './formula.js';
export { missingFacts, newArrivals } from './new-arrivals.js';
export {
  compareIds,
  compareRated,
  externalVotes,
  meanVote,
  priorVotes,
  topList,
  type Votes,
  weightedRating,
} from './weighted-rating.js';
