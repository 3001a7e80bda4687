// Events of the signed-in viewer. They wait in this tab's storage until the server has said that they are stored, and
// may be sent again: an event id counts once.

/** @typedef {{ movieId?: string | undefined, position?: number, listId?: string, fromSec?: number, toSec?: number, dwellMs?: number, viewportPct?: number, releaseId?: string | undefined }} Fields */

const { viewer, surface, release } = document.body.dataset;
const QUEUE = `matinee-events-${viewer}`;
const SESSION = 'matinee-session';
/** Per request; a beacon may carry 64 KB. */
const BATCH = 100;
const EVERY_MS = 4000;
const RETRY_MS = 15_000;

/** @returns {string} */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 15) | 64;
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @returns {{ eventId: string }[]} */
function waiting() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(QUEUE) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** @param {unknown[]} events */
function keep(events) {
  try {
    sessionStorage.setItem(QUEUE, JSON.stringify(events.slice(-2000)));
  } catch {
    // Storage is full or forbidden: what cannot wait is lost, and the page goes on.
  }
}

function session() {
  const known = sessionStorage.getItem(SESSION);
  if (known) return known;
  const made = uuid();
  sessionStorage.setItem(SESSION, made);
  return made;
}

/** @type {Set<() => void>} */
const listeners = new Set();
/** Called whenever events have been stored. @param {() => void} listener */
export function whenStored(listener) {
  listeners.add(listener);
}

/** Events that the server has not yet said it has. */
export function unstored() {
  return waiting().length;
}

/** @param {string} type @param {Fields} fields */
export function record(type, fields) {
  if (!viewer) return;
  const event = {
    eventId: uuid(),
    userId: viewer,
    type,
    ts: new Date().toISOString(),
    sessionId: session(),
    surface,
    device: matchMedia('(pointer: coarse)').matches ? 'phone' : 'desktop',
    locale: navigator.language.slice(0, 16),
    appVersion: 'retro-movies',
    ...(release && fields.listId ? { releaseId: release } : {}),
    ...fields,
  };
  keep([...waiting(), event]);
  schedule(EVERY_MS);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @param {number} ms */
function schedule(ms) {
  timer ??= setTimeout(() => {
    timer = undefined;
    void flush();
  }, ms);
}

let isSending = false;

/** Sends what waits. Resolves when the server has answered. */
export async function flush() {
  const batch = waiting().slice(0, BATCH);
  if (!viewer || isSending || batch.length === 0) return;
  isSending = true;
  try {
    const answer = await fetch('/v1/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ events: batch }),
      keepalive: true,
    });
    // Stored, or refused for good; only a busy or broken server is worth another try.
    const isOver = answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 429);
    if (isOver) forget(batch);
    if (isOver && unstored() > 0) schedule(0);
    if (!isOver) schedule(RETRY_MS);
  } catch {
    schedule(RETRY_MS);
  } finally {
    isSending = false;
  }
}

/** @param {{ eventId: string }[]} batch */
function forget(batch) {
  const done = new Set(batch.map(({ eventId }) => eventId));
  keep(waiting().filter(({ eventId }) => !done.has(eventId)));
  for (const listener of listeners) listener();
}

/**
 * The page goes: a beacon outlives it. Nobody hears whether it arrived, so the events stay and are sent again by the
 * next page.
 */
export function sendAway() {
  const batch = waiting().slice(-BATCH);
  if (viewer && batch.length > 0)
    navigator.sendBeacon(
      '/v1/events',
      new Blob([JSON.stringify({ events: batch })], { type: 'application/json' }),
    );
}
