import { expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/index.js';
import { changedParts, recipeOf } from '../../src/core/als/recipe.js';

const config = configSchema.parse({});

test('what changed in a recipe: nothing, the code, parts of the config, or both; threads are no part of it', () => {
  const then = { config, recipe: recipeOf(config, 'a', 'als'), kind: 'als' } as const;
  const now = (changed: object, codeSha256 = 'a') =>
    changedParts(then, { config: configSchema.parse(changed), codeSha256, kind: 'als' });
  expect(now({ ials: { threads: 7 }, retention: { runs: 3 }, ease: { lambda: 1 } })).toEqual([]);
  expect(now({}, 'b')).toEqual(['code']);
  expect(now({ ials: { lambda: 0.5 }, blend: { nowWeight: 0 } })).toEqual(['ials', 'blend']);
  expect(now({ filters: { autoplayMinSec: 1 } }, 'b')).toEqual(['code', 'filters']);
});

test('another kind of model is another recipe, and EASE’s has its own parts', () => {
  const then = { config, recipe: recipeOf(config, 'a', 'ease'), kind: 'ease' } as const;
  const now = (changed: object, kind: 'als' | 'ease') =>
    changedParts(then, { config: configSchema.parse(changed), codeSha256: 'a', kind });
  expect(recipeOf(config, 'a', 'als')).not.toBe(then.recipe);
  expect(now({}, 'als')).toEqual(['model']);
  expect(now({ ials: { k: 8, epochsCold: 1 }, ease: { lambdas: [1], maxFilms: 9 } }, 'ease')).toEqual([]);
  expect(now({ ease: { lambda: 7 } }, 'ease')).toEqual(['ease']);
  expect(now({ ials: { priorGamma: 1 } }, 'ease')).toEqual(['ease']);
});
