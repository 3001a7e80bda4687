import type { Config } from '../../contracts/index.js';
import { sha256 } from '../identity/hash.js';

/** Sections of the config that decide which cells a model sees, and in what order its films are served. */
const SECTIONS = new Set(['feedback', 'filters', 'eligibility', 'blend']);

/**
 * Hash of all that makes a model besides its data: code, and the parts of the config that change numbers (threads do not).
 * The config comes from its schema, so its keys stand in the schema's order: equal values, equal text.
 */
export function recipeOf(config: Config, codeSha256: string): string {
  const { threads: _threads, ...ials } = config.ials;
  const sections = Object.entries(config).filter(([name]) => SECTIONS.has(name));
  return sha256(JSON.stringify({ ials, sections, codeSha256 }));
}
