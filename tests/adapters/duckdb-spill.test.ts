import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeSpill, sweepSpills } from '../../src/adapters/duckdb/spill.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('spill folders of processes that ended are removed; those of running ones and of other hosts stay', async () => {
  const made = await makeSpill();
  const living = join(folder, basename(made));
  renameSync(made, living);
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const orphan = living.replace(`-${process.pid}-`, `-${ended}-`);
  const foreign = join(folder, `matinee-duckdb-another.host-${ended}-abc`);
  for (const path of [orphan, foreign]) {
    mkdirSync(path);
    writeFileSync(join(path, 'duckdb_temp_storage-0.tmp'), 'rows');
  }
  await sweepSpills(folder);
  expect([living, orphan, foreign].map((path) => existsSync(path))).toEqual([true, false, true]);
});
