import express, { type Express } from 'express';
import { type Catalogue, createCatalogue } from '../core/ranking/catalogue.js';
import { createWhy } from './why.js';
import { createAudiences } from './audiences.js';
import { createGuard } from './auth/guard.js';
import { viewerOf } from './auth/principal.js';
import { createRateLimits } from './auth/rate-limits.js';
import { type ApiDeps, DEFAULT_LIMITS, type ServedFormula } from './deps.js';
import { createExclusions } from './exclusions.js';
import { createFormulaPages, type FormulaPages } from './formula-pages.js';
import { getDocs } from './docs/index.js';
import { refuseForeignHosts } from './hosts.js';
import { type ApiMetrics, createMetrics } from './metrics.js';
import { observe } from './observe.js';
import { mount } from './mount.js';
import { allowOnly, answerProblem, notFound } from './problem.js';
import { describeApi } from './openapi/document.js';
import { createPages } from './pages/index.js';
import { refuseOddHeads } from './odd-heads.js';
import { createProfiles } from './profiles.js';
import { createRecommender } from './recommender.js';
import { createRefresh } from './refresh.js';
import { withRefreshedLists } from './refreshed-lists.js';
import { createShelf } from './shelf.js';
import { VERSION } from './version.js';
import { apiRoutes, type Shared } from './routes/index.js';

/**
 * The HTTP API, without a server: it never listens. Lists need only `deps.serving`; every other server may be down.
 */
export function createApp(deps: ApiDeps, metrics: ApiMetrics = createMetrics(deps.serving)): Express {
  const shared = sharedOf(deps, metrics);
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.use(observe({ clock: deps.clock, log: deps.log, metrics }));
  app.use(refuseOddHeads);
  if (deps.hosts instanceof Set) app.use(refuseForeignHosts(deps.hosts));

  const rates = createRateLimits(deps.config.api, () => deps.clock.now().getTime());
  const guard = createGuard(deps.auth, rates);
  const routes = apiRoutes(shared);
  mount(app, routes, guard, deps.config.api);
  app
    .route('/docs')
    .get(
      guard.of({ access: 'public' }),
      getDocs(() => describeApi(routes, VERSION)),
    )
    .all(allowOnly('GET', 'HEAD'));
  app.use('/v1', guard.known);
  if (deps.shop !== undefined) {
    const tokens = deps.auth === 'open' || deps.shop.signIn === 'off' ? null : deps.auth.tokens;
    app.use(createPages({ shared, assets: deps.shop.assets, guard, tokens }));
  }

  app.use(notFound);
  app.use(answerProblem((error, req) => shared.fail(`${req.method} failed`, error)));
  return app;
}

/** What is made once and every route shares. */
export function sharedOf(given: ApiDeps, metrics: ApiMetrics = createMetrics(given.serving)): Shared {
  const serving = withRefreshedLists(given.serving);
  const deps = { ...given, serving };
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const formulaPages = pagesOfCurrent(deps);
  const profiles = createProfiles(deps, limits.profileMs);
  const exclusions = createExclusions(deps, limits.profileMs);
  const catalogue = catalogueOfCurrent(deps);
  return {
    deps,
    limits,
    metrics,
    formulaPages,
    shelf: ofCurrent(deps, (formula) =>
      createShelf(formula, deps.config, () => deps.serving.lists(), deps.gates),
    ),
    audiences: createAudiences(profiles, deps.config.ages),
    profiles,
    viewerOf: (req) => viewerOf(req)?.profileId,
    exclusions,
    why: createWhy({ ...deps, profiles, exclusions, catalogue }),
    refresh: createRefresh({ ...deps, profiles, catalogue, storeMs: limits.saveEventsMs }),
    recommender: createRecommender(deps, profiles, formulaPages, exclusions),
    fail: (message, error) => deps.log.write(errorLine(deps, message, error)),
  };
}

/** Pages of the formula release being served; made anew when another one is. */
export function pagesOfCurrent(
  deps: Pick<ApiDeps, 'serving' | 'config' | 'gates'>,
): () => FormulaPages | null {
  return ofCurrent(deps, (formula) => createFormulaPages(formula, deps.config, deps.gates));
}

/** Films of the formula release being served, as scoring counts them. */
export function catalogueOfCurrent(deps: Pick<ApiDeps, 'serving' | 'config'>): () => Catalogue | null {
  return ofCurrent(deps, ({ lists }) => createCatalogue(lists, deps.config.ages));
}

function ofCurrent<T>(
  { serving }: Pick<ApiDeps, 'serving'>,
  make: (formula: ServedFormula) => T,
): () => T | null {
  let of: ServedFormula | null = null;
  let made: T | null = null;
  return () => {
    const current = serving.formula();
    if (current !== of) {
      made = current === null ? null : make(current);
      of = current;
    }
    return made;
  };
}

function errorLine({ clock }: Pick<ApiDeps, 'clock'>, msg: string, error: unknown): string {
  const err = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${JSON.stringify({ level: 50, time: clock.now().getTime(), msg, err })}\n`;
}
