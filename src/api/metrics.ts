import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EventReceipt } from '../contracts/events.js';
import type { ServedBy } from '../contracts/release.js';
import type { ServingStore } from './deps.js';

/** Seconds. Lists take microseconds, event batches milliseconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface ApiMetrics {
  registry: Registry;
  observeRequest(route: string, status: number, seconds: number): void;
  countServed(servedBy: ServedBy): void;
  countEvents(receipt: EventReceipt): void;
}

/** The API's metrics in a registry of their own. Labelled children are looked up once and kept: `labels()` hashes on every call. */
export function createMetrics(serving: ServingStore): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  const durations = new Histogram({
    name: 'matinee_http_request_duration_seconds',
    help: 'Time from the request head to the end of the response',
    labelNames: ['route', 'status'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const served = new Counter({
    name: 'matinee_lists_served_total',
    help: 'Recommendation lists by what served them',
    labelNames: ['served_by'],
    registers,
  });
  const events = new Counter({
    name: 'matinee_events_total',
    help: 'Posted events by outcome',
    labelNames: ['outcome'],
    registers,
  });
  registerReleaseGauge(serving, registry);

  const durationOf = new Map<string, Histogram.Internal<'route' | 'status'>>();
  const servedOf = {
    personal: served.labels('personal'),
    formula: served.labels('formula'),
    none: served.labels('none'),
  };
  for (const child of Object.values(servedOf)) child.inc(0); // shown from the start, as zero
  return {
    registry,
    observeRequest(route, status, seconds) {
      const key = `${status}${route}`;
      let child = durationOf.get(key);
      if (child === undefined) {
        child = durations.labels(route, String(status));
        durationOf.set(key, child);
      }
      child.observe(seconds);
    },
    countServed: (servedBy) => servedOf[servedBy].inc(),
    countEvents(receipt) {
      events.inc({ outcome: 'accepted' }, receipt.accepted);
      events.inc({ outcome: 'duplicate' }, receipt.duplicates);
      events.inc({ outcome: 'rejected' }, receipt.rejected.length);
    },
  };
}

/** Read when scraped, so that nobody has to tell it of a switch. */
function registerReleaseGauge(serving: ServingStore, registry: Registry): void {
  new Gauge({
    name: 'matinee_release_info',
    help: 'Releases being served: always 1',
    labelNames: ['channel', 'release', 'night'],
    registers: [registry],
    collect() {
      this.reset();
      const lists = serving.lists();
      const formula = serving.formula();
      if (lists !== null) this.labels('default', lists.releaseId, lists.night).set(1);
      if (formula !== null) this.labels('formula', formula.releaseId, formula.night).set(1);
    },
  });
}
