// Events of the signed-in viewer. They wait in this tab's storage until the server has said that they are stored, and
// may be sent again: an event id counts once.

/** @typedef {{ movieId?: string | undefined, position?: number, listId?: string, fromSec?: number, toSec?: number, dwellMs?: number, viewportPct?: number, releaseId?: string | undefined, surface?: string }} Fields */

const { viewer, surface, release } = document.body.dataset;
const QUEUE = `matinee-events-${viewer}`;
const SESSION = 'matinee-session';
/** Per request; a beacon may carry 64 KB. */
const BATCH = 100;
const EVERY_MS = 4000;
const RETRY_MS = 15_000;
/** A film is longer than a sign-in, which is renewed when a page of ours is asked for: this often while events are sent. */
const STAY_MS = 120_000;

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
/** Called whenever the server has said what became of events. @param {() => void} listener */
export function whenAnswered(listener) {
  listeners.add(listener);
}

let refused = 0;
let isSignedOut = false;
/** What became of this page's events: `refused` ones are lost; without a sign-in they wait. */
export function fate() {
  return { waiting: unstored(), refused, isSignedOut };
}

function unstored() {
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
  schedule(isSignedOut ? RETRY_MS : EVERY_MS);
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
/** Not the events' fault: they are good once somebody signs in again, or the server has time. */
const WORTH_KEEPING = new Set([401, 403, 408, 429]);

let stayedAt = Date.now();
async function staySignedIn() {
  if (Date.now() - stayedAt < STAY_MS) return;
  stayedAt = Date.now();
  await fetch('/session');
}

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
    isSignedOut = answer.status === 401 || answer.status === 403;
    const isRefused = answer.status >= 400 && answer.status < 500 && !WORTH_KEEPING.has(answer.status);
    if (answer.ok) {
      /** @type {{ rejected: unknown[] }} */
      const { rejected } = await answer.json();
      refused += rejected.length;
    } else if (isRefused) refused += batch.length;
    const isOver = answer.ok || isRefused;
    if (isOver) forget(batch);
    for (const listener of listeners) listener();
    if (isOver && unstored() > 0) schedule(0);
    if (!isOver) schedule(RETRY_MS);
    if (answer.ok) await staySignedIn();
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

/** A film was seen to its end: the viewer's lists are worked out again. Without an answer the old ones stay. */
export async function refreshLists() {
  if (!viewer) return;
  const address = `/v1/users/${encodeURIComponent(viewer)}/refresh`;
  await fetch(address, { method: 'POST', keepalive: true }).catch(() => undefined);
}
