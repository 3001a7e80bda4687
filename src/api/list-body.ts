import { z } from 'zod';
import type { PackedList } from '../activities/deps.js';
import type { ServedBy } from '../contracts/release.js';
import { type Allows, isAllowed } from '../core/age-gate/index.js';
import { type Bytes, bytesOf } from './respond.js';
import type { Wishes } from './wishes.js';

/** Longest page of personal items. */
export const LONGEST_LIST = 50;

/** `{"rank":1,` `,{"rank":2,` …: what stands before each stored item, whose own text begins behind its rank. */
const RANKS = Array.from({ length: LONGEST_LIST }, (_, i) => `${i === 0 ? '' : ','}{"rank":${i + 1},`);

export interface StoredPage {
  userId: string;
  release: string;
  maxAge: number;
  limit: number;
  /** The age rule; tests take it away. */
  allows?: Allows;
  /** Wishes that the list does not know; absent = none. */
  wishes?: Wishes | undefined;
}

/**
 * The body of a stored list: its first `limit` items that may be shown at `maxAge` and are not unwanted, ranked 1, 2, … as
 * they stand. Items are sent as stored; nothing is parsed or serialised but the viewer's id. null = nothing is left of a list that had items.
 */
export function storedBody(
  list: PackedList,
  { userId, release, maxAge, limit, allows = isAllowed, wishes }: StoredPage,
): Bytes | null {
  let latin1 = bytesOf(bodyHead(userId, release, list.servedBy, list)).latin1;
  let rank = 0;
  for (let i = 0; i < list.length && rank < limit; i++) {
    if (!allows(maxAge, list.minAge(i))) continue;
    const prefix = RANKS[rank];
    if (prefix === undefined) break;
    if (wishes !== undefined && isUnwanted(list.json(i), wishes)) continue;
    latin1 += prefix + list.bytes(i);
    rank++;
  }
  if (rank === 0 && list.length > 0) return null;
  return { latin1: `${latin1}]}` };
}

const wishedSchema = z.object({ movieId: z.string(), reason: z.object({ movieIds: z.array(z.string()) }) });

/** A film that the viewer hid or is done with, or one that is here because of a film that counts for nothing any more. */
export function isUnwanted(json: Buffer, { gone, uncited }: Wishes): boolean {
  const { movieId, reason } = wishedSchema.parse(JSON.parse(`{${json.toString()}`));
  return gone.has(movieId) || reason.movieIds.some((cited) => uncited.has(cited));
}

/** The body of a page that is made here. `items`: JSON objects, comma between them. */
export function madeBody(
  userId: string,
  release: string,
  servedBy: ServedBy,
  why: string,
  items: string,
): Bytes {
  return bytesOf(`${bodyHead(userId, release, servedBy, { why })}${items}]}`);
}

/** Release ids and servedBy need no escaping; what comes from callers and stages does. */
function bodyHead(
  userId: string,
  release: string,
  servedBy: ServedBy,
  { why, madeAt }: Pick<PackedList, 'why' | 'madeAt'>,
): string {
  const reason = why === undefined ? '' : `"why":${JSON.stringify(why)},`;
  const made = madeAt === undefined ? '' : `"madeAt":"${new Date(madeAt).toISOString()}",`;
  return `{"userId":${JSON.stringify(userId)},"release":"${release}","servedBy":"${servedBy}",${reason}${made}"items":[`;
}
