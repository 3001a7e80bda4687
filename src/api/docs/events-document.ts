import { z } from 'zod';
import { configSchema } from '../../contracts/config.js';
import { EVENT_TYPES, eventSchema, type EventType } from '../../contracts/events.js';
import { takeIn } from '../event-intake.js';

const { feedback } = configSchema.parse({});
const days = (n: number) => `half of it after ${n} days`;
const signed = (n: number) => (n > 0 ? `+${n}` : String(n).replace('-', '−'));

/** A refresh that heeded the act made a list without the film; only another one has it again. */
const AFTER_UNDO =
  ': at once in the list that the night made, in one that was refreshed meanwhile with the next `POST /v1/users/:id/refresh`';

/** What each type says about taste, with the strengths of the default config. */
const MEANING: Record<EventType, string> = {
  rating: `${signed(feedback.rating.min)} to ${signed(feedback.rating.max)} around the viewer's own middle; ${feedback.dislikeRating} and below hides the film for ${feedback.dislikeFilterDays} days; ${days(feedback.rating.halfLifeDays)}. Without a play it also counts as one viewing (${signed(feedback.rating.viewingStrength)}, ${days(feedback.watch.halfLifeDays)}). And it is a vote of the weighted rating. The film has been seen: it leaves the viewer's lists at once`,
  unrate: `takes the ratings of the film so far back; it may be listed again${AFTER_UNDO}`,
  like: `${signed(feedback.like.strength)}; ${days(feedback.like.halfLifeDays)}. On the surface \`${feedback.pickSurface}\`, where newcomers pick films they love, it also says that the film was seen`,
  unlike: 'takes the newest `like` back',
  dislike: `${signed(feedback.dislike.strength)}, and hides the film for ${feedback.dislikeFilterDays} days, at once`,
  undislike: `takes the newest \`dislike\` back; the film may be listed again${AFTER_UNDO}`,
  play_start: 'nothing yet: watching counts by its intervals',
  play_heartbeat: `the share that was watched: nothing below ${feedback.watch.risesFrom * 100} %, up to +1 from ${feedback.watch.fullFrom * 100} % on; given up early is ${signed(feedback.watch.abandonedStrength)}; ${days(feedback.watch.halfLifeDays)}`,
  play_end:
    'as `play_heartbeat`, when it carries an interval; one that reaches the last tenth of the film takes it off the viewer’s lists at once',
  bookmark_add: `${signed(feedback.bookmark.strength)}; ${days(feedback.bookmark.halfLifeDays)}`,
  bookmark_remove: `takes the bookmark back, and ${signed(feedback.bookmark.removed)}`,
  share: `${signed(feedback.share.strength)}, once a film; ${days(feedback.share.halfLifeDays)}`,
  detail_open: `${signed(feedback.detail.strength)}, at most ${signed(feedback.detail.cap)}, and never enough alone`,
  trailer_play: 'as `detail_open`',
  impression: `seen and passed by: a little less each time, at most ${signed(feedback.impression.cap)}; counts when at least ${feedback.impression.minViewportPct} % were in view for ${feedback.impression.minDwellMs / 1000} s, in ${feedback.impression.minSessions} sessions or more`,
  scroll: 'nothing about a film; it is kept',
  search_click: 'nothing by itself; what they open from there does',
};

/** In the demo, so that the example can be sent as it stands. */
const DEMO_FILM = 'city-lights-1931';

/** Faults that an app developer meets; the reasons are what the API really answers. */
const FAULTS: [string, Record<string, unknown>][] = [
  ['a rating without a value', { type: 'rating', movieId: DEMO_FILM }],
  ['half an interval', { type: 'play_heartbeat', movieId: DEMO_FILM, fromSec: 60 }],
  ['no film', { type: 'like' }],
  ['a name that is none', { type: 'like', movieId: DEMO_FILM, rating: 9 }],
  ['a time without its offset', { type: 'like', movieId: DEMO_FILM, ts: '2026-01-31T20:15:00' }],
];

const GOOD = {
  eventId: '7f6c1f0e-9a51-4c5f-8a54-0f3f0e6a2b11',
  userId: 'ada',
  movieId: DEMO_FILM,
  type: 'rating',
  ts: '2026-01-31T20:15:00+01:00',
  value: 9,
  surface: 'for-you',
  position: 2,
  releaseId: '2026-01-30-4f0c2a9be1d7',
};

interface Field {
  type?: string;
  format?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  description?: string;
}

/** docs/events.md: made of the schema, the default config and the answers to real mistakes. */
export function eventsDocument(): string {
  const { properties = {}, required = [] } = z.toJSONSchema(eventSchema) as {
    properties?: Record<string, Field>;
    required?: string[];
  };
  const fields = Object.entries(properties).map(
    ([name, field]) =>
      `| \`${name}\` | ${required.includes(name) ? 'yes' : ''} | ${boundsOf(field)} | ${field.description ?? ''} |`,
  );
  const types = EVENT_TYPES.map((type) => `| \`${type}\` | ${MEANING[type]} |`);
  const faults = FAULTS.map(([what, more]) => `| ${what} | ${reasonOf(more)} |`);
  return `# Events

What viewers do, as your frontend tells Matinee. This page is made from the schema (\`node scripts/events-doc.js\`).

\`\`\`
curl -X POST http://127.0.0.1:8080/v1/events -H 'Content-Type: application/json' \\
  -H "Authorization: Bearer $(cat .matinee/secrets/demo-key)" -d '${JSON.stringify({ events: [GOOD] })}'
\`\`\`

The ids are the demo's. Put the present time into \`ts\`: the clock of the server is used for one that is more than 24 h off it. And
each event needs an \`eventId\` of its own.

The answer is 202 and \`{"accepted": 1, "duplicates": 0, "rejected": []}\` once the database has committed them; until then nothing
was promised, and the same batch may be sent again. A batch holds up to 1,000 events; a bad one never costs its neighbours. 503 with
\`Retry-After\` means that the database is down: keep the batch and try again. A key with the scope \`ingest\` posts for every
viewer, a viewer's own token only for that viewer.

## Fields

| field | needed | is | means |
| --- | --- | --- | --- |
${fields.join('\n')}

Any other field is refused: a name that is misspelt would be lost otherwise.

## Types, and what they say about taste

Strengths are added up per viewer and film; from ${signed(feedback.posThreshold)} on a film counts as liked, from ${signed(feedback.negThreshold)} down as disliked. All are config
\`feedback\`.

| type | says |
| --- | --- |
${types.join('\n')}

## When one is refused

| mistake | \`reason\` in the answer |
| --- | --- |
${faults.join('\n')}
`;
}

function boundsOf({ type, format, enum: names, minimum, maximum, minLength, maxLength }: Field): string {
  if (names !== undefined) return 'a type of the list below';
  if (format !== undefined)
    return format === 'date-time' ? 'date and time with offset' : format.toUpperCase();
  if (type === 'string')
    return `text, ${minLength === undefined ? 'up to' : `${minLength} to`} ${maxLength} characters`;
  const whole = type === 'integer' ? 'whole number' : 'number';
  return `${whole}, ${minimum} to ${maximum?.toLocaleString('en')}`;
}

function reasonOf(more: Record<string, unknown>): string {
  const { eventId, userId, ts } = GOOD;
  const { rejected } = takeIn([{ eventId, userId, ts, ...more }]);
  if (rejected[0] === undefined) throw new Error(`${JSON.stringify(more)} is no mistake any more`);
  return rejected[0].reason;
}
