import type { Request } from 'express';
import type { Config } from '../../contracts/config.js';
import { HttpProblem } from '../problem.js';
import type { Principal } from './principal.js';

export interface RateLimits {
  /** Throws 429 when whom it is from has asked too often. */
  count(principal: Principal): void;
  /** The same for who is nobody, or not known to be somebody yet: by address. */
  countAddress(req: Request): void;
}

/** Callers remembered per kind; about 100 bytes each. */
const CAPACITY = 50_000;

export function createRateLimits(
  { rate, proxies }: Pick<Config['api'], 'rate' | 'proxies'>,
  nowMs: () => number,
): RateLimits {
  const keys = createBuckets(rate.key, nowMs);
  const viewers = createBuckets(rate.viewer, nowMs);
  const addresses = createBuckets(rate.address, nowMs);
  return {
    count: (principal) =>
      principal.kind === 'key' ? keys.take(principal.keyId) : viewers.take(principal.profileId),
    countAddress: (req) => addresses.take(networkOf(addressOf(req, proxies))),
  };
}

/**
 * Token buckets: each caller may ask `burst` times at once and `perSecond` times a second for long. A caller who has not
 * been seen for as long as its bucket takes to fill is the same as a new one, so the older half is forgotten when there
 * are too many: memory is bounded whatever callers invent.
 */
export function createBuckets(
  { perSecond, burst }: { perSecond: number; burst: number },
  nowMs: () => number,
  capacity: number = CAPACITY,
): { take(caller: string): void; size(): number } {
  interface Bucket {
    tokens: number;
    at: number;
  }
  let recent = new Map<string, Bucket>();
  let older = new Map<string, Bucket>();
  const bucketOf = (caller: string, now: number): Bucket => {
    const found = recent.get(caller);
    if (found !== undefined) return found;
    const bucket = older.get(caller) ?? { tokens: burst, at: now };
    if (recent.size >= capacity / 2) {
      older = recent;
      recent = new Map();
    }
    recent.set(caller, bucket);
    return bucket;
  };
  return {
    take(caller) {
      const now = nowMs();
      const bucket = bucketOf(caller, now);
      bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond);
      bucket.at = now;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return;
      }
      const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      throw new HttpProblem(429, `too many requests: ${perSecond} a second are allowed; come back later`, {
        headers: ['Retry-After', String(seconds)],
      });
    },
    size: () => recent.size + older.size,
  };
}

/** Who is calling: the peer, or what the last of `proxies` trusted proxies said it was called by. */
function addressOf(req: Request, proxies: number): string {
  const peer = req.socket.remoteAddress ?? '';
  if (proxies === 0) return peer;
  const given = req.headers['x-forwarded-for'];
  const hops = (typeof given === 'string' ? given : '').split(',');
  return hops.at(-proxies)?.trim() || peer;
}

/** An IPv4 address, or the /64 network of an IPv6 one: its owner has all 2^64 of them. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  while (tail !== undefined && groups.length + after < 8) groups.push('0');
  return `${groups
    .concat(tail === undefined ? [] : tail.split(':'))
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
