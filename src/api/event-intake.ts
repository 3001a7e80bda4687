import { type EventReceipt, eventSchema, type ViewerEvent } from '../contracts/events.js';
import { faultsOf, parsePlainly } from './plain-words.js';

export interface Intake {
  /** Good events, each id once, with their places in the batch. */
  good: { index: number; event: ViewerEvent }[];
  /** Repetitions of an id within the batch. */
  duplicates: number;
  rejected: EventReceipt['rejected'];
}

/**
 * Parses a batch one by one: what is wrong with one event never costs another. `onlyOf`: the viewer whose events these
 * must be, when it is a viewer who posts them.
 */
export function takeIn(batch: readonly unknown[], onlyOf?: string): Intake {
  const intake: Intake = { good: [], duplicates: 0, rejected: [] };
  const seen = new Set<string>();
  batch.forEach((candidate, index) => {
    const parsed = parsePlainly(eventSchema, candidate);
    if (!parsed.success) {
      const faults = faultsOf(parsed.error, 'event').map(({ field, message }) => `${field}: ${message}`);
      intake.rejected.push({ index, reason: faults.join('; ') });
      return;
    }
    const event = normalised(parsed.data);
    const field = unstorableField(event);
    if (field !== undefined) {
      intake.rejected.push({
        index,
        reason: `${field}: must be whole Unicode characters, and none of them NUL`,
      });
    } else if (onlyOf !== undefined && event.userId !== onlyOf) {
      intake.rejected.push({ index, reason: 'userId: a viewer token posts events of its own viewer only' });
    } else if (seen.has(event.eventId)) {
      intake.duplicates++;
    } else {
      seen.add(event.eventId);
      intake.good.push({ index, event });
    }
  });
  return intake;
}

/**
 * One spelling of ids and times: Postgres refuses some that ISO 8601 allows (offsets of 16 hours and more), and one
 * refusal would fail the whole batch. Clocks that are off by a day are the store's matter, which keeps what they said.
 */
function normalised(event: ViewerEvent): ViewerEvent {
  return { ...event, eventId: event.eventId.toLowerCase(), ts: new Date(event.ts).toISOString() };
}

/** NUL and halves of characters: Postgres holds neither, and one of them would fail, or be lost from, the whole batch. */
const UNSTORABLE = /[\0\ud800-\udfff]/u;

function unstorableField(event: ViewerEvent): string | undefined {
  return Object.entries(event).find(([, value]) => typeof value === 'string' && UNSTORABLE.test(value))?.[0];
}

/** What the caller is told, once the store has committed `good`. */
export function receiptOf(
  intake: Intake,
  saved: { accepted: number; duplicates: number; unknownUsers: string[] },
): EventReceipt {
  const unknown = new Set(saved.unknownUsers);
  const strangers = intake.good
    .filter(({ event }) => unknown.has(event.userId))
    .map(({ index, event }) => ({ index, reason: `userId: no profile ${JSON.stringify(event.userId)}` }));
  return {
    accepted: saved.accepted,
    duplicates: intake.duplicates + saved.duplicates,
    rejected: [...intake.rejected, ...strangers].sort((a, b) => a.index - b.index),
  };
}
