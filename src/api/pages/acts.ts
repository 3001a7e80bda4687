import { createHash } from 'node:crypto';
import type { ViewerEvent } from '../../contracts/events.js';

/** What a form of a film's page can ask for, and what is said when it is done. */
const EVENTS = {
  like: 'You like it.',
  unlike: 'Like taken back.',
  unrate: 'Rating taken back.',
  dislike: 'You dislike it: it is gone from your lists.',
  undislike: 'Dislike taken back.',
  bookmark_add: 'Bookmarked.',
  bookmark_remove: 'Bookmark removed.',
  share: 'Counted as shared; pass on this page’s address.',
} as const;
const EXCLUSIONS = {
  not_interested: 'Not interested: it is hidden from your lists.',
  dont_use: 'What you did with this film counts for nothing any more: your list is made without it.',
  undo_not_interested: 'Back among what you may be shown.',
  undo_dont_use: 'What you did with this film counts again.',
} as const;

export type Act =
  | { kind: 'event'; type: keyof typeof EVENTS; said: string }
  | { kind: 'rating'; value: number; said: string }
  | { kind: 'exclusion'; exclusion: 'not_interested' | 'dont_use'; isUndo: boolean; said: string };

/** null: no form of ours says that. */
export function actOf(what: unknown, value: unknown): Act | null {
  if (typeof what !== 'string') return null;
  if (what === 'rate') {
    const stars = typeof value === 'string' && /^([1-9]|10)$/.test(value) ? Number(value) : null;
    return stars === null ? null : { kind: 'rating', value: stars, said: `You gave it ${stars} of 10.` };
  }
  if (isKey(EVENTS, what)) return { kind: 'event', type: what, said: EVENTS[what] };
  if (!isKey(EXCLUSIONS, what)) return null;
  const isUndo = what.startsWith('undo_');
  const exclusion = what.endsWith('dont_use') ? 'dont_use' : 'not_interested';
  return { kind: 'exclusion', exclusion, isUndo, said: EXCLUSIONS[what] };
}

/** What is said, on the page that comes after, of what was done. */
export function saidOf(done: string | null): string | null {
  if (done === null) return null;
  const [what, value] = done.split('-');
  return actOf(what, value)?.said ?? null;
}

/** Where it was done, or the list that led there. */
export type Origin = Pick<ViewerEvent, 'surface' | 'listId' | 'position' | 'releaseId'>;

/** The event of an act. Its id follows from the form, so that a form sent twice is one event. */
export function eventOf(
  act: Exclude<Act, { kind: 'exclusion' }>,
  {
    userId,
    movieId,
    form,
    at,
    ...origin
  }: { userId: string; movieId: string; form: string; at: Date } & Origin,
): ViewerEvent {
  const type = act.kind === 'rating' ? 'rating' : act.type;
  const event: ViewerEvent = {
    eventId: uuidOf([form, userId, movieId, type, act.kind === 'rating' ? String(act.value) : '']),
    userId,
    movieId,
    type,
    ts: at.toISOString(),
    ...origin,
  };
  return act.kind === 'rating' ? { ...event, value: act.value } : event;
}

/** A version 8 UUID (RFC 9562: own hash) of the parts. */
export function uuidOf(parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\0')).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A place of ours to go back to; anything else would send viewers where a link's author wants them. */
export function localPath(path: unknown, otherwise: string): string {
  return typeof path === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && path.length <= 500
    ? path
    : otherwise;
}

function isKey<T extends object>(of: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(of, key);
}
