import type { ApiDeps, ApiLimits } from '../deps.js';
import type { FormulaPages } from '../formula-pages.js';
import type { ApiMetrics } from '../metrics.js';
import type { Recommender } from '../recommender.js';
import { eventRoute } from './events.js';
import { movieListRoutes } from './movies.js';
import { operationRoutes } from './operations.js';
import { recommendationRoute } from './recommendations.js';
import type { Route } from './registry.js';

/** What the app makes once and its routes share. */
export interface Shared {
  deps: ApiDeps;
  limits: ApiLimits;
  metrics: ApiMetrics;
  recommender: Recommender;
  formulaPages: () => FormulaPages | null;
  /** Reports a fault that the caller learns nothing of. */
  fail: (message: string, error: unknown) => void;
}

/** Every operation of the API, the most asked for first: Express tries routes in order. */
export function apiRoutes({ deps, limits, metrics, recommender, formulaPages, fail }: Shared): Route[] {
  return [
    recommendationRoute(recommender, metrics),
    eventRoute(deps, limits, metrics, (error) => fail('events were not stored', error)),
    ...movieListRoutes(formulaPages, deps.config.ages),
    ...operationRoutes(deps.serving, metrics),
  ];
}
