import type { Config } from '../../contracts/index.js';

/** The part of the config that a list can depend on: not when, where or on how many threads it is made. */
export function contentConfig(config: Config): unknown {
  const { schedule: _when, retention: _howLong, warehouse: _where, card: _words, ials, ...content } = config;
  const { threads: _threads, ...recipe } = ials;
  return { ...content, ials: recipe };
}
