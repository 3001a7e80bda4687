import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recordDecision } from '../../src/activities/decisions.js';
import { createFile, replaceFile } from '../../src/activities/durable-files.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matinee-test-'));
  file = join(folder, 'sub', 'a.json');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** From now on half of what is written reaches the disk, and then there is no room. */
async function fillDisk() {
  const handle = await open(join(folder, 'any'), 'w');
  await handle.close();
  const files = Object.getPrototypeOf(handle) as typeof handle;
  vi.spyOn(files, 'writeFile').mockImplementation(async function (this: typeof handle, content) {
    const text = String(content);
    await this.write(text.slice(0, text.length / 2));
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
}
const left = () => readdir(join(folder, 'sub'));

test('a file is replaced whole, and nothing is left beside it', async () => {
  await replaceFile(file, 'one');
  await replaceFile(file, 'two');
  expect(await readFile(file, 'utf8')).toBe('two');
  expect(await left()).toEqual(['a.json']);
});

test('of two who create a file one does, and its content stays', async () => {
  const made = await Promise.all(['one', 'two', 'three'].map((text) => createFile(file, text)));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await readFile(file, 'utf8')).toBe(['one', 'two', 'three'][made.indexOf(true)]);
  expect(await createFile(file, 'four')).toBe(false);
  expect(await left()).toEqual(['a.json']);
});

test('on a full disk the earlier file stays whole, and the half one goes', async () => {
  await replaceFile(file, 'one');
  await fillDisk();
  await expect(replaceFile(file, 'something longer')).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(createFile(join(folder, 'sub', 'b.json'), 'new')).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readFile(file, 'utf8')).toBe('one');
  expect(await left()).toEqual(['a.json']);
});

test('a decision or a move of the channel that a full disk cut short was not made, and can be made later', async () => {
  const artifacts = { path: (uri: string) => join(folder, uri) };
  const decision = {
    action: 'accept' as const,
    runId: 'r',
    night: '2026-01-31',
    modelSha256: 'a'.repeat(64),
    by: 'anna',
    reason: 'seen and wanted',
    at: '2026-02-01T08:00:00.000Z',
  };
  const releases = createReleaseStore(folder, { now: () => new Date('2026-02-01T08:00:00Z') });
  const flip = () => releases.flip('default', { releaseId: 'one', expectSeq: 0, by: 'anna', reason: 'why' });
  await fillDisk();
  await expect(recordDecision(artifacts, decision)).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(flip()).rejects.toMatchObject({ code: 'ENOSPC' });
  vi.restoreAllMocks();
  expect(await recordDecision(artifacts, decision)).toEqual({ decision, isNew: true });
  expect(await recordDecision(artifacts, { ...decision, by: 'ben' })).toEqual({ decision, isNew: false });
  expect(await flip()).toBe('flipped');
});
