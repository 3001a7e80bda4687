import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { requireAccepted } from '../accept.js';
import type { OpenApiDocument } from '../openapi/types.js';
import { isFresh, respond } from '../respond.js';
import { docsPage, styleOf } from './docs-page.js';

/** A Host header that may stand in an example; another one is not repeated. */
const HOST = /^[\w.:[\]-]{1,100}$/;

/** `GET /docs`: the document for people. Its one style sheet is inline, let through by its hash; scripts are not. */
export function getDocs(document: () => OpenApiDocument): RequestHandler {
  const made = new Map<string, { page: string; headers: string[]; security: string[]; etag: string }>();
  const make = (host: string) => {
    const page = docsPage(document(), `http://${host}`);
    const etag = `"${sha256(page).slice(0, 22)}"`;
    const security = [
      'Content-Security-Policy',
      `default-src 'none'; style-src 'sha256-${sha256(styleOf(page), 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options',
      'nosniff',
      'Referrer-Policy',
      'no-referrer',
      'Cross-Origin-Resource-Policy',
      'same-origin',
    ];
    const headers = ['ETag', etag, 'Cache-Control', 'public, max-age=300', 'Vary', 'Host'];
    return { page, headers, security, etag };
  };
  return function docs(req, res) {
    requireAccepted(req.headers.accept, 'text/html');
    const { host = '' } = req.headers;
    const shown = HOST.test(host) ? host : 'localhost';
    let found = made.get(shown);
    if (found === undefined) {
      if (made.size >= 10) made.clear();
      made.set(shown, (found = make(shown)));
    }
    const { page, headers, security, etag } = found;
    if (isFresh(req.headers['if-none-match'], etag)) return respond(res, 304, headers, '', security);
    respond(res, 200, [...headers, 'Content-Type', 'text/html; charset=utf-8'], page, security);
  };
}

function sha256(text: string, encoding: 'base64' | 'base64url' = 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding);
}
