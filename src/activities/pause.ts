import { setImmediate } from 'node:timers/promises';

/** Lets timers and messages have a turn, heartbeats among them, between two pieces of long work on the event loop. */
export const pause = (): Promise<void> => setImmediate();
