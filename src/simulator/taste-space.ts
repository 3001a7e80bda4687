import type { Film } from '../contracts/index.js';
import type { Random } from './random.js';

/**
 * The space in which films and tastes lie: d named axes, so that the truth of the simulation can be read by a person.
 * A film is a unit vector q (what it is like), a viewer a vector θ (what is sought); θ·q is how well they match.
 */
export const AXES = [
  'shadow', // crime, noir, mystery, suspense
  'frontier', // westerns
  'song', // musicals
  'wonder', // science fiction, fantasy, horror
  'childhood', // family films and animation
  'laughter', // comedies
  'heart', // romance and drama
  'spectacle', // war, adventure, action, history
  'europe', // the cinemas of Europe, beside Britain's
  'east-asia',
  'south-asia',
  'golden-age', // made before about 1960, against made after about 1980
] as const;
export type Axis = (typeof AXES)[number];
export type Leaning = Partial<Record<Axis, number>>;

/** The closed list of genres of the demo's catalogue, each with its mean in taste space. */
export const GENRES = {
  Drama: { heart: 0.3 },
  Comedy: { laughter: 0.9 },
  Romance: { heart: 0.8 },
  Thriller: { shadow: 0.6 },
  Crime: { shadow: 0.6 },
  'Film-Noir': { shadow: 1.3, 'golden-age': 0.5 },
  Western: { frontier: 1.6 },
  War: { spectacle: 0.8 },
  Musical: { song: 1.2 },
  Adventure: { spectacle: 0.6 },
  Action: { spectacle: 0.7 },
  'Science Fiction': { wonder: 1.3 },
  Horror: { wonder: 0.5, shadow: 0.5 },
  Mystery: { shadow: 0.6 },
  Family: { childhood: 0.9 },
  Animation: { childhood: 0.8 },
  Fantasy: { wonder: 0.5, childhood: 0.2 },
  History: { spectacle: 0.7 },
  Biography: { heart: 0.3, spectacle: 0.2 },
  Documentary: { europe: 0.4 },
} as const satisfies Record<string, Leaning>;
export type Genre = keyof typeof GENRES;

export function isGenre(name: string): name is Genre {
  return Object.hasOwn(GENRES, name);
}

/** A film belongs to the cinema of its first country; of countries not named here, to none. */
const CINEMAS: Record<string, Leaning> = {
  France: { europe: 0.9 },
  Italy: { europe: 0.9 },
  Germany: { europe: 0.9 },
  Sweden: { europe: 1 },
  Denmark: { europe: 1 },
  Poland: { europe: 1 },
  Spain: { europe: 0.9 },
  'Soviet Union': { europe: 1 },
  Czechoslovakia: { europe: 1 },
  Iran: { europe: 0.5, 'south-asia': 0.3 },
  Mexico: { europe: 0.6 },
  Brazil: { europe: 0.6 },
  Cuba: { europe: 0.6 },
  Japan: { 'east-asia': 1.2 },
  China: { 'east-asia': 1.2 },
  Taiwan: { 'east-asia': 1.2 },
  'Hong Kong': { 'east-asia': 1.2 },
  'South Korea': { 'east-asia': 1.2 },
  India: { 'south-asia': 1.8 },
  Bangladesh: { 'south-asia': 1.8 },
};

/** How far single films lie from the mean of their kind, per axis. */
const FILM_SD = 0.15;
/** 0 at this year; ±1 after so many years; so weighted. */
const ERA = { middle: 1970, years: 25, weight: 0.45 };

export function leaning(of: Leaning): Float64Array {
  return Float64Array.from(AXES, (axis) => of[axis] ?? 0);
}

/** q_i = normalise(Σ_g mean_g/√|g| + mean of its cinema + era + N(0, σ²)), a unit vector. */
export function filmVector(film: Film, random: Random): Float64Array {
  const genres = film.genres.filter(isGenre);
  const q = Float64Array.from(AXES, () => FILM_SD * random.normal());
  for (const genre of genres) add(q, leaning(GENRES[genre]), 1 / Math.sqrt(genres.length));
  add(q, leaning(CINEMAS[film.countries[0] ?? ''] ?? {}), 1);
  add(q, leaning({ 'golden-age': eraOf(film.releaseYear) * ERA.weight }), 1);
  const length = Math.sqrt(dot(q, q));
  return q.map((x) => x / length);
}

/** 1 long before the middle year, −1 long after it. */
function eraOf(year: number | null): number {
  return year === null ? 0 : Math.max(-1, Math.min(1, (ERA.middle - year) / ERA.years));
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
