import { expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/index.js';
import { changedParts, recipeOf } from '../../src/core/als/recipe.js';

test('what changed in a recipe: nothing, the code, parts of the config, or both; threads are no part of it', () => {
  const config = configSchema.parse({});
  const then = { config, recipe: recipeOf(config, 'a') };
  const now = (changed: object, codeSha256 = 'a') =>
    changedParts(then, { config: configSchema.parse(changed), codeSha256 });
  expect(now({ ials: { threads: 7 }, retention: { runs: 3 } })).toEqual([]);
  expect(now({}, 'b')).toEqual(['code']);
  expect(now({ ials: { lambda: 0.5 }, blend: { nowWeight: 0 } })).toEqual(['ials', 'blend']);
  expect(now({ filters: { autoplayMinSec: 1 } }, 'b')).toEqual(['code', 'filters']);
});
