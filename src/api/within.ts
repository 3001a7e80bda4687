/** The work took longer than its caller may be kept waiting. It is not cancelled: what it does must be safe to repeat. */
export class TimedOut extends Error {}

/** `work`, or a rejection by `TimedOut` after `ms` milliseconds. A late failure of `work` is swallowed. */
export function within<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimedOut(`${what} took longer than ${ms} ms`)), ms);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
