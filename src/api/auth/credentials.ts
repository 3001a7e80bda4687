import type { Request } from 'express';

export const VIEWER_COOKIE = 'matinee_viewer';

/** What a request shows for itself. */
export type Credentials =
  | { kind: 'none' }
  /** An Authorization header that is no `Bearer …`. */
  | { kind: 'malformed' }
  | { kind: 'key'; text: string }
  | { kind: 'token'; text: string }
  /** A viewer's cookie came along with a request that another site may have made. */
  | { kind: 'foreign' };

const BEARER = /^bearer +([\w.~+/-]+=*)$/i;

/**
 * `Authorization: Bearer` with an API key or a viewer token; without that header, the viewer's cookie. Browsers send
 * cookies by themselves, so that one counts only for requests that a page of ours made: SameSite=Strict is the first
 * lock, this is the second.
 */
export function credentialsOf(req: Request): Credentials {
  const { authorization } = req.headers;
  if (authorization !== undefined) {
    // The usual form first: a regular expression per request is more than a lookup costs.
    if (authorization.startsWith('Bearer mk_')) return { kind: 'key', text: authorization.slice(7) };
    const text = BEARER.exec(authorization)?.[1];
    if (text === undefined) return { kind: 'malformed' };
    return { kind: text.startsWith('mk_') ? 'key' : 'token', text };
  }
  const { cookie } = req.headers;
  if (cookie === undefined) return { kind: 'none' };
  const text = viewerCookie(cookie);
  if (text === undefined) return { kind: 'none' };
  return isOwnSite(req) ? { kind: 'token', text } : { kind: 'foreign' };
}

function viewerCookie(header: string): string | undefined {
  for (const pair of header.split(';')) {
    const trimmed = pair.trim();
    if (trimmed.startsWith(`${VIEWER_COOKIE}=`)) return trimmed.slice(VIEWER_COOKIE.length + 1);
  }
  return undefined;
}

/**
 * Every browser of today says where a request comes from (Sec-Fetch-Site); `none` is the address bar. One that does not
 * says the Origin of writes. A read without either has come by SameSite=Strict alone, and tells other sites nothing.
 */
export function isOwnSite({ method, headers }: Request): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (isRead && site === 'none');
  const { origin, host } = headers;
  if (origin === undefined) return isRead;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
