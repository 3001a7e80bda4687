import express, { type Express } from 'express';
import { type ApiDeps, DEFAULT_LIMITS, type ServedFormula } from './deps.js';
import { createFormulaPages, type FormulaPages } from './formula-pages.js';
import { refuseForeignHosts } from './hosts.js';
import { type ApiMetrics, createMetrics } from './metrics.js';
import { observe } from './observe.js';
import { allowOnly, answerProblem, notFound } from './problem.js';
import { createProfiles } from './profiles.js';
import { createRecommender } from './recommender.js';
import { postEvents } from './routes/events.js';
import { getMovies } from './routes/movies.js';
import { getHealth, getMetrics, getReadiness } from './routes/operations.js';
import { getRecommendations, RECOMMENDATIONS_PATH } from './routes/recommendations.js';

/**
 * The HTTP API, without a server: it never listens. The recommendations route comes first, as Express tries routes in
 * order. Lists need only `deps.serving`; every other server may be down.
 */
export function createApp(deps: ApiDeps, metrics: ApiMetrics = createMetrics(deps.serving)): Express {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const formulaPages = pagesOfCurrent(deps);
  const recommender = createRecommender(deps, createProfiles(deps, limits.profileMs), formulaPages);
  const fail = (message: string, error: unknown) => deps.log.write(errorLine(deps, message, error));

  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.use(observe({ clock: deps.clock, log: deps.log, metrics }));
  if (deps.hosts instanceof Set) app.use(refuseForeignHosts(deps.hosts));

  app.route(RECOMMENDATIONS_PATH).get(getRecommendations(recommender, metrics)).all(allowOnly('GET', 'HEAD'));
  app
    .route('/v1/movies/top')
    .get(getMovies('top', formulaPages, deps.config.ages))
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/v1/movies/new')
    .get(getMovies('arrivals', formulaPages, deps.config.ages))
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/v1/events')
    .post(postEvents(deps, limits, metrics, (error) => fail('events were not stored', error)))
    .all(allowOnly('POST'));
  app.route('/healthz').get(getHealth).all(allowOnly('GET', 'HEAD'));
  app.route('/readyz').get(getReadiness(deps.serving)).all(allowOnly('GET', 'HEAD'));
  app.route('/metrics').get(getMetrics(metrics)).all(allowOnly('GET', 'HEAD'));

  app.use(notFound);
  app.use(answerProblem((error, req) => fail(`${req.method} failed`, error)));
  return app;
}

/** Pages of the formula release being served; made anew when another one is. */
export function pagesOfCurrent(deps: Pick<ApiDeps, 'serving' | 'config'>): () => FormulaPages | null {
  let of: ServedFormula | null = null;
  let pages: FormulaPages | null = null;
  return () => {
    const current = deps.serving.formula();
    if (current !== of) {
      pages = current === null ? null : createFormulaPages(current, deps.config);
      of = current;
    }
    return pages;
  };
}

function errorLine({ clock }: Pick<ApiDeps, 'clock'>, msg: string, error: unknown): string {
  const err = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${JSON.stringify({ level: 50, time: clock.now().getTime(), msg, err })}\n`;
}
