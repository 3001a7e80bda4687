import type { PackedList } from '../activities/deps.js';
import type { ServedBy } from '../contracts/release.js';
import { isAllowed } from '../core/age-gate/index.js';

/** Longest page of personal items. */
export const LONGEST_LIST = 50;

/** `{"rank":1,` `,{"rank":2,` …: what stands before each stored item, whose own text begins behind its rank. */
const RANKS = Array.from({ length: LONGEST_LIST }, (_, i) =>
  Buffer.from(`${i === 0 ? '' : ','}{"rank":${i + 1},`),
);
const END = Buffer.from(']}');

/**
 * The body of a stored list: its first `limit` items that may be shown at `maxAge`, ranked 1, 2, … as they stand.
 * Items are copied as stored; nothing is parsed or serialised but the viewer's id. null = nothing is left of a list that had items.
 */
export function storedBody(
  list: PackedList,
  { userId, release, maxAge, limit }: { userId: string; release: string; maxAge: number; limit: number },
): Buffer | null {
  const parts: Uint8Array[] = [Buffer.from(bodyHead(userId, release, list.servedBy, list.why))];
  let rank = 0;
  for (let i = 0; i < list.length && rank < limit; i++) {
    if (!isAllowed(maxAge, list.minAge(i))) continue;
    const prefix = RANKS[rank];
    if (prefix === undefined) break;
    parts.push(prefix, list.json(i));
    rank++;
  }
  if (rank === 0 && list.length > 0) return null;
  parts.push(END);
  return Buffer.concat(parts);
}

/** The body of a page that is made here. `items`: JSON objects, comma between them. */
export function madeBody(
  userId: string,
  release: string,
  servedBy: ServedBy,
  why: string,
  items: string,
): Buffer {
  return Buffer.from(`${bodyHead(userId, release, servedBy, why)}${items}]}`);
}

/** Release ids and servedBy need no escaping; what comes from callers and stages does. */
function bodyHead(userId: string, release: string, servedBy: ServedBy, why: string | undefined): string {
  const reason = why === undefined ? '' : `"why":${JSON.stringify(why)},`;
  return `{"userId":${JSON.stringify(userId)},"release":"${release}","servedBy":"${servedBy}",${reason}"items":[`;
}
