import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createOnce, readState, writeState } from '../../src/embedded/state-file.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const shape = z.object({ n: z.number() });

test('of twenty creators one wins, and its content stays', async () => {
  const file = join(folder, 'once');
  const won = await Promise.all(Array.from({ length: 20 }, (_, i) => createOnce(file, `by ${i}`)));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(readFileSync(file, 'utf8')).toBe(`by ${won.indexOf(true)}`);
  expect(readdirSync(folder)).toEqual(['once']); // no draft is left
});

test('what is absent, cut off or of another shape is no state', async () => {
  const file = join(folder, 'state.json');
  expect(await readState(file, shape)).toBeNull();
  await writeState(file, { n: 1 });
  expect(await readState(file, shape)).toEqual({ n: 1 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const text of ['{"n":', '{"m":1}', '']) {
    writeFileSync(file, text);
    expect(await readState(file, shape)).toBeNull();
  }
});
