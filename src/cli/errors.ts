/** Something the user can mend: the message says what and how, and is all that is printed. */
export class UsageError extends Error {}

/** What nobody expected, for whoever mends it. A stack begins with the message. */
export function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
