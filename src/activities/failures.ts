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

/** Whether an error, of Node or of DuckDB, says that a disk is full: no retry frees space, a person does. */
export function isDiskFull(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ((e as NodeJS.ErrnoException).code === 'ENOSPC') return true;
    if (/no space left on device|ENOSPC|max_temp_directory_size/i.test(e.message)) return true;
  }
  return false;
}
