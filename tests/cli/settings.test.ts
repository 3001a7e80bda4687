import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withDemoConfig } from '../../src/cli/demo-home.js';
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

test('a config in the home counts, unless the working folder has its own', () => {
  const [work, home] = [join(folder, 'work'), join(folder, 'configured')];
  for (const path of [work, home]) mkdirSync(path);
  writeFileSync(join(home, 'matinee.config.yaml'), 'weightedRating: { mFloor: 25 }\n');
  const floor = () => loadSettings({ MATINEE_HOME: home }, work).config.weightedRating.mFloor;
  expect(floor()).toBe(25);
  writeFileSync(join(work, 'matinee.config.yaml'), 'weightedRating: { mFloor: 40 }\n');
  expect(floor()).toBe(40);
});

test('the demo brings a config into a home without one, and leaves one that is there', async () => {
  const [bare, home] = [join(folder, 'no-config'), join(folder, 'demo-home')];
  for (const path of [bare, home]) mkdirSync(path);
  const settings = () => loadSettings({ MATINEE_HOME: home }, bare);
  const demo = await withDemoConfig(settings());
  expect(demo.config.weightedRating).toMatchObject({ mFloor: 25, mQuantile: 0.9 });
  expect(settings()).toEqual(demo);
  const own = { ...settings(), configFile: join(bare, 'mine.yaml') };
  expect(await withDemoConfig(own)).toBe(own);
});
