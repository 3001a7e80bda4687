import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The import direction of design 2 is enforced by lint; each rule is shown to fail on the smallest offender. */
const OFFENDERS: Record<string, string> = {
  'src/contracts/offender.ts': `import { x } from '../core/x.js';\nexport const y = x;\n`,
  'src/core/a/offender.ts': `import { readFileSync } from 'node:fs';\nexport const y = readFileSync;\n`,
  'src/core/b/offender.ts': `import { x } from '../../adapters/x.js';\nexport const y = x;\n`,
  'src/kernels/offender.ts': `import { x } from '../adapters/x.js';\nexport const y = x;\n`,
  'src/activities/offender.ts': `import { x } from '../adapters/x.js';\nexport const y = x;\n`,
  'src/adapters/pg/offender.ts': `import { DuckDBInstance } from '@duckdb/node-api';\nexport const y = DuckDBInstance;\n`,
  'src/adapters/duckdb/offender.ts': `import { x } from '../../worker/x.js';\nexport const y = x;\n`,
  'src/workflows/offender.ts': `import { x } from '../activities/x.js';\nexport const y = x;\n`,
  'src/workflows/builtin.ts': `import { join } from 'node:path';\nexport const y = join;\n`,
  'src/api/offender.ts': `import { x } from '../worker/x.js';\nexport const y = x;\n`,
  'src/core/env.ts': `import { loadSettings } from '../config.js';\nexport const y = loadSettings;\n`,
  'src/simulator/offender.ts': `import { x } from '../adapters/x.js';\nexport const y = x;\n`,
  'src/core/floating.ts': `export function f(): void {\n  Promise.resolve(1);\n}\n`,
  'src/core/escape.ts': `export const f = (x: any): void => void x;\n`,
  'src/core/cycle-a.ts': `import { b } from './cycle-b.js';\nexport const a = (): number => b();\n`,
  'src/core/cycle-b.ts': `import { a } from './cycle-a.js';\nexport const b = (): number => a();\n`,
  'src/core/long.ts': Array.from({ length: 301 }, (_, i) => `export const v${i} = ${i};`).join('\n'),
  'src/core/switch.ts': `export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 0;\n}\n`,
};
const ALLOWED: Record<string, string> = {
  'src/core/allowed.ts': `import { x } from '../contracts/x.js';\nexport const y = x;\n`,
  'src/adapters/pg/allowed.ts': `import type { Config } from '../../contracts/config.js';\nexport const y = (x: Config): Config => x;\n`,
  'src/workflows/allowed.ts': `import type { X } from '../activities/x.js';\nexport const y = (x: X): X => x;\n`,
};

const folder = mkdtempSync(join(tmpdir(), 'matinee-lint-'));
const report = new Map<string, string[]>();

beforeAll(() => {
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) cpSync(name, join(folder, name));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const [file, text] of Object.entries({ ...OFFENDERS, ...ALLOWED })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const bin = resolve('node_modules/oxlint/bin/oxlint');
  const args = [bin, '--type-aware', '--format', 'json', 'src'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
  for (const { filename, code } of diagnostics) report.set(filename, [...(report.get(filename) ?? []), code]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('lint', () => {
  test.each(Object.keys(OFFENDERS))('refuses %s', (file) => {
    expect(report.get(file) ?? [], `no diagnostic for ${file}`).not.toHaveLength(0);
  });
  test.each(Object.keys(ALLOWED))('lets %s pass', (file) => {
    expect(report.get(file) ?? []).toHaveLength(0);
  });
});
