import { z } from 'zod';
import { facetsSchema, movieDetailSchema, moviePageSchema, similarListSchema } from '../../contracts/api.js';
import { HttpProblem } from '../problem.js';
import { limitField } from '../query.js';
import type { Shelf } from '../shelf.js';
import type { FilmPages } from './film-page.js';
import { nothingReleased } from './nothing-released.js';
import { defineRoute, type Route } from './registry.js';

const NO_ID = 'must be a film id of 1 to 128 characters';
export const movieIdSchema = z
  .string(NO_ID)
  .min(1, NO_ID)
  .max(128, NO_ID)
  .meta({ description: 'Film id of the catalogue', example: 'city-lights-1931' });
const movieParams = z.object({ id: movieIdSchema });

const text = (most: number, description: string) =>
  z.string().max(most, `must be at most ${most} characters`).optional().meta({ description });
const searchQuery = z.object({
  query: text(200, 'Words of titles, people and years; the beginning of a word is enough'),
  genre: text(64, 'A genre, in upper or lower case'),
  decade: z
    .string()
    .regex(/^\d{3}0s?$/, 'must be the first year of a decade, such as 1950')
    .transform((decade) => Number.parseInt(decade, 10))
    .optional()
    .meta({ description: 'First year of a decade', example: '1950' }),
  cursor: text(500, '`nextCursor` of the page before').meta({
    description: '`nextCursor` of the page before: goes on behind its last film, also in a newer release',
  }),
  limit: limitField({ default: 20, max: 100 }),
});

/** Films of the formula release that is served, as the audience of the page may see them. */
export function filmRoutes(shelf: () => Shelf | null, filmPage: FilmPages): Route[] {
  const current = () => {
    const found = shelf();
    if (found === null) throw nothingReleased();
    return found;
  };
  const shared = {
    method: 'GET',
    tag: 'films',
    access: { scopes: ['storefront'], viewer: 'any' },
  } as const;
  const unknownFilm = { description: 'No such film for this audience' };
  return [
    defineRoute({
      ...shared,
      path: '/v1/movies',
      operationId: 'searchMovies',
      summary: 'Films by words, genre and decade',
      query: searchQuery,
      responses: { 200: { description: 'One page of the films found', schema: moviePageSchema } },
      handle: ({ query, ...call }) =>
        filmPage(call, (audience) => {
          const films = current();
          const page = films.search(query, audience);
          return { release: films.releaseId, body: () => JSON.stringify(page) };
        }),
    }),
    defineRoute({
      ...shared,
      path: '/v1/facets',
      operationId: 'getFacets',
      summary: 'Genres and decades, with how many films there are of each',
      responses: { 200: { description: 'Genres and decades', schema: facetsSchema } },
      handle: (call) =>
        filmPage(call, (audience) => {
          const films = current();
          return { release: films.releaseId, body: () => JSON.stringify(films.facets(audience)) };
        }),
    }),
    defineRoute({
      ...shared,
      path: '/v1/movies/:id',
      operationId: 'getMovie',
      summary: 'One film: its facts, and the numbers of its weighted rating',
      description:
        '`/v1/movies/top` and `/v1/movies/new` are lists; films with these ids are asked for as `%74op` and `%6Eew`.',
      params: movieParams,
      responses: { 200: { description: 'The film', schema: movieDetailSchema }, 404: unknownFilm },
      handle: ({ params, ...call }) =>
        filmPage(call, (audience) => {
          const films = current();
          const film = films.film(params.id, audience);
          if (film === null) throw noSuchFilm(params.id);
          return { release: films.releaseId, body: () => JSON.stringify(film) };
        }),
    }),
    defineRoute({
      ...shared,
      path: '/v1/movies/:id/similar',
      operationId: 'getSimilarMovies',
      summary: 'Films like this one, and why',
      params: movieParams,
      query: z.object({ limit: limitField({ default: 10, max: 20 }) }),
      responses: { 200: { description: 'Films like it', schema: similarListSchema }, 404: unknownFilm },
      handle: ({ params, query, ...call }) =>
        filmPage(call, (audience) => {
          const films = current();
          if (films.film(params.id, audience) === null) throw noSuchFilm(params.id);
          const similar = films.similar(params.id, audience, query.limit);
          return { release: `${films.releaseId}.${similar.release}`, body: () => JSON.stringify(similar) };
        }),
    }),
  ];
}

/** The same words for a film that is not there and for one that this audience may not see. */
export function noSuchFilm(id: string): HttpProblem {
  return new HttpProblem(404, `there is no film ${JSON.stringify(id.slice(0, 128))} here`);
}
