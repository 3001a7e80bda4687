import type { RequestHandler } from 'express';
import {
  eventBatchSchema,
  type EventReceipt,
  eventReceiptSchema,
  faultlessBatchSchema,
} from '../../contracts/events.js';
import { viewerOf } from '../auth/principal.js';
import type { ApiDeps, ApiLimits } from '../deps.js';
import type { Exclusions } from '../exclusions.js';
import { type Intake, receiptOf, takeIn } from '../event-intake.js';
import type { ApiMetrics } from '../metrics.js';
import { unavailable } from '../problem.js';
import { respond } from '../respond.js';
import { within } from '../within.js';
import { defineRoute, type Route } from './registry.js';

/** Where an event says it came from, in the operational store. */
const SOURCE = 'api';
/** Seconds after which a refused batch is worth sending again. */
const RETRY_AFTER = 2;

/**
 * `POST /v1/events`: room for one more batch first, then the batch itself.
 * 202 is sent after the store has committed; a batch that was refused by 503 may be sent again unchanged, for an event
 * id counts once.
 */
export function eventRoute(
  deps: Pick<ApiDeps, 'store'>,
  limits: ApiLimits,
  metrics: ApiMetrics,
  exclusions: Pick<Exclusions, 'heed'>,
  onStoreError: (error: unknown) => void,
): Route {
  const save = async (intake: Intake): Promise<EventReceipt> => {
    if (intake.good.length === 0) return receiptOf(intake, { accepted: 0, duplicates: 0, unknownUsers: [] });
    const events = intake.good.map(({ event }) => event);
    try {
      const saving = deps.store.saveEvents(events, SOURCE);
      const saved = await within(saving, limits.saveEventsMs, 'saving the events');
      exclusions.heed(events);
      return receiptOf(intake, saved);
    } catch (error) {
      onStoreError(error);
      throw unavailable('events cannot be stored now; send the same batch again later', RETRY_AFTER);
    }
  };

  return defineRoute({
    method: 'POST',
    path: '/v1/events',
    operationId: 'postEvents',
    summary: 'What viewers did, up to 1000 events at once',
    description:
      'Events are judged one by one: bad ones are named in the receipt and cost their neighbours nothing. ' +
      'A viewer token posts events of its own viewer only. ' +
      'The answer comes after the good ones are stored; after a 503 send the same batch again, for an eventId counts once. ' +
      'A film that is disliked, rated or played to its end leaves its viewer’s lists at once, and comes back when that is taken back.',
    tag: 'events',
    access: { scopes: ['ingest'], viewer: 'any' },
    body: eventBatchSchema,
    documentedBody: faultlessBatchSchema,
    responses: { 202: { description: 'Stored; what was not, and why', schema: eventReceiptSchema } },
    before: [limitBatches(limits.batchesInHand)],
    async handle({ body, req, res }) {
      const receipt = await save(takeIn(body.events, viewerOf(req)?.profileId));
      metrics.countEvents(receipt);
      const headers = ['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'];
      respond(res, 202, headers, JSON.stringify(receipt));
    },
  });
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
