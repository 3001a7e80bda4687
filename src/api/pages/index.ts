import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Guard } from '../auth/guard.js';
import type { ViewerTokens } from '../auth/viewer-tokens.js';
import { asProblem, HttpProblem } from '../problem.js';
import type { Shared } from '../routes/index.js';
import { type Assets, ASSET_PATH } from './assets.js';
import { type Fault, faultView, NO_SUCH_PAGE, OUR_FAULT } from './fault.js';
import { cardRoutes } from './cards.js';
import { createHouse, type House, PageFault } from './house.js';
import { readingRoutes } from './reading.js';
import { sendAsset, sendJson } from './respond-page.js';
import { writingRoutes } from './writing.js';

export interface PagesOptions {
  shared: Shared;
  assets: Assets;
  guard: Guard;
  /** null: nobody can sign in. */
  tokens: ViewerTokens | null;
}

/**
 * The shop: pages for people, outside the API's document. Errors of its paths are pages too. It goes last: what is not
 * its own it leaves to who comes after, unless a browser asks.
 */
export function createPages({ shared, assets, guard, tokens }: PagesOptions): Router {
  const house = createHouse(shared, assets, tokens);
  const router = Router({ caseSensitive: true, strict: true });
  router.get(`${ASSET_PATH}:name`, (req, res, next) => {
    const asset = assets.find(req.params.name);
    if (asset === null) return next();
    sendAsset(req, res, asset);
  });
  router.use(guard.recognise);
  readingRoutes(router, house);
  cardRoutes(router, house);
  writingRoutes(router, house);
  router.use(unknownPage);
  router.use(faultHandler(house));
  return router;
}

const unknownPage: RequestHandler = function unknownPage(req) {
  if (isForBrowser(req)) throw new PageFault(NO_SUCH_PAGE);
  throw new HttpProblem(404, `there is no ${req.path.slice(0, 200)} here`);
};

function faultHandler(house: House): ErrorRequestHandler {
  return async function pageFault(error: unknown, req: Request, res: Response, next) {
    // A page's own fault is a page whatever is accepted: what comes after knows nothing of it.
    if (res.headersSent || !(error instanceof PageFault || isForBrowser(req))) return next(error);
    const fault = faultOf(error);
    if (fault.status === 500) house.shared.fail(`${req.method} of a page failed`, error);
    const headers = fault.retryAfter === undefined ? [] : ['Retry-After', String(fault.retryAfter)];
    if (req.headers.accept === 'application/json')
      return sendJson(res, fault.status, { said: `${fault.title}. ${fault.text}` }, headers);
    const visitor = await house.visitorOf(req).catch(() => null);
    const programme = await house.programmeFor(visitor).catch(() => null);
    const page = { title: fault.title, surface: 'fault', body: faultView(fault) };
    house.own(req, res, visitor, programme, page, fault.status, headers);
  };
}

function faultOf(error: unknown): Fault {
  if (error instanceof PageFault) return error.fault;
  const { status, headers, message } = asProblem(error);
  if (status === 500) return OUR_FAULT;
  const at = headers.indexOf('Retry-After');
  const retryAfter = at === -1 ? undefined : Number(headers[at + 1]);
  return {
    status,
    title: status === 429 ? 'Too many at the door' : 'That cannot be shown',
    text: `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** Browsers say so when they navigate; our own script asks for JSON at the addresses of forms. */
function isForBrowser(req: Request): boolean {
  if (req.path === '/v1' || req.path.startsWith('/v1/')) return false;
  const { accept = '' } = req.headers;
  return accept.includes('text/html') || (req.method === 'POST' && accept === 'application/json');
}
