import type { FeedbackConfig } from '../../contracts/index.js';
import { ageDays, DAY_MS, examination, MICRO, micro } from './decay.js';
import type { PairEvent } from './events.js';

/** A signal that may come many times: its strength (millionths, with sign) and when. */
interface Occurrence {
  at: number;
  strength: number;
}

/**
 * Σ strength × decay (10⁻¹²) of the newest occurrences whose strengths together reach `cap`; the rest say nothing new.
 * "cap 1/item" of a share is this with a cap of one share's strength.
 */
export function cappedSum(occurrences: Occurrence[], cap: number, decay: number[], asOf: number): number {
  let room = Math.abs(cap);
  let sum = 0;
  for (const { at, strength } of occurrences.toSorted((a, b) => b.at - a.at)) {
    const counted = Math.min(room, Math.abs(strength));
    room -= counted;
    sum += Math.sign(strength) * counted * (decay[ageDays(at, asOf)] ?? 0);
  }
  return sum;
}

/** Every event of the given types, at one strength. */
export function occurrencesOf(events: PairEvent[], types: string[], strength: number): Occurrence[] {
  return events
    .filter(({ type }) => types.includes(type))
    .map(({ at }) => ({ at, strength: micro(strength) }));
}

/** Sessions without an id are told apart by their day. */
const sessionOf = ({ sessionId, at }: PairEvent): string =>
  sessionId ?? new Date(Math.floor(at / DAY_MS) * DAY_MS).toISOString().slice(0, 10);

/**
 * Scroll-past: sessions in which the film was visible (long and large enough, at a known position) and the viewer did
 * nothing with it. One occurrence per session, at its best position; none before `minSessions` such sessions.
 */
export function passedBy(events: PairEvent[], config: FeedbackConfig['impression']): Occurrence[] {
  const sessions = new Map<string, PairEvent[]>();
  for (const event of events) {
    const id = sessionOf(event);
    const session = sessions.get(id);
    if (session === undefined) sessions.set(id, [event]);
    else session.push(event);
  }
  const passed: Occurrence[] = [];
  for (const session of sessions.values()) {
    const seen = session.filter((event) => event.type === 'impression');
    if (seen.length < session.length) continue;
    const visible = seen.flatMap(({ at, position, dwellMs = 0, viewportPct = 0 }) =>
      position !== undefined && dwellMs >= config.minDwellMs && viewportPct >= config.minViewportPct
        ? [{ at, theta: examination(position) }]
        : [],
    );
    if (visible.length === 0) continue;
    const theta = Math.max(...visible.map((impression) => impression.theta));
    const strength = -Math.floor((Math.abs(micro(config.strength)) * theta) / MICRO);
    passed.push({ at: Math.max(...visible.map(({ at }) => at)), strength });
  }
  return passed.length >= config.minSessions ? passed : [];
}
