import { filmPath } from './film-cards.js';
import type { Visitor } from './frame.js';
import { html, type Html } from './html.js';
import type { Shown } from './programme.js';

/** Of a film whose length nobody knows; what is watched of it counts in seconds only (science A.1). */
const UNKNOWN_RUNTIME_MIN = 90;

/**
 * A simulated projector: no picture, but an honest clock. It reports the stretches of film that ran, whatever the speed;
 * what was skipped by seeking is not in them.
 */
export function playerView(film: Shown, visitor: Visitor | null): Html {
  const minutes = film.runtimeMin ?? UNKNOWN_RUNTIME_MIN;
  return html`<section
    class="house"
    aria-labelledby="film"
    data-player
    data-film="${film.movieId}"
    data-seconds="${minutes * 60}"
  >
    <div class="screen">
      ${film.poster}
      <div class="screen-text">
        <h1 id="film">${film.title}</h1>
        <p class="film-line">
          ${film.directors.join(', ')}${film.year === null ? null : html` · ${film.year}`} · ${minutes}
          min${film.runtimeMin === null ? ' (length unknown: a guess)' : null}
        </p>
        <p class="clock">
          <output id="clock" aria-live="off">0:00:00</output> <span>of ${clock(minutes * 60)}</span>
        </p>
        <label class="unseen" for="seek">Position in the film, seconds</label>
        <input id="seek" type="range" min="0" max="${minutes * 60}" step="1" value="0" disabled />
        <div class="controls">
          <button id="play" class="button" disabled>Play</button>
          <label
            >Speed
            <select id="speed" disabled>
              <option value="1">1×</option>
              <option value="60">60×: an hour a minute</option>
              <option value="600" selected>600×: a film in ten seconds</option>
              <option value="1800">1800×</option>
            </select></label
          >
          <a class="button quiet" href="${filmPath(film)}">Leave the house</a>
        </div>
        <p class="note" id="reported" role="status">
          ${visitor === null ? html`Nobody is signed in: what you watch is not recorded. <a href="/sign-in?next=${encodeURIComponent(`${filmPath(film)}/play`)}">Sign in</a>` : 'Nothing reported yet.'}
        </p>
        <noscript
          ><p class="note">
            The projector needs JavaScript: it reports which minutes of film ran. Without it you can still
            rate, like and keep films on the <a href="${filmPath(film)}">film’s page</a>.
          </p></noscript
        >
      </div>
    </div>
    <p class="house-note">
      A simulated projection. There is no film behind it; there is a clock, and what it reports is what ran:
      pausing stops it, seeking jumps over what you did not see, speed changes nothing but your patience.
    </p>
  </section>`;
}

function clock(seconds: number): string {
  const part = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}`;
}
