import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { pause } from './pause.js';

/** Between two turns of the event loop: a millisecond or two of hashing or counting. */
const BYTES_PER_TURN = 2 ** 20;

/** The sha256 of a large file's bytes. */
export async function sha256InTurns(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < bytes.length; from += BYTES_PER_TURN) {
    hash.update(bytes.subarray(from, from + BYTES_PER_TURN));
    await pause();
  }
  return hash.digest('hex');
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Numbers that are NaN or infinite. */
export async function notFiniteIn(numbers: Float32Array): Promise<number> {
  let found = 0;
  for (let from = 0; from < numbers.length; from += BYTES_PER_TURN / 4) {
    const to = Math.min(numbers.length, from + BYTES_PER_TURN / 4);
    for (let n = from; n < to; n++) found += Number(!Number.isFinite(numbers[n]!));
    await pause();
  }
  return found;
}

/** A small file of float32 numbers. */
export async function readNumbers(file: string): Promise<Float32Array> {
  return new Float32Array(Uint8Array.from(await readFile(file)).buffer);
}
