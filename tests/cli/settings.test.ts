import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadSettings, settingsEnv } from '../../src/config.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a child process in another folder reads the config of the working folder', () => {
  writeFileSync(join(folder, 'matinee.config.yaml'), 'weightedRating: { mFloor: 50 }\n');
  const elsewhere = join(folder, 'home');
  mkdirSync(elsewhere);
  const own = loadSettings({}, folder);
  const childs = loadSettings(settingsEnv(own, {}), elsewhere);
  expect([own, childs].map(({ config }) => config.weightedRating.mFloor)).toEqual([50, 50]);
  expect(childs.home).toBe(own.home);
});

test('without a file, and with one that is named and not there', () => {
  const bare = join(folder, 'bare');
  mkdirSync(bare);
  expect(settingsEnv(loadSettings({}, bare), {})).not.toHaveProperty('MATINEE_CONFIG');
  expect(() => loadSettings({ MATINEE_CONFIG: 'gone.yaml' }, bare)).toThrow(
    /gone\.yaml, which does not exist/,
  );
});
