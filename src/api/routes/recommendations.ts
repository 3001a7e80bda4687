import type { RequestHandler, Response } from 'express';
import { LONGEST_LIST } from '../list-body.js';
import type { ApiMetrics } from '../metrics.js';
import { limitOf, userIdOf } from '../query.js';
import type { Answer, Recommender } from '../recommender.js';
import { isFresh, respond } from '../respond.js';
import { nothingReleased } from './nothing-released.js';

export const RECOMMENDATIONS_PATH = '/v1/users/:id/recommendations';
export const RECOMMENDATION_LIMITS = { default: 5, max: LONGEST_LIST };

/** `GET /v1/users/:id/recommendations?limit=5`. */
export function getRecommendations(recommender: Recommender, metrics: ApiMetrics): RequestHandler {
  const send = (res: Response, answer: Answer) => {
    if (answer.kind === 'empty') throw nothingReleased();
    const headers = [
      'ETag',
      answer.etag,
      'Cache-Control',
      answer.isLasting ? 'private, max-age=60' : 'private, no-cache',
    ];
    if (answer.kind === 'fresh') return respond(res, 304, headers);
    metrics.countServed(answer.servedBy);
    headers.push('Content-Type', 'application/json; charset=utf-8');
    respond(res, 200, headers, answer.body);
  };
  return function recommendations(req, res) {
    const answer = recommender.answer({
      userId: userIdOf(req.params['id']),
      limit: limitOf(req.url, RECOMMENDATION_LIMITS),
      isFresh: (etag) => isFresh(req.headers['if-none-match'], etag),
    });
    return answer instanceof Promise ? answer.then((late) => send(res, late)) : send(res, answer);
  };
}
