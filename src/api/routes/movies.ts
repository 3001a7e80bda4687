import { z } from 'zod';
import type { Config } from '../../contracts/config.js';
import { type MovieList, movieListSchema } from '../../contracts/api.js';
import type { Audience } from '../audience.js';
import { type FormulaPages, LONGEST_PAGE } from '../formula-pages.js';
import { limitField } from '../query.js';
import { isFresh, respond } from '../respond.js';
import { nothingReleased } from './nothing-released.js';
import { defineRoute, type Route } from './registry.js';

/** The audience of a page without a profile. */
export function publicAudience(ages: Config['ages']): Audience {
  return { market: 'default', maxAge: ages.audience };
}

/** `GET /v1/movies/top` and `/v1/movies/new`: the lists of the formula release, for a page without a profile. */
export function movieListRoutes(formulaPages: () => FormulaPages | null, ages: Config['ages']): Route[] {
  const audience = publicAudience(ages);
  const listRoute = (
    list: 'top' | 'arrivals',
    described: { path: string; operationId: string; summary: string },
  ) =>
    defineRoute({
      ...described,
      method: 'GET',
      tag: 'films',
      access: { scopes: ['storefront'], viewer: 'any' },
      query: z.object({ limit: limitField({ default: 50, max: LONGEST_PAGE }) }),
      responses: { 200: { description: 'The list', schema: movieListSchema } },
      handle({ query, req, res }) {
        const pages = formulaPages();
        if (pages === null) throw nothingReleased();
        const etag = `"${pages.releaseId}-${audience.maxAge}"`;
        const headers = ['ETag', etag, 'Cache-Control', 'public, max-age=60'];
        if (isFresh(req.headers['if-none-match'], etag)) return respond(res, 304, headers);
        headers.push('Content-Type', 'application/json; charset=utf-8');
        respond(res, 200, headers, movieListBody(pages[list](audience, query.limit)));
      },
    });
  return [
    listRoute('top', {
      path: '/v1/movies/top',
      operationId: 'getTopMovies',
      summary: 'Top 50: the highest weighted ratings',
    }),
    listRoute('arrivals', {
      path: '/v1/movies/new',
      operationId: 'getNewMovies',
      summary: 'New arrivals, newest first',
    }),
  ];
}

/** Also what `matinee top --json` prints. */
export function movieListBody(list: MovieList): string {
  return JSON.stringify(list);
}
