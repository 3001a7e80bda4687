import { type HttpProblem, unavailable } from '../problem.js';

/** Before the first release there is nothing to serve. */
export function nothingReleased(): HttpProblem {
  return unavailable('nothing has been released yet; run `matinee nightly --wait`', 10);
}
