import { crc32, deflateRawSync } from 'node:zlib';

/** A zip file of these entries, written from the format's description (APPNOTE.TXT 4.3). */
export function zipOf(entries: { name: string; data: Buffer; stored?: boolean }[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, stored = false } of entries) {
    const body = stored ? data : deflateRawSync(data);
    const facts = Buffer.alloc(22); // method … sizes, shared by both headers
    facts.writeUInt16LE(stored ? 0 : 8, 0);
    facts.writeUInt32LE(crc32(data), 6);
    facts.writeUInt32LE(body.length, 10);
    facts.writeUInt32LE(data.length, 14);
    facts.writeUInt16LE(Buffer.byteLength(name), 18);
    facts.writeUInt16LE(5, 20); // the local header's extra field is longer than the directory's
    const local = Buffer.concat([
      u32(0x04034b50),
      Buffer.alloc(4),
      facts,
      Buffer.from(name),
      Buffer.alloc(5),
      body,
    ]);
    const inDirectory = Buffer.from(facts);
    inDirectory.writeUInt16LE(0, 20);
    const place = Buffer.concat([Buffer.alloc(8), u32(offset)]);
    central.push(
      Buffer.concat([
        u32(0x02014b50),
        Buffer.alloc(6),
        inDirectory,
        Buffer.alloc(2),
        place,
        Buffer.from(name),
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
