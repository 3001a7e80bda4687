import express, { type RequestHandler } from 'express';
import { eventBatchSchema, type EventReceipt } from '../../contracts/events.js';
import type { ApiDeps, ApiLimits } from '../deps.js';
import { type Intake, receiptOf, takeIn } from '../event-intake.js';
import type { ApiMetrics } from '../metrics.js';
import { HttpProblem, unavailable } from '../problem.js';
import { respond } from '../respond.js';
import { within } from '../within.js';

/** Where an event says it came from, in the operational store. */
const SOURCE = 'api';
/** Seconds after which a refused batch is worth sending again. */
const RETRY_AFTER = 2;

/**
 * `POST /v1/events`, as a chain: room for one more batch, the right type, at most 1 MB of JSON, then the batch itself.
 * 202 is sent after the store has committed; a batch that was refused by 503 may be sent again unchanged, for an event
 * id counts once.
 */
export function postEvents(
  deps: Pick<ApiDeps, 'store'>,
  limits: ApiLimits,
  metrics: ApiMetrics,
  onStoreError: (error: unknown) => void,
): RequestHandler[] {
  const save = async (intake: Intake): Promise<EventReceipt> => {
    if (intake.good.length === 0) return receiptOf(intake, { accepted: 0, duplicates: 0, unknownUsers: [] });
    const events = intake.good.map(({ event }) => event);
    try {
      const saving = deps.store.saveEvents(events, SOURCE);
      return receiptOf(intake, await within(saving, limits.saveEventsMs, 'saving the events'));
    } catch (error) {
      onStoreError(error);
      throw unavailable('events cannot be stored now; send the same batch again later', RETRY_AFTER);
    }
  };

  return [
    limitBatches(limits.batchesInHand),
    requireJson,
    express.json({ limit: '1mb', type: () => true }),
    async function events(req, res) {
      const intake = takeIn(batchOf(req.body));
      const receipt = await save(intake);
      metrics.countEvents(receipt);
      const headers = ['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'];
      respond(res, 202, headers, JSON.stringify(receipt));
    },
  ];
}

function batchOf(body: unknown): unknown[] {
  const parsed = eventBatchSchema.safeParse(body ?? {});
  if (parsed.success) return parsed.data.events;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    field: path.join('.') || 'body',
    message,
  }));
  throw new HttpProblem(400, 'the body must be {"events": […]} with 1 to 1000 events', { errors });
}

/** Batches wait in memory while the store is slow; beyond this many they wait at the caller's. */
function limitBatches(most: number): RequestHandler {
  let inHand = 0;
  return function roomForBatch(_req, res, next) {
    if (inHand >= most) throw unavailable(`${most} batches are waiting to be stored already`, RETRY_AFTER);
    inHand++;
    res.once('close', () => inHand--);
    next();
  };
}

const requireJson: RequestHandler = function requireJson(req, _res, next) {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new HttpProblem(415, `the body must be application/json; got ${type ?? 'no Content-Type'}`);
  }
  next();
};
