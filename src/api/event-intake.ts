import { type EventReceipt, eventSchema, type ViewerEvent } from '../contracts/events.js';

export interface Intake {
  /** Good events, each id once, with their places in the batch. */
  good: { index: number; event: ViewerEvent }[];
  /** Repetitions of an id within the batch. */
  duplicates: number;
  rejected: EventReceipt['rejected'];
}

/** A client clock further off than this is not believed (science A.1). */
const MAX_SKEW_MS = 24 * 3600 * 1000;

/** Parses a batch one by one: what is wrong with one event never costs another. `now`: server time, ms. */
export function takeIn(batch: readonly unknown[], now: number): Intake {
  const intake: Intake = { good: [], duplicates: 0, rejected: [] };
  const seen = new Set<string>();
  batch.forEach((candidate, index) => {
    const parsed = eventSchema.safeParse(candidate);
    if (!parsed.success) {
      const issues = parsed.error.issues.map(({ path, message }) =>
        path.length === 0 ? message : `${path.join('.')}: ${message}`,
      );
      intake.rejected.push({ index, reason: issues.join('; ') });
      return;
    }
    const event = normalised(parsed.data, now);
    const field = fieldWithNul(event);
    if (field !== undefined) {
      intake.rejected.push({ index, reason: `${field}: must not contain the NUL character` });
    } else if (seen.has(event.eventId)) {
      intake.duplicates++;
    } else {
      seen.add(event.eventId);
      intake.good.push({ index, event });
    }
  });
  return intake;
}

/** One spelling of ids and times, so that the store need not understand every spelling that ISO 8601 allows. */
function normalised(event: ViewerEvent, now: number): ViewerEvent {
  const given = Date.parse(event.ts);
  const ms = Math.abs(given - now) <= MAX_SKEW_MS ? given : now;
  return { ...event, eventId: event.eventId.toLowerCase(), ts: new Date(ms).toISOString() };
}

/** Postgres holds no NUL: one of them would fail the whole batch. */
function fieldWithNul(event: ViewerEvent): string | undefined {
  return Object.entries(event).find(([, value]) => typeof value === 'string' && value.includes('\0'))?.[0];
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
