import type { EventType, ViewerEvent } from '../contracts/index.js';
import {
  DEVICES,
  type Device,
  type Memory,
  chooseShelf,
  examinationProbability,
  fillRow,
  playProbability,
  rating,
  ratingProbability,
  sigmoid,
  watchFraction,
} from './behaviour.js';
import { type Shelf, type SimulatedFilm, utility } from './catalogue.js';
import type { SimulatedViewer } from './households.js';
import type { Random } from './random.js';

/** Films in a row of the page. */
const ROW = 12;
/** Shelves looked through before a viewer gives up, and films watched at most, in one session. */
const SHELVES_MAX = 3;
const PLAYS_MAX = 2;
/** Of the films examined and passed over, this share of impressions is recorded: sparse, as a frugal frontend samples them. */
const IMPRESSION_SAMPLE = 0.05;
const SECOND_MS = 1000;
const DEVICE_CUMULATIVE = Float64Array.from(DEVICES, (_, i) =>
  DEVICES.slice(0, i + 1).reduce((sum, { share }) => sum + share, 0),
);

/** Whose session it is, and the streams it draws from. */
export interface SessionOf {
  viewer: SimulatedViewer;
  memory: Memory;
  random: Random;
  eventId: () => string;
}

/**
 * One visit of a viewer: shelves are looked through from the left, a film may be played, and what was felt may be told
 * (rating, like, share). It moves `clockMs` on and writes events in the order of time.
 */
export class Session {
  readonly events: ViewerEvent[] = [];
  clockMs: number;
  readonly #viewer: SimulatedViewer;
  readonly #memory: Memory;
  readonly #random: Random;
  readonly #eventId: () => string;
  readonly #sessionId: string;
  readonly #device: Device;
  #plays = 0;

  constructor({ viewer, memory, random, eventId }: SessionOf, startMs: number, sessionId: string) {
    this.#viewer = viewer;
    this.#memory = memory;
    this.#random = random;
    this.#eventId = eventId;
    this.clockMs = startMs;
    this.#sessionId = sessionId;
    this.#device = DEVICES[random.index(DEVICE_CUMULATIVE)] ?? DEVICES[0];
  }

  run(shelves: Shelf[]): void {
    if (this.#random.chance(0.15)) this.#rateFromMemory(shelves);
    for (let looked = 0; looked < SHELVES_MAX && this.#plays < PLAYS_MAX; looked += 1) {
      const shelf = chooseShelf(shelves, this.#memory, this.#random);
      if (shelf !== undefined) this.#lookThrough(shelf);
      // A film fills the evening: a second one is rare. Without one, half look on.
      if (!this.#random.chance(this.#plays > 0 ? 0.2 : 0.6)) return;
    }
  }

  #lookThrough(shelf: Shelf): void {
    const row = fillRow(shelf, ROW, this.clockMs, this.#random);
    for (const [at, film] of row.entries()) {
      const position = at + 1;
      if (!this.#random.chance(examinationProbability(position, this.#device))) continue;
      this.#wait(2, 12);
      if (this.#random.chance(playProbability(this.#viewer, film, this.#memory))) {
        this.#play(film, shelf, position);
        return;
      }
      this.#passOver(film, shelf, position);
    }
  }

  #passOver(film: SimulatedFilm, shelf: Shelf, position: number): void {
    this.#memory.exposures[film.index] = Math.min(255, (this.#memory.exposures[film.index] ?? 0) + 1);
    const place = { surface: surfaceOf(shelf), position };
    const wish = utility(this.#viewer.taste, film) - 1;
    if (this.#memory.seen[film.index] !== 1 && this.#random.chance(0.06 * sigmoid(4 * wish))) {
      this.#memory.bookmarked[film.index] = 1;
      this.#tell('bookmark_add', film, place);
    } else if (this.#random.chance(0.05 * sigmoid(2 * wish))) {
      this.#tell(this.#random.chance(0.3) ? 'trailer_play' : 'detail_open', film, place);
    } else if (this.#random.chance(IMPRESSION_SAMPLE)) {
      const dwellMs = 400 + Math.floor(this.#random.next() * 2600);
      this.#tell('impression', film, { ...place, dwellMs, viewportPct: 50 + this.#random.int(51) });
    }
  }

  #play(film: SimulatedFilm, shelf: Shelf, position: number): void {
    this.#plays += 1;
    const place = { surface: surfaceOf(shelf), position };
    if (this.#random.chance(0.05)) this.#tell('search_click', film, { ...place, surface: 'search' });
    else if (this.#random.chance(0.25)) this.#tell('detail_open', film, place);
    this.#wait(5, 40);
    this.#tell('play_start', film, place);
    const fraction = watchFraction(this.#viewer, film, this.#random);
    this.#watch(film, Math.round(fraction * film.runtimeSec));
    this.#memory.seen[film.index] = fraction >= 0.5 ? 1 : (this.#memory.seen[film.index] ?? 0);
    this.#tellWhatWasFelt(film, fraction);
  }

  /**
   * Few events a film: the end reports all of it. One play in eight is interrupted: a heartbeat reports what came before
   * the break, and the end begins half a minute earlier, as players do, so that intervals overlap.
   */
  #watch(film: SimulatedFilm, watchedSec: number): void {
    let fromSec = 0;
    if (watchedSec > 900 && this.#random.chance(0.125)) {
      const breakSec = Math.round(watchedSec * this.#random.between(0.2, 0.8));
      this.clockMs += breakSec * SECOND_MS;
      this.#tell('play_heartbeat', film, { fromSec: 0, toSec: breakSec });
      this.#wait(300, 2400);
      fromSec = breakSec - 30;
    }
    this.clockMs += (watchedSec - fromSec) * SECOND_MS;
    this.#tell('play_end', film, { fromSec, toSec: watchedSec });
  }

  #tellWhatWasFelt(film: SimulatedFilm, fraction: number): void {
    const felt = utility(this.#viewer.taste, film);
    this.#wait(5, 60);
    if (fraction >= 0.5 && this.#random.chance(ratingProbability(this.#viewer, film))) this.#rate(film);
    if (fraction >= 0.5 && this.#random.chance(0.15 * sigmoid(3 * (felt - 1)))) {
      this.#tell('like', film);
      this.#maybe(0.03, 'unlike', film);
    } else if (fraction < 0.3 && this.#random.chance(0.5 * sigmoid(-2 * (felt - 0.7)))) {
      this.#tell('dislike', film);
      this.#maybe(0.05, 'undislike', film);
    }
    this.#maybe(0.05 * sigmoid(3 * (felt - 1.2)), 'share', film);
    if (this.#memory.bookmarked[film.index] === 1 && this.#random.chance(0.5)) {
      this.#memory.bookmarked[film.index] = 0;
      this.#tell('bookmark_remove', film);
    }
  }

  /** Films known from elsewhere are rated too: famous ones, without a play. Children do not. */
  #rateFromMemory(shelves: Shelf[]): void {
    const [home] = shelves;
    if (home === undefined || this.#viewer.age < 13) return;
    for (const film of fillRow(home, 1 + this.#random.int(5), this.clockMs, this.#random)) {
      if (
        this.#memory.rated[film.index] === 1 ||
        utility(this.#viewer.taste, film) < this.#random.next() - 0.5
      )
        continue;
      this.#wait(4, 20);
      this.#rate(film);
    }
  }

  #rate(film: SimulatedFilm): void {
    this.#memory.rated[film.index] = 1;
    this.#tell('rating', film, { value: rating(this.#viewer, film, this.#random) });
  }

  #maybe(probability: number, type: EventType, film: SimulatedFilm): void {
    if (!this.#random.chance(probability)) return;
    this.#wait(2, 20);
    this.#tell(type, film);
  }

  #wait(fromSec: number, toSec: number): void {
    this.clockMs += Math.floor(this.#random.between(fromSec, toSec) * SECOND_MS);
  }

  #tell(type: EventType, film: SimulatedFilm, details: Partial<ViewerEvent> = {}): void {
    this.events.push({
      eventId: this.#eventId(),
      userId: this.#viewer.profile.profileId,
      movieId: film.film.filmId,
      type,
      ts: new Date(this.clockMs).toISOString(),
      sessionId: this.#sessionId,
      device: this.#device.name,
      ...details,
    });
  }
}

function surfaceOf(shelf: Shelf): string {
  return shelf.name === 'home' ? 'home' : 'browse';
}
