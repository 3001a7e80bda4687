import type { Config, ModelKind } from '../../contracts/index.js';
import { sha256 } from '../identity/hash.js';

/** Sections of the config that decide which cells a model sees, and in what order its films are served. */
const SECTIONS = new Set(['feedback', 'filters', 'eligibility', 'blend']);

/** The parts of a config that change the numbers of a kind of model; threads do not. */
function partsOf(config: Config, kind: ModelKind): Record<string, unknown> {
  const { threads: _threads, ...ials } = config.ials;
  const { lambda } = config.ease;
  const own = kind === 'als' ? { ials } : { ease: { lambda, priorGamma: ials.priorGamma } };
  return { ...own, ...Object.fromEntries(Object.entries(config).filter(([name]) => SECTIONS.has(name))) };
}

/**
 * Hash of all that makes a model besides its data: its kind, code, and the parts of the config that change numbers.
 * The config comes from its schema, so its keys stand in the schema's order: equal values, equal text.
 */
export function recipeOf(config: Config, codeSha256: string, kind: ModelKind): string {
  return sha256(JSON.stringify({ kind, parts: partsOf(config, kind), codeSha256 }));
}

/**
 * What makes the recipe `now` another one than `then`: "code", "model" for another kind of it, and the names of the config's
 * parts; [] = the same recipe. `then.config` must be of today's schema.
 */
export function changedParts(
  then: { config: Config; recipe: string; kind: ModelKind },
  now: { config: Config; codeSha256: string; kind: ModelKind },
): string[] {
  const [before, after] = [partsOf(then.config, now.kind), partsOf(now.config, now.kind)];
  const changed = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return [
    ...(recipeOf(then.config, now.codeSha256, then.kind) === then.recipe ? [] : ['code']),
    ...(then.kind === now.kind ? [] : ['model']),
    ...changed,
  ];
}
