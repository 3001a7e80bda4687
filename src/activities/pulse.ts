import type { ActivityContext } from './deps.js';

const PULSE_MS = 1000;

/**
 * Heartbeats every second while `work` runs, with the details it last gave to `say`. The timer lives on the event loop, so
 * a blocked loop shows as a missing heartbeat.
 */
export async function withPulse<T>(
  context: ActivityContext,
  work: (say: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  let details: unknown = null;
  const timer = setInterval(() => context.heartbeat(details), PULSE_MS);
  try {
    return await work((next) => {
      details = next;
      context.heartbeat(next);
    });
  } finally {
    clearInterval(timer);
  }
}
