import type { Film } from '../contracts/index.js';
import { Random } from './random.js';
import { type TasteSpace, add, filmVector, vectorOf } from './taste-space.js';

/** A film and how widely it is known: 3 famous, 2 well known, 1 known to few. The catalogue's guess; only the simulator uses it. */
export interface KnownFilm {
  film: Film;
  fame: 1 | 2 | 3;
}

/** A film as the simulation knows it; `index` is its row. */
export interface SimulatedFilm {
  index: number;
  film: Film;
  vector: Float64Array;
  /** Standardised log-popularity. */
  popularity: number;
  /** What everybody finds in it, beside taste. */
  quality: number;
  minAge: number;
  /** Films without a known runtime last this long too. */
  runtimeSec: number;
  /** Instant (ms) from which it can be watched. */
  addedAtMs: number;
}

/** A row of films to choose from: `home` holds all, the others one genre or one country. Draw by `cumulative` popularity. */
export interface Shelf {
  name: string;
  films: SimulatedFilm[];
  cumulative: Float64Array;
  /** Mean film vector, by which viewers choose the shelf. */
  mean: Float64Array;
}

/** Zipf–Mandelbrot: weight of popularity rank r is (r + OFFSET)^−EXPONENT. */
const ZIPF = { exponent: 0.9, offset: 12 };
/** Rank is by fame with this much noise. */
const FAME_SD = 0.5;
const QUALITY = { perFame: 0.12, sd: 0.25 };
const RUNTIME_UNKNOWN_SEC = 6000;
/** A shelf with fewer films than this is not put up. */
const SHELF_MIN = 8;

export class Catalogue {
  readonly films: SimulatedFilm[];
  readonly #byId: Map<string, SimulatedFilm>;
  readonly #weights: Float64Array;
  readonly #shelves = new Map<number, Shelf[]>();
  readonly #ages: number[];
  readonly #space: TasteSpace;

  /** @throws RangeError when there are no films, or two share an id. */
  constructor(known: KnownFilm[], seed: number, space: TasteSpace, minAge: (film: Film) => number) {
    this.#space = space;
    if (known.length === 0) throw new RangeError('the simulated audience needs at least one film');
    this.#weights = popularityWeights(known, seed);
    const popularity = standardise(this.#weights.map(Math.log));
    this.films = known.map(({ film, fame }, index) => {
      const random = new Random(seed, `film/${film.filmId}`);
      return {
        index,
        film,
        vector: filmVector(space, film, random),
        popularity: popularity[index] ?? 0,
        quality: QUALITY.perFame * (fame - 2) + QUALITY.sd * random.normal(),
        minAge: minAge(film),
        runtimeSec: film.runtimeMin === null ? RUNTIME_UNKNOWN_SEC : film.runtimeMin * 60,
        addedAtMs: film.addedAt === null ? -Infinity : Date.parse(film.addedAt),
      };
    });
    this.#byId = new Map(this.films.map((film) => [film.film.filmId, film]));
    if (this.#byId.size !== known.length) throw new RangeError('two films of the catalogue share a filmId');
    this.#ages = [...new Set(this.films.map((film) => film.minAge))].sort((a, b) => a - b);
  }

  film(filmId: string): SimulatedFilm | undefined {
    return this.#byId.get(filmId);
  }

  /** The shelves of an audience of this age, `home` first; [] when nothing may be shown. Made once per age class. */
  shelves(maxAge: number): Shelf[] {
    const ageClass = this.#ages.filter((age) => age <= maxAge).length;
    let shelves = this.#shelves.get(ageClass);
    if (shelves === undefined) {
      shelves = this.#putUp(this.films.filter((film) => film.minAge <= maxAge));
      this.#shelves.set(ageClass, shelves);
    }
    return shelves;
  }

  #putUp(allowed: SimulatedFilm[]): Shelf[] {
    if (allowed.length === 0) return [];
    const genres = Object.keys(this.#space.genres);
    const countries = [...new Set(allowed.flatMap(({ film }) => film.countries.slice(0, 1)))].sort();
    const rows = [
      ...genres.map((name) => ({ name, films: allowed.filter(({ film }) => film.genres.includes(name)) })),
      ...countries.map((name) => ({ name, films: allowed.filter(({ film }) => film.countries[0] === name) })),
    ].filter(({ films }) => films.length >= SHELF_MIN);
    return [{ name: 'home', films: allowed }, ...rows].map(({ name, films }) => this.#shelf(name, films));
  }

  #shelf(name: string, films: SimulatedFilm[]): Shelf {
    const cumulative = new Float64Array(films.length);
    const mean = vectorOf(this.#space, {});
    let total = 0;
    for (const [at, film] of films.entries()) {
      total += this.#weights[film.index] ?? 0;
      cumulative[at] = total;
      add(mean, film.vector, 1 / films.length);
    }
    return { name, films, cumulative, mean };
  }
}

function popularityWeights(known: KnownFilm[], seed: number): Float64Array {
  const noise = (filmId: string) => FAME_SD * new Random(seed, `popularity/${filmId}`).normal();
  const order = known
    .map(({ film, fame }, index) => ({ index, renown: fame + noise(film.filmId) }))
    .sort((a, b) => b.renown - a.renown || a.index - b.index);
  const weights = new Float64Array(known.length);
  for (const [rank, { index }] of order.entries())
    weights[index] = (rank + 1 + ZIPF.offset) ** -ZIPF.exponent;
  return weights;
}

function standardise(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) || 1;
  return values.map((x) => (x - mean) / sd);
}
