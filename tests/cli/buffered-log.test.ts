import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bufferedLog } from '../../src/cli/buffered-log.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matinee-log-'));
  file = join(folder, 'api.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = () => readFileSync(file, 'utf8');
const line = (i: number) => `{"n":${i},"title":"Les Vampires, épisode ${i}"}\n`;

test('what waits is written when the log closes, in order and once', () => {
  const log = bufferedLog(file);
  for (let i = 0; i < 3; i++) log.write(line(i));
  log.close();
  expect(written()).toBe(line(0) + line(1) + line(2));
});

test('32 KB leave without waiting for anything, and nothing of a larger line is lost', async () => {
  const log = bufferedLog(file);
  const long = `${'x'.repeat(200_000)}\n`;
  log.write(line(0));
  log.write(long);
  await vi.waitFor(() => expect(written()).toBe(line(0) + long));
  log.write(line(1));
  log.close();
  expect(written()).toBe(line(0) + long + line(1));
});

test('a process that exits without closing its log has written it', () => {
  const others = process.listeners('exit');
  const log = bufferedLog(file);
  log.write(line(0));
  const [onExit] = process.listeners('exit').filter((listener) => !others.includes(listener));
  onExit?.(0);
  expect(written()).toBe(line(0));
  log.close();
  expect(process.listeners('exit').filter((listener) => !others.includes(listener))).toEqual([]);
});

test('what is said after the end goes to stderr, and a second end is none', () => {
  const log = bufferedLog(file);
  log.write(line(0));
  log.close();
  log.close();
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    log.write(line(1));
    expect(stderr.mock.calls).toEqual([[line(1)]]);
  } finally {
    stderr.mockRestore();
  }
  expect(written()).toBe(line(0));
});
