import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
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

test('a home that would be refused is told with the same sentence; nothing is changed', async () => {
  const root = join(folder, 'newer');
  mkdirSync(root);
  writeFileSync(join(root, 'home.json'), '{"format":99}');
  const { finding } = await look({ TEMPORAL_CLI: '/nowhere', MATINEE_HOME: root });
  expect(finding('Home')).toMatchObject({
    status: 'missing',
    detail: expect.stringMatching(/has format 99;.*newer one made it/),
  });
  expect(readdirSync(root)).toEqual(['home.json']);
});

test('without any Temporal program the network is needed, once', async () => {
  const none = { PATH: '/nowhere' };
  vi.stubEnv('PATH', none.PATH);
  try {
    const { finding } = await look({});
    expect(finding('Temporal')).toMatchObject({ status: 'missing', fix: 'npx matinee doctor --fetch' });
    expect(finding('Network')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('to fetch the Temporal program'),
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

test('the key of a catalogue feed: named when it is not there, never shown', async () => {
  const file = join(folder, 'feeds.yaml');
  writeFileSync(
    file,
    'sources: [{ name: facts, kind: catalogue, url: "https://films.example/", licence: CC0, keyEnv: FACTS_KEY }]',
  );
  const env = { TEMPORAL_CLI: '/nowhere', MATINEE_CONFIG: file };
  expect((await look(env)).finding('Feed key')).toMatchObject({
    status: 'warning',
    fix: 'FACTS_KEY=… in the environment of the worker',
  });
  const { finding, findings } = await look({ ...env, FACTS_KEY: 's3cret' });
  expect(finding('Feed key')).toMatchObject({ status: 'ok' });
  expect(finding('Network')).toMatchObject({ detail: 'needed for the feeds of films.example' });
  expect(JSON.stringify(findings)).not.toContain('s3cret');
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
