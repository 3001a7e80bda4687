import type { Session } from '../../activities/deps.js';

/** Gives `pid_of()` its key: the HMAC pads of RFC 2104 for a key of at most 64 bytes. */
export async function setPidKey(session: Session, key: Buffer): Promise<void> {
  if (key.length > 64) throw new Error(`pid key has ${key.length} bytes, expected at most 64`);
  const pad = (byte: number) =>
    Buffer.from(Buffer.concat([key, Buffer.alloc(64 - key.length)]).map((b) => b ^ byte));
  await session.set('pid_ipad', pad(0x36).toString('hex'));
  await session.set('pid_opad', pad(0x5c).toString('hex'));
}
