import { pidOf } from '../core/identity/pid.js';

/** Pids kept, about 150 bytes each. */
const CAPACITY = 50_000;

/** Operational id → pid. An HMAC costs more than reading the list it finds, so recent ones are kept. */
export function cachedPids(key: Buffer): (userId: string) => string {
  const pids = new Map<string, string>();
  return function cachedPid(userId) {
    let pid = pids.get(userId);
    if (pid === undefined) {
      pid = pidOf(key, userId);
      if (pids.size >= CAPACITY) pids.clear();
      pids.set(userId, pid);
    }
    return pid;
  };
}
