import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { UsageError } from './errors.js';

/** What went wrong in a workflow, in one line that names the stage, the cause and the log. */
export function failureSentence(what: string, error: unknown, home: string): Error {
  if (!(error instanceof WorkflowFailedError))
    return error instanceof Error ? error : new Error(String(error));
  const logs = `Full log: ${join(home, 'logs')}`;
  if (error.cause instanceof CancelledFailure) return new UsageError(`${what} was cancelled. ${logs}`);
  const activity = error.cause instanceof ActivityFailure ? ` in ${error.cause.activityType}` : '';
  const cause = rootMessage(error).replace(/[.\s]*$/, '.');
  return new UsageError(`${what} failed${activity}: ${cause} ${logs}`);
}

function rootMessage(error: Error): string {
  let cause: unknown = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'Error'}: ${cause.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}
