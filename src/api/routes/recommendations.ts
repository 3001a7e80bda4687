import type { Response } from 'express';
import { z } from 'zod';
import { recommendationsSchema } from '../../contracts/api.js';
import { LONGEST_LIST } from '../list-body.js';
import type { ApiMetrics } from '../metrics.js';
import { limitField, userParams } from '../query.js';
import type { Answer, Recommender } from '../recommender.js';
import { isFresh, respond } from '../respond.js';
import { nothingReleased } from './nothing-released.js';
import { defineRoute, type Route } from './registry.js';

/** `GET /v1/users/:id/recommendations?limit=5`. */
export function recommendationRoute(recommender: Recommender, metrics: ApiMetrics): Route {
  const send = (res: Response, answer: Answer) => {
    if (answer.kind === 'empty') throw nothingReleased();
    // Asked again each time, at the price of a 304: ages, markets and wishes hold from the next request on.
    const headers = ['ETag', answer.etag, 'Cache-Control', 'private, no-cache'];
    if (answer.kind === 'fresh') return respond(res, 304, headers);
    metrics.countServed(answer.servedBy);
    headers.push('Content-Type', 'application/json; charset=utf-8');
    respond(res, 200, headers, answer.body);
  };
  return defineRoute({
    method: 'GET',
    path: '/v1/users/:id/recommendations',
    operationId: 'getRecommendations',
    summary: 'The list of one viewer, best first, with reasons',
    tag: 'lists',
    access: { scopes: ['storefront'], viewer: 'own-profile' },
    params: userParams,
    query: z.object({ limit: limitField({ default: 5, max: LONGEST_LIST }) }),
    responses: { 200: { description: 'The list', schema: recommendationsSchema } },
    handle({ params, query, req, res }) {
      const answer = recommender.answer({
        userId: params.id,
        limit: query.limit,
        isFresh: (etag) => isFresh(req.headers['if-none-match'], etag),
      });
      return answer instanceof Promise ? answer.then((late) => send(res, late)) : send(res, answer);
    },
  });
}
