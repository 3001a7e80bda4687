import { Context } from '@temporalio/activity';
import type { ActivityContext } from './deps.js';

/**
 * The running activity's context. Captured at entry, because thread messages arrive outside of Temporal's async scope
 * and would find no context there.
 */
export function currentContext(): ActivityContext {
  const context = Context.current();
  return {
    heartbeat: (details) => context.heartbeat(details),
    resume: context.info.heartbeatDetails,
    signal: context.cancellationSignal,
  };
}
