import { createHash } from 'node:crypto';
import type { Config } from '../contracts/index.js';

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** sha256 of a value as JSON with sorted keys: equal values, equal hash. */
export function hashOf(value: unknown): string {
  return sha256(
    JSON.stringify(value, (_key, v: unknown) =>
      v !== null && typeof v === 'object' && !Array.isArray(v)
        ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : v,
    ),
  );
}

/** The part of the config that a list can depend on: not when, where or on how many threads it is made. */
export function contentConfig(config: Config): unknown {
  const { schedule: _when, retention: _howLong, warehouse: _where, ials, ...content } = config;
  const { threads: _threads, ...recipe } = ials;
  return { ...content, ials: recipe };
}
