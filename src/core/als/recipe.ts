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

/**
 * What makes the recipe `now` another one than `then`: "code", and the names of the config's parts; [] = the same recipe.
 * `then.config` must be of today's schema.
 */
export function changedParts(
  then: { config: Config; recipe: string },
  now: { config: Config; codeSha256: string },
): string[] {
  const partsOf = (config: Config) => {
    const { threads: _threads, ...ials } = config.ials;
    return { ials, ...Object.fromEntries(Object.entries(config).filter(([name]) => SECTIONS.has(name))) };
  };
  const [before, after] = [partsOf(then.config), partsOf(now.config)] as Record<string, unknown>[];
  const changed = Object.keys(after!).filter(
    (name) => JSON.stringify(before![name]) !== JSON.stringify(after![name]),
  );
  const isCodeSame = recipeOf(then.config, now.codeSha256) === then.recipe;
  return isCodeSame ? changed : ['code', ...changed];
}
