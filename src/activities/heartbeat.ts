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

/** The same for work that says itself how far it is: what it said last is repeated until it says more. */
export async function whileSaying<T>(
  context: ActivityContext,
  first: unknown,
  work: (say: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  let latest = first;
  const say = (details: unknown) => {
    latest = details;
    context.heartbeat(details);
  };
  return whileBeating(
    context,
    () => latest,
    () => work(say),
  );
}
