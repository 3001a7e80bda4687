import type { RequestHandler } from 'express';
import { HttpProblem } from './problem.js';

/** Headers of one request; browsers behind several proxies send about 40. All of them together are at most 16 KB. */
const MOST_HEADERS = 100;

/** Refuses heads that Node would cut (too many headers) or answer without a word (an `Expect` that nobody meets). */
export const refuseOddHeads: RequestHandler = function refuseOddHeads(req, _res, next) {
  // Names and values, in turn.
  const headers = req.rawHeaders.length / 2;
  if (headers > MOST_HEADERS)
    throw new HttpProblem(431, `${headers} headers are more than the ${MOST_HEADERS} that are read here`);
  const { expect } = req.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw new HttpProblem(417, 'the only expectation that is met here is 100-continue');
  next();
};
