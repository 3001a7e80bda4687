import type { Response } from 'express';
import { z } from 'zod';
import { recommendationsSchema } from '../../contracts/api.js';
import { LONGEST_LIST } from '../list-body.js';
import type { ApiMetrics } from '../metrics.js';
import { limitField, userParams } from '../query.js';
import type { Answer, Recommender } from '../recommender.js';
import type { Refresh } from '../refresh.js';
import { isFresh, respond } from '../respond.js';
import { nothingReleased } from './nothing-released.js';
import { defineRoute, type Route } from './registry.js';

const limitQuery = z.object({ limit: limitField({ default: 5, max: LONGEST_LIST }) });

function send(metrics: ApiMetrics, res: Response, answer: Answer): void {
  if (answer.kind === 'empty') throw nothingReleased();
  // Asked again each time, at the price of a 304: ages, markets and wishes hold from the next request on.
  const headers = ['ETag', answer.etag, 'Cache-Control', 'private, no-cache'];
  if (answer.kind === 'fresh') return respond(res, 304, headers);
  metrics.countServed(answer.servedBy);
  headers.push('Content-Type', 'application/json; charset=utf-8');
  respond(res, 200, headers, answer.body);
}

/** `GET /v1/users/:id/recommendations?limit=5`. */
export function recommendationRoute(recommender: Recommender, metrics: ApiMetrics): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/users/:id/recommendations',
    operationId: 'getRecommendations',
    summary: 'The list of one viewer, best first, with reasons',
    tag: 'lists',
    access: { scopes: ['storefront'], viewer: 'own-profile' },
    params: userParams,
    query: limitQuery,
    responses: { 200: { description: 'The list', schema: recommendationsSchema } },
    handle({ params, query, req, res }) {
      const answer = recommender.answer({
        userId: params.id,
        limit: query.limit,
        isFresh: (etag) => isFresh(req.headers['if-none-match'], etag),
      });
      return answer instanceof Promise
        ? answer.then((late) => send(metrics, res, late))
        : send(metrics, res, answer);
    },
  });
}

/** `POST /v1/users/:id/refresh?limit=5`. */
export function refreshRoute(refresh: Refresh, recommender: Recommender, metrics: ApiMetrics): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/users/:id/refresh',
    operationId: 'refreshRecommendations',
    summary: 'Work the list of one viewer out again, from what the viewer has done up to now',
    description:
      'The same list as `GET /v1/users/{id}/recommendations` gives, made anew by the model of the served release from the ' +
      'newest events in the store. Ask for it when a rating or a finished film has been accepted, and when a rating or a dislike has ' +
      'been taken back (`unrate`, `undislike`): a list that was refreshed while it stood has the film again only then. This process serves the new ' +
      'list from then on, until another release is served; other processes and a restart serve the released one.',
    tag: 'lists',
    access: { scopes: ['storefront'], viewer: 'own-profile' },
    params: userParams,
    query: limitQuery,
    responses: {
      200: { description: 'The new list', schema: recommendationsSchema },
      404: { description: 'No such profile' },
      409: {
        description:
          'The served release cannot tell (there is none, or it has no model), or this viewer has too many events',
      },
    },
    async handle({ params, query, res }) {
      await refresh(params.id);
      const { limit } = query;
      send(metrics, res, await recommender.answer({ userId: params.id, limit, isFresh: () => false }));
    },
  });
}
