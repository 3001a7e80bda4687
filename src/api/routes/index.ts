import type { Request } from 'express';
import type { Audiences } from '../audiences.js';
import type { WhyAnswers } from '../why.js';
import type { Exclusions } from '../exclusions.js';
import type { ApiDeps, ApiLimits } from '../deps.js';
import type { FormulaPages } from '../formula-pages.js';
import type { ApiMetrics } from '../metrics.js';
import type { Profiles } from '../profiles.js';
import type { Recommender } from '../recommender.js';
import type { Refresh } from '../refresh.js';
import type { Shelf } from '../shelf.js';
import { describeApi } from '../openapi/document.js';
import { VERSION } from '../version.js';
import { documentRoute } from './documents.js';
import { eventRoute } from './events.js';
import { createFilmPages } from './film-page.js';
import { filmRoutes } from './films.js';
import { movieListRoutes } from './movies.js';
import { operationRoutes } from './operations.js';
import { recommendationRoute, refreshRoute } from './recommendations.js';
import type { Route } from './registry.js';
import { tokenRoute } from './tokens.js';
import { viewerRoutes } from './viewers.js';
import { whyRoute } from './why.js';

/** What the app makes once and its routes share. */
export interface Shared {
  deps: ApiDeps;
  limits: ApiLimits;
  metrics: ApiMetrics;
  recommender: Recommender;
  formulaPages: () => FormulaPages | null;
  shelf: () => Shelf | null;
  profiles: Profiles;
  audiences: Audiences;
  exclusions: Exclusions;
  why: WhyAnswers;
  refresh: Refresh;
  /** The profile that a request speaks for, if any. */
  viewerOf: (req: Request) => string | undefined;
  /** Reports a fault that the caller learns nothing of. */
  fail: (message: string, error: unknown) => void;
}

/** Every operation of the API, the most asked for first: Express tries routes in order. */
export function apiRoutes(shared: Shared): Route[] {
  const { deps, limits, metrics, recommender, formulaPages, shelf, fail } = shared;
  const { profiles, audiences, exclusions, why, refresh, viewerOf } = shared;
  const filmPage = createFilmPages(audiences, viewerOf);
  const routes = [
    recommendationRoute(recommender, metrics),
    eventRoute(deps, limits, metrics, exclusions, (error) => fail('events were not stored', error)),
    ...movieListRoutes(formulaPages, filmPage),
    ...filmRoutes(shelf, filmPage),
    refreshRoute(refresh, recommender, metrics),
    whyRoute(why),
    ...viewerRoutes({ deps, audiences, exclusions, shelf, storeMs: limits.saveEventsMs }),
    ...(deps.auth === 'open' ? [] : [tokenRoute(deps.auth.tokens, profiles)]),
    ...operationRoutes(deps.serving, metrics, deps.config.api),
  ];
  const own: Route = documentRoute(() => JSON.stringify(describeApi([...routes, own], VERSION)));
  return [...routes, own];
}
