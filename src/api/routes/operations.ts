import { z } from 'zod';
import type { Config } from '../../contracts/config.js';
import type { ServingStore } from '../deps.js';
import type { ApiMetrics } from '../metrics.js';
import { respond } from '../respond.js';
import { nothingReleased } from './nothing-released.js';
import { defineRoute, type Route } from './registry.js';

const JSON_HEADERS = ['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'];

/** `/healthz`, `/readyz`, `/metrics`: for load balancers and scrapers, who have no keys. */
export function operationRoutes(
  serving: ServingStore,
  metrics: ApiMetrics,
  { metrics: scrapers }: Pick<Config['api'], 'metrics'>,
): Route[] {
  return [health(), readiness(serving), scrape(metrics, scrapers)];
}

function health(): Route {
  return defineRoute({
    method: 'GET',
    path: '/healthz',
    operationId: 'getHealth',
    summary: 'The process answers; says nothing of anything else',
    tag: 'operations',
    access: 'public',
    isUnlimited: true,
    responses: {
      200: {
        description: 'It does',
        schema: z.object({ status: z.literal('ok') }).meta({ examples: [{ status: 'ok' }] }),
      },
    },
    handle: ({ res }) => respond(res, 200, JSON_HEADERS, '{"status":"ok"}'),
  });
}

function readiness(serving: ServingStore): Route {
  return defineRoute({
    method: 'GET',
    path: '/readyz',
    operationId: 'getReadiness',
    summary: 'There is something to serve: the formula’s release at least',
    tag: 'operations',
    access: 'public',
    isUnlimited: true,
    responses: {
      200: {
        description: 'What is being served',
        schema: z
          .object({
            status: z.literal('ready'),
            release: z.string().nullable(),
            formula: z.string(),
          })
          .meta({
            examples: [
              {
                status: 'ready',
                release: '2026-01-31-5f0c2a9be1d4',
                formula: '2026-01-31-a81d03c4f2e9',
              },
            ],
          }),
      },
    },
    handle({ res }) {
      const formula = serving.formula();
      if (formula === null) throw nothingReleased();
      const release = serving.lists()?.releaseId ?? null;
      const body = { status: 'ready', release, formula: formula.releaseId };
      respond(res, 200, JSON_HEADERS, JSON.stringify(body));
    },
  });
}

function scrape({ registry }: ApiMetrics, scrapers: Config['api']['metrics']): Route {
  return defineRoute({
    method: 'GET',
    path: '/metrics',
    operationId: 'getMetrics',
    summary: 'Metrics of this process, in Prometheus’ text format',
    tag: 'operations',
    access: scrapers === 'public' ? 'public' : { scopes: ['operator'] },
    responses: {
      200: { description: 'Counters, gauges and histograms', schema: z.string(), contentType: 'text/plain' },
    },
    async handle({ res }) {
      const text = await registry.metrics();
      respond(res, 200, ['Content-Type', registry.contentType, 'Cache-Control', 'no-store'], text);
    },
  });
}
