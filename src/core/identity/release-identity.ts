import type { Config } from '../../contracts/index.js';
import { contentConfig } from './content-config.js';
import { hashOf } from './hash.js';

/** sha256 of everything that a personal release's lists are made from. */
export interface ReleaseInputs {
  events: string;
  films: string;
  viewers: string;
  model: string | null;
  formula: string;
  config: Config;
  code: string;
}

/** A release is named by what it is made from; run ids and times have no part in it, so that a repeated night makes the same id. */
export function releaseIdentity(
  night: string,
  { config, ...inputs }: ReleaseInputs,
): { releaseId: string; inputSha256: string } {
  const inputSha256 = hashOf({ ...inputs, config: contentConfig(config) });
  return { releaseId: `${night}-${inputSha256.slice(0, 12)}`, inputSha256 };
}

/** A snapshot is named by its rows. */
export const snapshotSha256 = (tables: Record<'events' | 'films' | 'viewers', { sha256: string }>): string =>
  hashOf({ events: tables.events.sha256, films: tables.films.sha256, viewers: tables.viewers.sha256 });
