/** Something the user can mend: the message says what and how, and is all that is printed. */
export class UsageError extends Error {}
