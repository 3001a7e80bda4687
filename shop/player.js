// The projector: a clock that runs while it is looked at, and reports the stretches of film that ran.
import { fate, flush, record, whenAnswered, refreshLists } from './events.js';
import { whenHidden } from './impressions.js';
import { originHere } from './origin.js';

/** A stretch is reported after this much film or time, and whenever it ends. */
const STRETCH_FILM_SEC = 600;
const STRETCH_MS = 10_000;
/** A frame never counts for more: the machine slept, nobody watched. */
const LONGEST_FRAME_MS = 500;

export function runPlayer() {
  const house = document.querySelector('[data-player]');
  if (!(house instanceof HTMLElement)) return;
  const film = house.dataset['film'] ?? '';
  const about = { movieId: film, ...originHere() };
  const length = Number(house.dataset['seconds']);
  const play = control('play', HTMLButtonElement);
  const seek = control('seek', HTMLInputElement);
  const speed = control('speed', HTMLSelectElement);
  const [clock, reported] = [document.getElementById('clock'), document.getElementById('reported')];
  const isMeasured = Boolean(document.body.dataset['viewer']);
  for (const one of [play, seek, speed]) one.disabled = false;

  let position = 0;
  /** Where the stretch that runs now began, in film and in time. */
  let from = 0;
  let since = 0;
  let last = 0;
  let isRunning = false;
  let isStarted = false;
  /** Stretches that were reported, in seconds of film. @type {[number, number][]} */
  const stretches = [];

  const report = (/** @type {'play_heartbeat' | 'play_end'} */ type) => {
    const [fromSec, toSec] = [rounded(from), rounded(position)];
    from = position;
    since = performance.now();
    if (toSec <= fromSec) return type === 'play_end' ? record(type, about) : undefined;
    stretches.push([fromSec, toSec]);
    record(type, { ...about, fromSec, toSec });
    tell();
  };
  const tell = () => {
    if (!isMeasured || !reported || stretches.length === 0) return;
    const minutes = `${Math.floor(covered(stretches) / 60)} of ${Math.round(length / 60)} minutes reported`;
    const { waiting, refused, isSignedOut } = fate();
    if (isSignedOut) {
      const again = document.createElement('a');
      again.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
      again.textContent = 'Sign in again';
      const rest = ', and this tab sends it.';
      return reported.replaceChildren(`${minutes}, but not stored: your sign-in has ended. `, again, rest);
    }
    const lost = refused === 0 ? '' : ` Refused, and not stored: ${refused} of this page’s reports.`;
    if (waiting > 0) reported.textContent = `${minutes}; on their way to the store.${lost}`;
    else reported.textContent = refused === 0 ? `${minutes}, and stored.` : `${minutes}.${lost}`;
  };
  const show = () => {
    seek.value = String(Math.floor(position));
    const text = [position / 3600, (position / 60) % 60, position % 60].map((part, i) =>
      String(Math.floor(part)).padStart(i === 0 ? 1 : 2, '0'),
    );
    if (clock) clock.textContent = text.join(':');
    seek.setAttribute('aria-valuetext', text.join(':'));
  };
  const stop = () => {
    if (!isRunning) return;
    isRunning = false;
    play.textContent = position >= length ? 'Play again' : 'Play';
    house.classList.remove('running');
    report(position >= length ? 'play_end' : 'play_heartbeat');
    const isOver = position >= length;
    void flush().then(() => (isOver ? refreshLists() : undefined));
  };
  const frame = (/** @type {number} */ now) => {
    if (!isRunning) return;
    position = Math.min(
      length,
      position + (Math.min(now - last, LONGEST_FRAME_MS) / 1000) * Number(speed.value),
    );
    last = now;
    show();
    if (position >= length) return stop();
    if (position - from >= STRETCH_FILM_SEC || now - since >= STRETCH_MS) report('play_heartbeat');
    requestAnimationFrame(frame);
  };
  const start = () => {
    if (position >= length) [position, from] = [0, 0];
    isRunning = true;
    play.textContent = 'Pause';
    house.classList.add('running');
    if (!isStarted) record('play_start', about);
    isStarted = true;
    [from, since, last] = [position, performance.now(), performance.now()];
    requestAnimationFrame(frame);
  };

  play.addEventListener('click', () => (isRunning ? stop() : start()));
  seek.addEventListener('input', () => {
    if (isRunning) report('play_heartbeat');
    [position, from] = [Number(seek.value), Number(seek.value)];
    show();
  });
  whenAnswered(tell);
  whenHidden(() => {
    const isWatching = isStarted && position < length;
    stop();
    if (isWatching) record('play_end', about);
  });
  show();
}

/** Seconds of film that at least one stretch covers. @param {[number, number][]} stretches */
function covered(stretches) {
  let [sum, end] = [0, 0];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}

/** @param {number} seconds */
function rounded(seconds) {
  return Math.round(seconds * 10) / 10;
}

/** @template {HTMLElement} T @param {string} id @param {new () => T} kind @returns {T} */
function control(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the projector has no ${id}`);
  return found;
}
