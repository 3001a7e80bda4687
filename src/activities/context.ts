import { AsyncLocalStorage } from 'node:async_hooks';
import { Context } from '@temporalio/activity';
import type { ActivityContext } from './deps.js';

/** Newest details of each running activity, which the worker's timer repeats: nothing else beats while a long query runs. */
const latest = new WeakMap<Context, unknown>();

/** Of activities that a command runs itself, without a worker. */
const outside = new AsyncLocalStorage<ActivityContext>();
export const inContext = <T>(context: ActivityContext, work: () => Promise<T>): Promise<T> =>
  outside.run(context, work);

/**
 * The running activity's context. Captured at entry, because thread messages arrive outside of Temporal's async scope
 * and would find no context there.
 */
export function currentContext(): ActivityContext {
  const given = outside.getStore();
  if (given !== undefined) return given;
  const context = Context.current();
  return {
    heartbeat: (details) => {
      latest.set(context, details);
      context.heartbeat(details);
    },
    resume: context.info.heartbeatDetails,
    signal: context.cancellationSignal,
  };
}

export function latestDetails(context: Context): unknown {
  return latest.has(context) ? latest.get(context) : context.info.heartbeatDetails;
}
