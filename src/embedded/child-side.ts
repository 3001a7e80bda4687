/** What a process started by children.ts says to its parent, over Node's message channel. Does nothing in a process started otherwise. */
export interface ReadyMessage {
  kind: 'ready';
  /** Where it serves, when it serves. */
  address?: string;
}

/** Tells the parent that this process does its work from now on. */
export function reportReady(address?: string): void {
  const message: ReadyMessage = { kind: 'ready', ...(address === undefined ? {} : { address }) };
  process.send?.(message);
}

/** Calls `stop` when the parent is gone (kill -9), so that no worker outlives its `up`. */
export function onOrphaned(stop: () => void): void {
  if (process.send === undefined) return;
  process.once('disconnect', stop);
  process.channel?.unref(); // waiting for the parent alone does not keep the process running
}
