import type { Response } from 'express';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Response {
      /** From the caller's X-Request-Id, or made here; in every answer, problem and log line. */
      requestId: string;
    }
  }
}

/** Answers are data, never pages: nothing in them may be sniffed, framed or run. */
const SECURITY = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy',
  'no-referrer',
  'Cross-Origin-Resource-Policy',
  'same-origin',
];

/** Bytes as text, a character each (Latin-1). */
export interface Bytes {
  latin1: string;
}

const ASCII = /^[\x20-\x7e]*$/;

/** UTF-8 of a text. */
export function bytesOf(text: string): Bytes {
  return { latin1: ASCII.test(text) ? text : Buffer.from(text).toString('latin1') };
}

export function textOf({ latin1 }: Bytes): string {
  return ASCII.test(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}

/**
 * Ends a response with one `writeHead` of flat name-value pairs: per-header bookkeeping is the larger part of what a
 * small answer costs. HEAD gets the same headers and no body.
 */
export function respond(
  res: Response,
  status: number,
  headers: readonly string[],
  body: Bytes | string = '',
  security: readonly string[] = SECURITY,
): void {
  const all = [...headers, ...security, 'X-Request-Id', res.requestId];
  if (status !== 204 && status !== 304) {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.latin1.length;
    all.push('Content-Length', String(length));
  }
  res.writeHead(status, all);
  // Latin-1 keeps every byte, and a string leaves in one write with the head; a buffer would take two.
  if (typeof body === 'string') res.end(body);
  else res.end(body.latin1, 'latin1');
}

/** True when the caller's `If-None-Match` names this entity (weak comparison, RFC 9110 8.8.3.2). */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
