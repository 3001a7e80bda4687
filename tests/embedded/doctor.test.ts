import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeDiagnosis } from '../../src/cli/doctor.js';
import { loadSettings } from '../../src/config.js';
import { diagnose } from '../../src/embedded/diagnosis.js';
import { freePort } from '../../src/embedded/ports.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const look = async (env: Record<string, string>) => {
  const settings = loadSettings(
    { MATINEE_HOME: join(folder, 'home'), XDG_CACHE_HOME: folder, ...env },
    folder,
  );
  const diagnosis = await diagnose(settings, { fetch: false, report: () => undefined });
  return { ...diagnosis, finding: (name: string) => diagnosis.findings.find((found) => found.name === name) };
};

test('servers of the user that do not answer are missing, each with its fix', async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const { finding } = await look({ TEMPORAL_ADDRESS: nowhere, DATABASE_URL: `postgres://x@${nowhere}/x` });
  expect(finding('Temporal')).toMatchObject({
    status: 'missing',
    fix: 'start that server, or unset TEMPORAL_ADDRESS',
  });
  expect(finding('Postgres')).toMatchObject({
    status: 'missing',
    fix: 'start that server, or unset DATABASE_URL',
  });
});

test('a TEMPORAL_CLI that does not run is missing; the embedded Postgres is runnable; nothing is created', async () => {
  const { finding, sizes } = await look({ TEMPORAL_CLI: '/nowhere' });
  expect(finding('Temporal')?.status).toBe('missing');
  expect(finding('Temporal')?.detail).toContain('TEMPORAL_CLI is /nowhere');
  expect(finding('Postgres')?.status).not.toBe('missing');
  expect(finding('Home')).toMatchObject({ status: 'ok' });
  expect(finding('Home')?.detail).toContain('not made yet, can be made');
  expect(sizes.every(({ bytes }) => bytes === 0)).toBe(true);
});

test('sizes are those of the files below each folder', async () => {
  const warehouse = join(folder, 'sized');
  mkdirSync(join(warehouse, 'runs', 'r1', 'train'), { recursive: true });
  writeFileSync(join(warehouse, 'runs', 'r1', 'train', 'a'), Buffer.alloc(1000));
  writeFileSync(join(warehouse, 'runs', 'b'), Buffer.alloc(24));
  const { sizes } = await look({ TEMPORAL_CLI: '/nowhere', WAREHOUSE_URL: `file://${warehouse}` });
  expect(sizes).toContainEqual({ folder: join(warehouse, 'runs'), bytes: 1024 });
});

describe('text', () => {
  test('shows the fix under what is missing and the sizes at the end', () => {
    const text = describeDiagnosis({
      findings: [
        { name: 'Node', status: 'ok', detail: 'v22' },
        {
          name: 'Temporal',
          status: 'missing',
          detail: 'none\n  PATH: not found',
          fix: 'npx matinee doctor --fetch',
        },
      ],
      sizes: [
        { folder: '/h/pg', bytes: 3 * 2 ** 20 },
        { folder: '/h/raw', bytes: 0 },
      ],
    });
    expect(text).toMatch(/ok .*Node +v22\n/);
    expect(text).toMatch(/missing.*Temporal +none\n +PATH: not found\n +→ npx matinee doctor --fetch\n/);
    expect(text).toMatch(/On disk:\n +3\.0 MiB {2}\/h\/pg\n$/);
  });
});
