import type { Request, Response } from 'express';
import type { Audience } from '../audience.js';
import type { Audiences } from '../audiences.js';
import { isFresh, respond } from '../respond.js';

/** Answers of one release for one audience: the same for everybody in it, so they may be cached. */
export type FilmPages = (
  call: { req: Request; res: Response },
  /** What is asked of the release that is served now. */
  page: (audience: Audience) => { release: string; body: () => string },
) => void | Promise<void>;

/**
 * Caches must tell callers apart by what they carry: what an adult was sent must never reach a child's browser.
 * `viewerOf`: the profile that a request speaks for, if any.
 */
export function createFilmPages(
  audiences: Audiences,
  viewerOf: (req: Request) => string | undefined,
): FilmPages {
  return function filmPage({ req, res }, page) {
    const viewer = viewerOf(req);
    const send = (audience: Audience) => {
      const { release, body } = page(audience);
      const etag = `"${release}-${audience.maxAge}-${encodeURIComponent(audience.market)}"`;
      const cache = viewer === undefined ? 'public, max-age=60' : 'private, max-age=60';
      const headers = ['ETag', etag, 'Cache-Control', cache, 'Vary', 'Authorization, Cookie'];
      if (isFresh(req.headers['if-none-match'], etag)) return respond(res, 304, headers);
      respond(res, 200, [...headers, 'Content-Type', 'application/json; charset=utf-8'], body());
    };
    const audience = viewer === undefined ? audiences.everybody : audiences.of(viewer);
    return audience instanceof Promise ? audience.then(send) : send(audience);
  };
}
