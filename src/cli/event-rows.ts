import type { ViewerEvent } from '../contracts/index.js';

/** Columns of the event table, and what an event says of each; undefined = NULL. Files for `sources` have the same. */
const COLUMNS = {
  event_id: (event) => event.eventId,
  profile_id: (event) => event.userId,
  film_id: (event) => event.movieId,
  type: (event) => event.type,
  ts: (event) => event.ts,
  value: (event) => event.value,
  from_ms: ({ fromSec }) => (fromSec === undefined ? undefined : Math.round(fromSec * 1000)),
  to_ms: ({ toSec }) => (toSec === undefined ? undefined : Math.round(toSec * 1000)),
  session_id: (event) => event.sessionId,
  surface: (event) => event.surface,
  position: (event) => event.position,
  list_id: (event) => event.listId,
  release_id: (event) => event.releaseId,
  dwell_ms: (event) => event.dwellMs,
  viewport_pct: (event) => event.viewportPct,
  device: (event) => event.device,
} as const satisfies Record<string, (event: ViewerEvent) => string | number | undefined>;

const CELLS = Object.values(COLUMNS);
const NAMES = Object.keys(COLUMNS);

/** Header of a file for the event table. */
export const EVENT_HEADER = NAMES.join(',');
/** Header of a file for `sources`, where a viewer is a user. */
export const SOURCE_HEADER = NAMES.map(sourceName).join(',');

export function eventCsv(event: ViewerEvent): string {
  let line = '';
  for (let i = 0; i < CELLS.length; i += 1) {
    if (i > 0) line += ',';
    const value = CELLS[i]?.(event);
    if (value !== undefined) line += csvCell(value);
  }
  return line;
}

/** The event as `sources` names it; keys without a value are left out. */
export function eventJson(event: ViewerEvent): string {
  const row: Record<string, string | number> = {};
  for (let i = 0; i < CELLS.length; i += 1) {
    const value = CELLS[i]?.(event);
    if (value !== undefined) row[sourceName(NAMES[i] ?? '')] = value;
  }
  return JSON.stringify(row);
}

function sourceName(column: string): string {
  return column === 'profile_id' ? 'user_id' : column;
}

/** NULL is an unquoted empty cell. */
export function csvCell(value: string | number | boolean | null | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return String(value);
  return /^[\w .:/-]+$/.test(value) ? value : `"${value.replaceAll('"', '""')}"`;
}
