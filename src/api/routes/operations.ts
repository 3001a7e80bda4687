import type { RequestHandler } from 'express';
import type { ServingStore } from '../deps.js';
import type { ApiMetrics } from '../metrics.js';
import { respond } from '../respond.js';
import { nothingReleased } from './nothing-released.js';

const JSON_HEADERS = ['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'];

/** The process answers; says nothing of anything else. */
export const getHealth: RequestHandler = function health(_req, res) {
  respond(res, 200, JSON_HEADERS, '{"status":"ok"}');
};

/** There is something to serve: the formula's release at least. */
export function getReadiness(serving: ServingStore): RequestHandler {
  return function readiness(_req, res) {
    const formula = serving.formula();
    if (formula === null) throw nothingReleased();
    const release = serving.lists()?.releaseId ?? null;
    respond(res, 200, JSON_HEADERS, JSON.stringify({ status: 'ready', release, formula: formula.releaseId }));
  };
}

export function getMetrics(metrics: ApiMetrics): RequestHandler {
  return async function scrape(_req, res) {
    const text = await metrics.registry.metrics();
    respond(res, 200, ['Content-Type', metrics.registry.contentType, 'Cache-Control', 'no-store'], text);
  };
}
