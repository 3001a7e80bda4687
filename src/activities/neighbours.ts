let running = 0;
let since = 0;
let sharedMs = 0;

/** Milliseconds so far in which two activities or more ran in this process. */
function change(by: number): number {
  const now = performance.now();
  if (running > 1) sharedMs += now - since;
  since = now;
  running += by;
  return sharedMs;
}

/** Around every activity of a worker. */
export async function counted<T>(work: () => Promise<T>): Promise<T> {
  change(1);
  try {
    return await work();
  } finally {
    change(-1);
  }
}

/** CPU time is known of the process alone: beyond this share of the time beside others it is not the work's own. */
const SHARED_FROM = 0.05;

/** Whether other activities ran beside this one, from now on to when it is asked. */
export function watchNeighbours(): () => boolean {
  const [start, before] = [performance.now(), change(0)];
  return () => change(0) - before > SHARED_FROM * (performance.now() - start);
}
