import type { Film } from '../contracts/index.js';
import type { Random } from './random.js';

/** So much along each named axis; axes that are not named: 0. */
export type Leaning<Axis extends string = string> = Partial<Record<Axis, number>>;

/**
 * The space in which films and tastes lie: d named axes, so that the truth of a simulation can be read by a person.
 * A film is a unit vector q (what it is like), a viewer a vector θ (what is sought).
 */
export interface TasteSpace {
  axes: readonly string[];
  /** Means of the genres; a film of several has their sum / √n. */
  genres: Record<string, Leaning>;
  /** A film belongs to the cinema of its first country; of countries not named here, to none. */
  cinemas: Record<string, Leaning>;
  /** +weight on `axis` for films made `years` before `middle` or earlier, −weight for those as much later. */
  era: { axis: string; middle: number; years: number; weight: number };
  /** How far single films lie from the mean of their kind, per axis. */
  filmSd: number;
  /** θ_u = population + market + age effect + favourites + N(0, tasteSd²) per axis. */
  population: Leaning;
  ageEffect: (age: number) => Leaning;
  tasteSd: number;
  /** Strengths of a viewer's favourite axes, drawn by `prevalence` (in the order of `axes`). */
  favourites: readonly number[];
  prevalence: readonly number[];
}

export function vectorOf({ axes }: TasteSpace, of: Leaning): Float64Array {
  return Float64Array.from(axes, (axis) => of[axis] ?? 0);
}

/** q_i = normalise(Σ_g mean_g/√|g| + mean of its cinema + era + N(0, σ²)), a unit vector. */
export function filmVector(space: TasteSpace, film: Film, random: Random): Float64Array {
  const { genres: means, cinemas, era, filmSd } = space;
  const genres = film.genres.filter((name) => Object.hasOwn(means, name));
  const q = Float64Array.from(space.axes, () => filmSd * random.normal());
  for (const genre of genres) add(q, vectorOf(space, means[genre] ?? {}), 1 / Math.sqrt(genres.length));
  add(q, vectorOf(space, cinemas[film.countries[0] ?? ''] ?? {}), 1);
  add(q, vectorOf(space, { [era.axis]: eraOf(film.releaseYear, era) * era.weight }), 1);
  const length = Math.sqrt(dot(q, q));
  return q.map((x) => x / length);
}

/** 1 long before the middle year, −1 long after it. */
function eraOf(year: number | null, { middle, years }: TasteSpace['era']): number {
  return year === null ? 0 : Math.max(-1, Math.min(1, (middle - year) / years));
}

/** What everybody of a market and an age has in common. */
export function commonTaste(space: TasteSpace, market: Leaning, age: number): Float64Array {
  const taste = vectorOf(space, space.population);
  add(taste, vectorOf(space, market), 1);
  add(taste, vectorOf(space, space.ageEffect(age)), 1);
  return taste;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** target += weight · source, in place. */
export function add(target: Float64Array, source: Float64Array, weight: number): void {
  for (let i = 0; i < target.length; i += 1) target[i] = (target[i] ?? 0) + weight * (source[i] ?? 0);
}
