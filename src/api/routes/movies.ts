import type { RequestHandler } from 'express';
import type { Config } from '../../contracts/config.js';
import type { MovieList } from '../../contracts/api.js';
import { type Audience, type FormulaPages, LONGEST_PAGE } from '../formula-pages.js';
import { limitOf } from '../query.js';
import { isFresh, respond } from '../respond.js';
import { nothingReleased } from './nothing-released.js';

export const MOVIE_LIMITS = { default: 50, max: LONGEST_PAGE };

/** The audience of a page without a profile. */
export function publicAudience(ages: Config['ages']): Audience {
  return { market: 'default', maxAge: ages.audience };
}

/** `GET /v1/movies/top` and `/v1/movies/new`: one list of the formula release, for a page without a profile. */
export function getMovies(
  list: 'top' | 'arrivals',
  formulaPages: () => FormulaPages | null,
  ages: Config['ages'],
): RequestHandler {
  const audience = publicAudience(ages);
  return function movies(req, res) {
    const limit = limitOf(req.url, MOVIE_LIMITS);
    const pages = formulaPages();
    if (pages === null) throw nothingReleased();
    const etag = `"${pages.releaseId}-${audience.maxAge}"`;
    const headers = ['ETag', etag, 'Cache-Control', 'public, max-age=60'];
    if (isFresh(req.headers['if-none-match'], etag)) return respond(res, 304, headers);
    headers.push('Content-Type', 'application/json; charset=utf-8');
    respond(res, 200, headers, movieListBody(pages[list](audience, limit)));
  };
}

/** Also what `matinee top --json` prints. */
export function movieListBody(list: MovieList): string {
  return JSON.stringify(list);
}
