import { createHash } from 'node:crypto';
import type { Config } from '../../contracts/index.js';

/** Sections of the config that decide which cells a model sees, and in what order its films are served. */
const SECTIONS = new Set(['feedback', 'filters', 'eligibility', 'blend']);

/**
 * Hash of all that makes a model besides its data: code, and the parts of the config that change numbers (threads do not).
 * The config comes from its schema, so its keys stand in the schema's order: equal values, equal text.
 */
export function recipeOf(config: Config, codeSha256: string): string {
  const { threads: _threads, ...ials } = config.ials;
  const sections = Object.entries(config).filter(([name]) => SECTIONS.has(name));
  return createHash('sha256').update(JSON.stringify({ ials, sections, codeSha256 })).digest('hex');
}
