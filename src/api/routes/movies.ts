import { z } from 'zod';
import { type MovieList, movieListSchema } from '../../contracts/api.js';
import { type FormulaPages, LONGEST_PAGE } from '../formula-pages.js';
import { limitField } from '../query.js';
import type { FilmPages } from './film-page.js';
import { nothingReleased } from './nothing-released.js';
import { defineRoute, type Route } from './registry.js';

/** `GET /v1/movies/top` and `/v1/movies/new`: the lists of the formula release, as the audience of the page may see them. */
export function movieListRoutes(formulaPages: () => FormulaPages | null, filmPage: FilmPages): Route[] {
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
      handle: ({ query, ...call }) =>
        filmPage(call, (audience) => {
          const pages = formulaPages();
          if (pages === null) throw nothingReleased();
          const body = () => movieListBody(pages[list](audience, query.limit));
          return { release: pages.releaseId, body };
        }),
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
