import { createHmac } from 'node:crypto';

/**
 * Pseudonym of a viewer: HMAC-SHA256(key, profile id), first 16 bytes, written as a UUID (science H.1).
 * `warehouse/macros/pid.sql` computes the same in SQL; a test holds the two together.
 */
export function pidOf(key: Buffer, profileId: string): string {
  const hex = createHmac('sha256', key).update(profileId, 'utf8').digest('hex').slice(0, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Bucket of a pid: its first 16 bits mod `buckets`, a power of two. */
export function bucketOf(pid: string, buckets: number): number {
  return Number.parseInt(pid.slice(0, 4), 16) % buckets;
}
