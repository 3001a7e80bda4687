import { z } from 'zod';
import { whySchema } from '../../contracts/api.js';
import { userIdSchema } from '../query.js';
import { respond } from '../respond.js';
import type { WhyAnswers } from '../why.js';
import { movieIdSchema, noSuchFilm } from './films.js';
import { defineRoute, type Route } from './registry.js';

/** `GET /v1/users/:id/recommendations/:movieId/why`. */
export function whyRoute(why: WhyAnswers): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/users/:id/recommendations/:movieId/why',
    operationId: 'explainRecommendation',
    summary: 'Why a film is, or is not, in the list of a viewer',
    description:
      'Place, score and reason as they were released; what each film of the viewer’s own history adds to the score, which ' +
      'together is the score; and what every filter says of the film.',
    tag: 'lists',
    access: { scopes: ['storefront'], viewer: 'own-profile' },
    params: z.object({ id: userIdSchema, movieId: movieIdSchema }),
    responses: {
      200: { description: 'The explanation', schema: whySchema },
      404: { description: 'No such viewer, or no such film for this viewer' },
    },
    async handle({ params, res }) {
      const answer = await why(params.id, params.movieId);
      if (answer === null) throw noSuchFilm(params.movieId);
      const headers = [
        'Content-Type',
        'application/json; charset=utf-8',
        'Cache-Control',
        'private, no-store',
      ];
      respond(res, 200, headers, JSON.stringify(answer));
    },
  });
}
