import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../contracts/failures.js';
import { ModelDiverged } from '../core/als/train.js';

/** A permanent failure from the closed list; never retried. Say what the thing is, what was expected, what was seen. */
export function permanentFailure(type: FailureType, message: string, details?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    ...(details === undefined ? {} : { details: [details] }),
  });
}

/** Why a fit came to nothing for good; null = the error is of another sort. */
export function divergence(error: unknown): string | null {
  if (error instanceof ModelDiverged) return error.message;
  return error instanceof ApplicationFailure && error.type === 'ModelDiverged' ? error.message : null;
}

/** Whether an error, of Node or of DuckDB, says that a disk is full: no retry frees space, a person does. */
export function isDiskFull(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ((e as NodeJS.ErrnoException).code === 'ENOSPC') return true;
    if (/no space left on device|ENOSPC|max_temp_directory_size/i.test(e.message)) return true;
  }
  return false;
}
