import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { STYLE } from '../../core/report-page/document.js';
import { isFresh } from '../respond.js';
import { type Asset, type Coded, codingFor } from './assets.js';

/**
 * Pages may load our own style sheet, scripts and icon and post to us, and nothing else: no inline script, no inline
 * style, no frame. `same-origin`: with `no-referrer` a browser would send forms with `Origin: null`.
 */
const SHOP_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";
/** A report's one style sheet stands in it; nothing else is let in, not even from us. */
const REPORT_POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const PAGE_HEADERS = [
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'same-origin',
  'Cross-Origin-Opener-Policy',
  'same-origin',
  'Cross-Origin-Resource-Policy',
  'same-origin',
  'Permissions-Policy',
  'camera=(), geolocation=(), microphone=()',
];
/** The same address shows everybody's page or a viewer's own. */
const VARY = ['Vary', 'Cookie, Accept-Encoding'];
const HTML = ['Content-Type', 'text/html; charset=utf-8'];

/** A page that everybody of an audience gets, kept in every coding. */
export interface SharedPage {
  etag: string;
  body: Coded;
}

/** A page of a night's own, such as a model card. */
export function sendReport(req: Request, res: Response, page: SharedPage): void {
  sendShared(req, res, page, REPORT_POLICY);
}

export function sendShared(req: Request, res: Response, page: SharedPage, policy = SHOP_POLICY): void {
  const coding = codingFor(req.headers['accept-encoding']);
  const headers = ['ETag', page.etag, 'Cache-Control', 'no-cache', ...VARY];
  if (isFresh(req.headers['if-none-match'], page.etag)) return write(res, 304, headers, undefined, policy);
  write(res, 200, [...headers, ...HTML, ...encoding(coding)], page.body[coding], policy);
}

/** A viewer's own page, or an error's: nobody keeps it. */
export function sendOwn(
  req: Request,
  res: Response,
  page: string,
  { status = 200, headers = [] }: { status?: number; headers?: readonly string[] } = {},
): void {
  const coding = codingFor(req.headers['accept-encoding']);
  const body = compressed(Buffer.from(page), coding);
  write(
    res,
    status,
    [...headers, 'Cache-Control', 'private, no-cache', ...VARY, ...HTML, ...encoding(coding)],
    body,
  );
}

/** 303: what was posted is done, look there. */
export function sendAway(res: Response, to: string, headers: readonly string[] = []): void {
  write(res, 303, ['Location', to, 'Cache-Control', 'no-store', ...headers]);
}

export function sendJson(
  res: Response,
  status: number,
  body: unknown,
  headers: readonly string[] = [],
): void {
  const type = ['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'];
  write(res, status, [...type, ...headers], Buffer.from(JSON.stringify(body)));
}

/** Its name is its content: it may be kept for a year and never asked about again. */
export function sendAsset(req: Request, res: Response, { type, body }: Asset): void {
  const coding = codingFor(req.headers['accept-encoding']);
  const headers = ['Content-Type', type, 'Cache-Control', 'public, max-age=31536000, immutable'];
  write(res, 200, [...headers, 'Vary', 'Accept-Encoding', ...encoding(coding)], body[coding]);
}

export function etagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

function write(
  res: Response,
  status: number,
  headers: readonly string[],
  body: Buffer = Buffer.alloc(0),
  policy = SHOP_POLICY,
): void {
  const length = status === 304 ? [] : ['Content-Length', String(body.length)];
  res.writeHead(status, [
    ...headers,
    'Content-Security-Policy',
    policy,
    ...PAGE_HEADERS,
    ...length,
    'X-Request-Id',
    res.requestId,
  ]);
  res.end(body);
}

function encoding(coding: keyof Coded): string[] {
  return coding === 'identity' ? [] : ['Content-Encoding', coding];
}

/** Made for one request, so a little compression: most of the gain for a fifth of the time. */
function compressed(body: Buffer, coding: keyof Coded): Buffer {
  switch (coding) {
    case 'identity':
      return body;
    case 'gzip':
      return gzipSync(body, { level: 5 });
    case 'br':
      return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  }
}
