import type { EventType } from '../../contracts/index.js';

/** One thing a viewer did with one film, as staged: `at` in ms since 1970 UTC, film positions in ms. */
export interface PairEvent {
  type: EventType;
  at: number;
  /** rating 1..10 */
  value?: number;
  fromMs?: number;
  toMs?: number;
  sessionId?: string;
  surface?: string;
  position?: number;
  dwellMs?: number;
  viewportPct?: number;
}

/** A plain number or −1 for "never", so that comparisons need no cases. */
export function newest(events: PairEvent[], ...types: EventType[]): number {
  return events.reduce((at, event) => (types.includes(event.type) ? Math.max(at, event.at) : at), -1);
}

export const isPlay = ({ type }: PairEvent): boolean =>
  type === 'play_start' || type === 'play_heartbeat' || type === 'play_end';

/**
 * Newest rating of a pair, unless it was taken back at the same time or later. Of several at one instant the lowest
 * counts: the cautious reading.
 */
export function newestRating(events: PairEvent[]): { value: number; at: number } | null {
  let best: { value: number; at: number } | null = null;
  const takenBack = newest(events, 'unrate');
  for (const { type, at, value } of events) {
    if (type !== 'rating' || value === undefined || at <= takenBack) continue;
    if (best === null || at > best.at || (at === best.at && value < best.value)) best = { value, at };
  }
  return best;
}
