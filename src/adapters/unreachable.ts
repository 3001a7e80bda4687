/** A server that does not answer: one sentence that names it and the setting to look at. */
export class Unreachable extends Error {}
