import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptors } from '@temporalio/worker';
import type { Logger } from 'pino';
import { latestDetails } from '../activities/context.js';
import { isDiskFull, permanentFailure } from '../activities/failures.js';
import { counted } from '../activities/neighbours.js';

/** Progress is shown from heartbeats; a worker is lost after 15 s without one (workflows/activity-groups.ts). */
const HEARTBEAT_MS = 1000;

/**
 * Around every activity: a timer that heart-beats while the event loop lives, translation of other people's errors, and one
 * log line with identity, attempt, duration and outcome.
 */
export function activityInterceptors(log: Logger): (context: Context) => ActivityInterceptors {
  return (context) => ({ inbound: inbound(context, log) });
}

function inbound(context: Context, log: Logger): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const { activityType: activity, attempt, workflowExecution } = context.info;
      const line = log.child({ activity, attempt, workflowId: workflowExecution?.workflowId });
      const started = performance.now();
      const timer = setInterval(() => context.heartbeat(latestDetails(context)), HEARTBEAT_MS);
      try {
        const result = await counted(() => next(input));
        line.info({ durationMs: Math.round(performance.now() - started) }, 'activity done');
        return result;
      } catch (error) {
        const failure = translate(error, context);
        line.warn({ durationMs: Math.round(performance.now() - started), err: failure }, 'activity failed');
        throw failure;
      } finally {
        clearInterval(timer);
      }
    },
  };
}

function translate(error: unknown, context: Context): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (context.cancellationSignal.aborted)
    return new CancelledFailure('activity cancelled', [], error as Error);
  if (isDiskFull(error)) {
    return permanentFailure(
      'DiskFull',
      `${context.info.activityType}: the disk is full. Free space under the home (matinee doctor shows sizes), then run the night again; nothing was published. (${messageOf(error)})`,
    );
  }
  return error;
}

/** Its first line: DuckDB goes on with advice about its settings, which is not ours. */
const messageOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
