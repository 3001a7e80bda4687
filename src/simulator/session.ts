import type { EventType, ViewerEvent } from '../contracts/index.js';
import {
  DEVICES,
  type Device,
  type Memory,
  type Person,
  examinationProbability,
  feltBy,
  fillRow,
  playProbability,
  ratingOf,
  ratingProbability,
  sigmoid,
  watchFraction,
} from './behaviour.js';
import type { Shelf, SimulatedFilm } from './catalogue.js';
import type { Random } from './random.js';
import type { AudienceSettings } from './settings.js';
import type { Exposure } from './truth.js';

const SECOND_MS = 1000;
/** Who watches so much of a film has watched it (science A.3). */
const COMPLETE = 0.9;
const DEVICE_CUMULATIVE = Float64Array.from(DEVICES, (_, i) =>
  DEVICES.slice(0, i + 1).reduce((sum, { share }) => sum + share, 0),
);

/** A row of a page as it was shown: films from the left, and of which list it is when a release served it. */
export interface Row {
  surface: string;
  films: SimulatedFilm[];
  listId?: string;
  releaseId?: string;
  /** Every viewable impression is told, as the storefront does for the lists that it is judged by. */
  isMeasured?: boolean;
}

/** Whose session it is, where, and the streams it draws from. */
export interface SessionOf {
  settings: AudienceSettings;
  profileId: string;
  person: Person;
  memory: Memory;
  /** Cumulative weights of the shelves: they follow from taste alone. */
  shelfCumulative: Float64Array;
  random: Random;
  eventId: () => string;
  onExposure?: ((exposure: Exposure) => void) | undefined;
}

/**
 * One visit of a viewer: rows are looked through from the left, a film may be played, and what was felt may be told
 * (rating, like, share). It moves `clockMs` on and writes events in the order of time.
 */
export class Session {
  readonly events: ViewerEvent[] = [];
  clockMs: number;
  /** What the viewer goes home with: films begun and films watched to their end, seconds, and whether any reached its half. */
  plays = 0;
  completions = 0;
  watchedSec = 0;
  isSatisfied = false;
  readonly #of: SessionOf;
  readonly #settings: AudienceSettings;
  readonly #person: Person;
  readonly #memory: Memory;
  readonly #random: Random;
  readonly #sessionId: string;
  readonly #device: Device;

  constructor(of: SessionOf, startMs: number, sessionId: string) {
    this.#of = of;
    this.#settings = of.settings;
    this.#person = of.person;
    this.#memory = of.memory;
    this.#random = of.random;
    this.clockMs = startMs;
    this.#sessionId = sessionId;
    this.#device = DEVICES[this.#random.index(DEVICE_CUMULATIVE)] ?? DEVICES[0];
  }

  /** `served`: the list on top of the page, looked at first; without one, the home shelf takes its place. */
  run(shelves: Shelf[], served: Row | null): void {
    const { page, rating } = this.#settings;
    if (this.#random.chance(rating.fromMemory)) this.#rateFromMemory(shelves);
    for (let looked = 0; looked < page.shelvesMax && this.plays < page.playsMax; looked += 1) {
      const row = looked === 0 && served !== null ? served : this.#chooseRow(shelves, served !== null);
      if (row !== null) this.#lookThrough(row);
      // A film fills the evening: a second one is rare. Without one, half look on.
      if (!this.#random.chance(this.plays > 0 ? 0.2 : 0.6)) return;
    }
  }

  /** The home shelf, or one chosen in proportion to exp(slope · θ·mean of its films), filled by popularity. */
  #chooseRow(shelves: Shelf[], hasServed: boolean): Row | null {
    const { shelf: choice, page } = this.#settings;
    const isAlone = shelves.length === 1;
    const stays = isAlone || (!hasServed && this.#random.chance(choice.home));
    const shelf = shelves[stays ? 0 : this.#random.index(this.#of.shelfCumulative)];
    if (shelf === undefined) return null;
    const films = fillRow(shelf, page.row, this.clockMs, this.#random);
    return { surface: shelf.name === 'home' ? 'home' : 'browse', films };
  }

  #lookThrough(row: Row): void {
    for (const [at, film] of row.films.entries()) {
      const position = at + 1;
      if (!this.#random.chance(examinationProbability(position, this.#device))) continue;
      this.#wait(2, 12);
      const chance = playProbability(this.#settings, this.#person, film, this.#memory);
      const isPlayed = this.#random.chance(chance);
      this.#of.onExposure?.(this.#exposure(row, film, position, chance, isPlayed));
      if (isPlayed) {
        this.#play(film, row, position);
        return;
      }
      this.#passOver(film, row, position);
    }
  }

  #passOver(film: SimulatedFilm, row: Row, position: number): void {
    this.#memory.exposures[film.index] = Math.min(255, (this.#memory.exposures[film.index] ?? 0) + 1);
    const place = placeOf(row, position);
    const wish = this.#felt(film) - this.#settings.content;
    const share = row.isMeasured === true ? 1 : this.#settings.page.impressionShare;
    if (this.#memory.seen[film.index] !== 1 && this.#random.chance(0.06 * sigmoid(4 * wish))) {
      this.#memory.bookmarked[film.index] = 1;
      this.#tell('bookmark_add', film, place);
    } else if (this.#random.chance(0.05 * sigmoid(2 * wish))) {
      this.#tell(this.#random.chance(0.3) ? 'trailer_play' : 'detail_open', film, place);
    } else if (this.#random.chance(share)) {
      // Longer than a crawler looks: the busiest day of a person must not pass for a bot's (science A.2).
      const dwellMs = 800 + Math.floor(this.#random.next() * 4800);
      this.#tell('impression', film, { ...place, dwellMs, viewportPct: 50 + this.#random.int(51) });
    }
  }

  #play(film: SimulatedFilm, row: Row, position: number): void {
    this.plays += 1;
    const place = placeOf(row, position);
    if (row.listId === undefined && this.#random.chance(0.05))
      this.#tell('search_click', film, { ...place, surface: 'search' });
    else if (this.#random.chance(0.25)) this.#tell('detail_open', film, place);
    this.#wait(5, 40);
    this.#tell('play_start', film, place);
    const felt = this.#felt(film);
    const fraction = watchFraction(this.#settings, felt, this.#random);
    const watchedSec = Math.round(fraction * film.runtimeSec);
    this.#watch(film, watchedSec, row);
    this.watchedSec += watchedSec;
    this.completions += fraction >= COMPLETE ? 1 : 0;
    this.isSatisfied ||= fraction >= 0.5;
    this.#memory.seen[film.index] = fraction >= 0.5 ? 1 : (this.#memory.seen[film.index] ?? 0);
    this.#tellWhatWasFelt(film, felt, fraction);
  }

  /**
   * Few events a film: the end reports all of it. One play in eight is interrupted: a heartbeat reports what came before
   * the break, and the end begins half a minute earlier, as players do, so that intervals overlap.
   */
  #watch(film: SimulatedFilm, watchedSec: number, row: Row): void {
    const list = listOf(row);
    let fromSec = 0;
    if (watchedSec > 900 && this.#random.chance(0.125)) {
      const breakSec = Math.round(watchedSec * this.#random.between(0.2, 0.8));
      this.clockMs += breakSec * SECOND_MS;
      this.#tell('play_heartbeat', film, { ...list, fromSec: 0, toSec: breakSec });
      this.#wait(300, 2400);
      fromSec = breakSec - 30;
    }
    this.clockMs += (watchedSec - fromSec) * SECOND_MS;
    this.#tell('play_end', film, { ...list, fromSec, toSec: watchedSec });
  }

  #tellWhatWasFelt(film: SimulatedFilm, felt: number, fraction: number): void {
    const { content } = this.#settings;
    this.#wait(5, 60);
    if (fraction >= 0.5 && this.#random.chance(ratingProbability(this.#settings, this.#person, felt)))
      this.#rate(film, felt);
    if (fraction >= 0.5 && this.#random.chance(0.15 * sigmoid(3 * (felt - content)))) {
      this.#tell('like', film);
      this.#maybe(0.03, 'unlike', film);
    } else if (fraction < 0.3 && this.#random.chance(0.5 * sigmoid(-2 * (felt - content + 0.3)))) {
      this.#tell('dislike', film);
      this.#maybe(0.05, 'undislike', film);
    }
    this.#maybe(0.05 * sigmoid(3 * (felt - content - 0.2)), 'share', film);
    if (this.#memory.bookmarked[film.index] === 1 && this.#random.chance(0.5)) {
      this.#memory.bookmarked[film.index] = 0;
      this.#tell('bookmark_remove', film);
    }
  }

  /** Films known from elsewhere are rated too: famous ones, without a play. Children do not. */
  #rateFromMemory(shelves: Shelf[]): void {
    const [home] = shelves;
    if (home === undefined || this.#person.age < 13) return;
    for (const film of fillRow(home, 1 + this.#random.int(5), this.clockMs, this.#random)) {
      const felt = this.#felt(film);
      if (this.#memory.rated[film.index] === 1 || felt < this.#random.next() - 0.5) continue;
      this.#wait(4, 20);
      this.#rate(film, felt);
    }
  }

  #rate(film: SimulatedFilm, felt: number): void {
    this.#memory.rated[film.index] = 1;
    this.#tell('rating', film, { value: ratingOf(this.#settings, this.#person, felt, this.#random) });
  }

  #felt(film: SimulatedFilm): number {
    return feltBy(this.#settings, this.#person, film);
  }

  #exposure(
    row: Row,
    { film, index }: SimulatedFilm,
    position: number,
    play: number,
    isPlayed: boolean,
  ): Exposure {
    return {
      profileId: this.#of.profileId,
      filmId: film.filmId,
      atMs: this.clockMs,
      surface: row.surface,
      listId: row.listId ?? null,
      position,
      examination: examinationProbability(position, this.#device),
      play,
      isPlayed,
      isSeenBefore: this.#memory.seen[index] === 1,
    };
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
      eventId: this.#of.eventId(),
      userId: this.#of.profileId,
      movieId: film.film.filmId,
      type,
      ts: new Date(this.clockMs).toISOString(),
      sessionId: this.#sessionId,
      device: this.#device.name,
      ...details,
    });
  }
}

function listOf({ listId, releaseId }: Row): Pick<ViewerEvent, 'listId' | 'releaseId'> {
  return {
    ...(listId === undefined ? {} : { listId }),
    ...(releaseId === undefined ? {} : { releaseId }),
  };
}

function placeOf(row: Row, position: number): Partial<ViewerEvent> {
  return { surface: row.surface, position, ...listOf(row) };
}
