import { z } from 'zod';

/** What a viewer can do (science A.1). Undo events cancel the newest of their pair. */
export const EVENT_TYPES = [
  'rating',
  'unrate',
  'like',
  'unlike',
  'dislike',
  'undislike',
  'play_start',
  'play_heartbeat',
  'play_end',
  'bookmark_add',
  'bookmark_remove',
  'share',
  'detail_open',
  'trailer_play',
  'impression',
  'scroll',
  'search_click',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Of film position. */
const seconds = z.number().min(0).max(172_800);

/**
 * One thing a viewer did, as a frontend posts it (schema v1). `eventId` makes it idempotent: the same id twice is one event.
 * `userId` and `movieId` are the operational ids; nothing past the operational store sees `userId`.
 */
export const eventSchema = z
  .strictObject({
    eventId: z.uuid().describe('yours; the same id twice is one event, so that a batch may be sent again'),
    userId: z.string().min(1).max(128).describe('id of the profile, as your database has it'),
    movieId: z.string().min(1).max(128).optional().describe('id of the film; only `scroll` goes without'),
    type: z.enum(EVENT_TYPES).describe('what happened; see below'),
    ts: z.iso
      .datetime({ offset: true })
      .describe(
        "when, by the client's clock (ISO 8601); more than 24 h off the server's clock, the server's is used",
      ),
    value: z
      .number()
      .int()
      .min(1)
      .max(10)
      .optional()
      .describe('of `rating`; "unrated" is no event, and 0 is refused'),
    fromSec: seconds
      .optional()
      .describe(
        'film position where the watched interval begins: `play_heartbeat` needs both ends, `play_end` both or none',
      ),
    toSec: seconds
      .optional()
      .describe('film position where it ends; watch time is the union of the intervals'),
    sessionId: z
      .string()
      .max(64)
      .optional()
      .describe('one visit; impressions count from the fifth session on'),
    surface: z
      .string()
      .max(32)
      .optional()
      .describe(
        'where it was done, or the surface whose list led there: `home`, `for-you`, `similar`, `top`, `browse`, `search`, `film`, `player`, `autoplay` …; those of `gate.recommendationSurfaces` show recommendations',
      ),
    position: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .describe('place in its list: 1 is the first, and 0 counts as 1'),
    listId: z.string().max(64).optional().describe('which list it was in, or was reached from'),
    releaseId: z.string().max(64).optional().describe('`release` of the answer that the list came with'),
    dwellMs: z.number().int().min(0).max(86_400_000).optional().describe('how long it was in view'),
    viewportPct: z.number().min(0).max(100).optional().describe('how much of it was in view'),
    device: z.string().max(32).optional().describe('`tv`, `phone`, `web` …; `bot` and its like are left out'),
    locale: z.string().max(16).optional().describe('`en`, `bn-BD` …'),
    appVersion: z.string().max(32).optional().describe('which version of your app sent it'),
  })
  .superRefine((event, ctx) => {
    const need = (ok: boolean, path: string, message: string) => {
      if (!ok) ctx.addIssue({ code: 'custom', path: [path], message });
    };
    need(event.type === 'scroll' || event.movieId !== undefined, 'movieId', `${event.type} needs movieId`);
    need(event.type !== 'rating' || event.value !== undefined, 'value', 'rating needs value 1..10');
    // Half an interval would be accepted and count as nothing watched.
    const isHeartbeat = event.type === 'play_heartbeat';
    const isEnd = event.type === 'play_end';
    const { fromSec, toSec } = event;
    for (const [given, path, other] of [
      [fromSec, 'fromSec', toSec],
      [toSec, 'toSec', fromSec],
    ] as const) {
      need(!isHeartbeat || given !== undefined, path, 'play_heartbeat needs fromSec and toSec');
      const isHalf = given === undefined && other !== undefined;
      need(!isEnd || !isHalf, path, 'play_end needs fromSec and toSec, or neither');
    }
    const isBackwards = fromSec !== undefined && toSec !== undefined && toSec < fromSec;
    need(!(isHeartbeat || isEnd) || !isBackwards, 'toSec', 'toSec must not be before fromSec');
  });
export type ViewerEvent = z.infer<typeof eventSchema>;

/** Body of `POST /v1/events`. Items are parsed one by one, so that one bad event never refuses its neighbours. */
export const eventBatchSchema = z.strictObject({ events: z.array(z.unknown()).min(1).max(1000) });

/** What a batch looks like in which nothing is wrong: what documents promise. */
export const faultlessBatchSchema = z.strictObject({ events: z.array(eventSchema).min(1).max(1000) });

export const eventReceiptSchema = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  rejected: z.array(z.object({ index: z.number().int(), reason: z.string() })),
});
export type EventReceipt = z.infer<typeof eventReceiptSchema>;
