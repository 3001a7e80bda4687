import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../contracts/failures.js';

/** A permanent failure from the closed list; never retried. Say what the thing is, what was expected, what was seen. */
export function permanentFailure(type: FailureType, message: string, details?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    ...(details === undefined ? {} : { details: [details] }),
  });
}
