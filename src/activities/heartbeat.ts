import type { ActivityContext } from './deps.js';

/** Heartbeats of work that has no loop to beat in, e.g. one long query: once a second until it ends. */
export async function whileBeating<T>(
  context: ActivityContext,
  details: () => unknown,
  work: () => Promise<T>,
): Promise<T> {
  context.heartbeat(details());
  const timer = setInterval(() => context.heartbeat(details()), 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
