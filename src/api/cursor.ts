import { createHash } from 'node:crypto';
import { z } from 'zod';
import { badField } from './problem.js';

/** Where a page ended: the last film and its rank, in the answer to one question. */
export interface Position {
  filmId: string;
  rank: number;
}

const cursorSchema = z.tuple([z.string().max(16), z.string().max(128), z.number().int().min(1)]);

/** A text that callers hand back unread. `question`: all that decides which films are listed, but the page. */
export function cursorOf(question: readonly unknown[], { filmId, rank }: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(question), filmId, rank])).toString('base64url');
}

/** The position in a cursor of the same question; anything else is refused. */
export function positionIn(cursor: string, question: readonly unknown[]): Position {
  const parsed = cursorSchema.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success) throw badField('cursor', 'must be the nextCursor of an earlier page, as it was given');
  const [of, filmId, rank] = parsed.data;
  if (of !== fingerprint(question)) {
    throw badField(
      'cursor',
      'belongs to another query, genre or decade; ask for the first page without a cursor',
    );
  }
  return { filmId, rank };
}

function fingerprint(question: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 8);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
