import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isFresh, respond } from '../respond.js';
import { defineRoute, type Route } from './registry.js';

/** `GET /openapi.json`: the API by its own account. `document` is made once, when it is first asked for. */
export function documentRoute(document: () => string): Route {
  let made: { text: string; etag: string } | undefined;
  return defineRoute({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This document',
    description: 'For generating clients; /docs is the same for reading.',
    tag: 'operations',
    access: 'public',
    responses: {
      200: {
        description: 'OpenAPI 3.1',
        schema: z
          .object({ openapi: z.string(), info: z.looseObject({ title: z.string(), version: z.string() }) })
          .loose()
          .meta({ examples: [{ openapi: '3.1.0', info: { title: 'Matinee', version: '0.1.0' } }] }),
      },
      304: { description: 'The document has not changed' },
    },
    handle({ req, res }) {
      if (made === undefined) {
        const text = document();
        made = { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
      }
      const headers = ['ETag', made.etag, 'Cache-Control', 'public, max-age=300'];
      if (isFresh(req.headers['if-none-match'], made.etag)) return respond(res, 304, headers);
      respond(res, 200, [...headers, 'Content-Type', 'application/json; charset=utf-8'], made.text);
    },
  });
}
