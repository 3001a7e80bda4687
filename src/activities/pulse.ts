import type { ActivityContext } from './deps.js';

const PULSE_MS = 1000;

/**
 * Heartbeats once a second with the newest details, for as long as `work` runs; the event loop must stay free.
 * `report` replaces the details.
 */
export async function withPulse<T>(
  context: ActivityContext,
  details: unknown,
  work: (report: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  let latest = details;
  const timer = setInterval(() => context.heartbeat(latest), PULSE_MS);
  context.heartbeat(latest);
  try {
    return await work((next) => (latest = next));
  } finally {
    clearInterval(timer);
  }
}
