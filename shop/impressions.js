// A film in a list was seen when at least half of its poster was on screen for at least a second. Said once per page,
// when it leaves the screen or the page goes, with how long and how much of it was seen.
import { record, sendAway } from './events.js';

const HALF = 0.5;
const LONG_ENOUGH_MS = 1000;

/** @typedef {{ item: HTMLElement, list: string, release: string | undefined, since: number | null, seenMs: number, most: number, isSaid: boolean }} Seen */

export function measureLists() {
  if (!document.body.dataset['viewer']) return;
  /** @type {Map<Element, Seen>} */
  const posters = new Map();
  const observer = new IntersectionObserver((entries) => entries.forEach(look), {
    threshold: [0, HALF, 0.75, 1],
  });
  for (const list of document.querySelectorAll('[data-list]')) {
    for (const item of list.querySelectorAll('[data-film]')) {
      const poster = item.querySelector('svg');
      if (!poster || !(item instanceof HTMLElement) || !(list instanceof HTMLElement)) continue;
      posters.set(poster, {
        item,
        list: list.dataset['list'] ?? '',
        release: list.dataset['release'],
        since: null,
        seenMs: 0,
        most: 0,
        isSaid: false,
      });
      observer.observe(poster);
    }
  }

  /** @param {IntersectionObserverEntry} entry */
  function look({ target, intersectionRatio }) {
    const seen = posters.get(target);
    if (!seen) return;
    seen.most = Math.max(seen.most, intersectionRatio);
    if (intersectionRatio >= HALF) seen.since ??= performance.now();
    else leave(seen);
  }

  /** @param {Seen} seen */
  function leave(seen) {
    if (seen.since === null) return;
    // A second in one piece, not in moments added up.
    const ms = performance.now() - seen.since;
    seen.since = null;
    if (ms < LONG_ENOUGH_MS || seen.isSaid) return;
    seen.isSaid = true;
    record('impression', {
      movieId: seen.item.dataset['film'],
      listId: seen.list,
      ...(seen.release ? { releaseId: seen.release } : {}),
      position: Number(seen.item.dataset['place']),
      dwellMs: Math.round(ms),
      viewportPct: Math.round(seen.most * 100),
    });
  }

  measureScroll();
  whenHidden(() => {
    for (const seen of posters.values()) leave(seen);
  });
  document.addEventListener('visibilitychange', () => {
    // Shown again: what is on screen begins anew.
    if (document.visibilityState !== 'visible') return;
    for (const poster of posters.keys()) {
      observer.unobserve(poster);
      observer.observe(poster);
    }
  });
}

function measureScroll() {
  const opened = performance.now();
  let deepest = 0;
  let isSaid = false;
  addEventListener(
    'scroll',
    () => {
      const bottom = scrollY + innerHeight;
      deepest = Math.max(deepest, (100 * bottom) / document.documentElement.scrollHeight);
    },
    { passive: true },
  );
  whenHidden(() => {
    if (deepest === 0 || isSaid) return;
    isSaid = true;
    record('scroll', {
      viewportPct: Math.min(100, Math.round(deepest)),
      dwellMs: Math.min(86_400_000, Math.round(performance.now() - opened)),
    });
  });
}

/** @type {(() => void)[]} */
const lastWords = [];
/** Before the page goes, or goes out of sight. @param {() => void} say */
export function whenHidden(say) {
  if (lastWords.length === 0) {
    const goodbye = () => {
      for (const word of lastWords) word();
      sendAway();
    };
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') goodbye();
    });
    addEventListener('pagehide', goodbye);
  }
  lastWords.push(say);
}
