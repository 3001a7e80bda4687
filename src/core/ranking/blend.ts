import type { Config } from '../../contracts/index.js';
import { MICRO } from '../feedback/decay.js';

/** How a film stands with everybody, as of T. */
export interface Standing {
  /** Viewers with a positive interaction. */
  positives: number;
  /** Positive interactions, each halved every `blend.nowHalfLifeDays` since it was last touched; in millionths. */
  trendMicro: number;
}
export interface BlendFilm extends Standing {
  genres: readonly string[];
}

/** All of the served order that is the same for every viewer. Rows are the model's films. Plain arrays, for threads. */
export interface Blend {
  rows: number;
  /** The first so many rows are what z standardises over; those behind are new films (new-films.ts). */
  known: number;
  /** Places of twenty that new films get at most. */
  newPerTwenty: number;
  /** now · z(√trend) of each row. */
  now: Float64Array;
  hasNow: boolean;
  genreWeight: number;
  genreNames: string[];
  genreNumbers: Map<string, number>;
  /** Genres of row r: genre[genreStart[r]] … genre[genreStart[r+1]−1]. */
  genreStart: Int32Array;
  genre: Int32Array;
  /** Everybody's mix of genres, of length 1. */
  mix: Float64Array;
}

/** What a film's place in a viewer's list comes from: the parts add up to `total`. */
export interface BlendParts {
  taste: Float64Array;
  genres: Float64Array;
  total: Float64Array;
}

/**
 * The served order (science I.1, docs/decisions/006): for viewer u and film i
 *   total = z(x_u·y_i) + nowWeight·z(√trend_i) + genreWeight·z(Σ_{g of i} d_ug / √|genres of i|)
 * where z standardises over the films that the model has learnt (mean 0, deviation 1; 0 where all are equal), and d_u is the viewer's mix of
 * genres less everybody's. The square root because counts of viewers spread as their root.
 */
export function createBlend(
  films: readonly BlendFilm[],
  weights: Config['blend'],
  known = films.length,
): Blend {
  const genreNames = [...new Set(films.flatMap(({ genres }) => genres))].sort();
  const genreNumbers = new Map(genreNames.map((name, g) => [name, g]));
  const genreStart = new Int32Array(films.length + 1);
  const genre: number[] = [];
  const mix = new Float64Array(genreNames.length);
  films.forEach(({ genres, positives }, row) => {
    for (const name of genres) {
      const g = genreNumbers.get(name)!;
      genre.push(g);
      mix[g]! += positives / Math.sqrt(genres.length);
    }
    genreStart[row + 1] = genre.length;
  });
  const now = Float64Array.from(films, ({ trendMicro }) => Math.sqrt(trendMicro / MICRO));
  standardise(now, weights.nowWeight, known);
  return {
    rows: films.length,
    known,
    newPerTwenty: weights.newPerTwenty,
    now,
    hasNow: weights.nowWeight > 0,
    genreWeight: weights.genreWeight,
    genreNames,
    genreNumbers,
    genreStart,
    genre: Int32Array.from(genre),
    mix: toLength1(mix) ?? mix,
  };
}

/** d_u: the mix of genres in what the viewer liked, of length 1, less everybody's. Null when no genre is known. */
export function genreTasteOf(
  { genreNumbers, mix }: Blend,
  liked: Iterable<{ genres: readonly string[]; weightMicro: number }>,
): Float64Array | null {
  const own = new Float64Array(mix.length);
  for (const { genres, weightMicro } of liked) {
    for (const name of genres) {
      const g = genreNumbers.get(name);
      if (g !== undefined) own[g]! += weightMicro / MICRO / Math.sqrt(genres.length);
    }
  }
  if (toLength1(own) === null) return null;
  for (let g = 0; g < own.length; g++) own[g]! -= mix[g]!;
  return own;
}

/** `taste`: x_u·y_i of each row, null when the model knows nothing that the viewer liked. */
export function blendInto(
  blend: Blend,
  taste: Float64Array | null,
  genreTaste: Float64Array | null,
  out: BlendParts,
): void {
  if (taste === null) out.taste.fill(0);
  else {
    out.taste.set(taste);
    standardise(out.taste, 1, blend.known);
  }
  affinity(blend, genreTaste, out.genres);
  for (let row = 0; row < blend.rows; row++) {
    out.total[row] = out.taste[row]! + blend.now[row]! + out.genres[row]!;
  }
}

export function createBlendParts(rows: number): BlendParts {
  return { taste: new Float64Array(rows), genres: new Float64Array(rows), total: new Float64Array(rows) };
}

/** The genre of a row that a viewer favours most, beyond what everybody does; null when none is favoured. */
export function favouredGenre(
  { genreStart, genre, genreNames }: Blend,
  row: number,
  genreTaste: Float64Array,
): string | null {
  let best = -1;
  for (let at = genreStart[row]!; at < genreStart[row + 1]!; at++) {
    const g = genre[at]!;
    if (genreTaste[g]! > 0 && (best < 0 || genreTaste[g]! > genreTaste[best]!)) best = g;
  }
  return best < 0 ? null : genreNames[best]!;
}

function affinity(blend: Blend, genreTaste: Float64Array | null, out: Float64Array): void {
  const { genreStart, genre, genreWeight, rows, known } = blend;
  if (genreTaste === null || genreWeight === 0) {
    out.fill(0);
    return;
  }
  for (let row = 0; row < rows; row++) {
    const [from, to] = [genreStart[row]!, genreStart[row + 1]!];
    let sum = 0;
    for (let at = from; at < to; at++) sum += genreTaste[genre[at]!]!;
    out[row] = to > from ? sum / Math.sqrt(to - from) : 0;
  }
  standardise(out, genreWeight, known);
}

/** In place: mean 0 and deviation `weight` over the first `known` values, in a fixed order of additions. */
function standardise(values: Float64Array, weight: number, known: number): void {
  let mean = 0;
  for (let i = 0; i < known; i++) mean += values[i]!;
  mean /= Math.max(known, 1);
  let square = 0;
  for (let i = 0; i < known; i++) {
    const away = values[i]! - mean;
    square += away * away;
  }
  const deviation = Math.sqrt(square / Math.max(known, 1));
  for (let i = 0; i < values.length; i++) {
    values[i] = deviation === 0 ? 0 : (weight * (values[i]! - mean)) / deviation;
  }
}

function toLength1(values: Float64Array): Float64Array | null {
  let square = 0;
  for (const value of values) square += value * value;
  const length = Math.sqrt(square);
  if (length === 0) return null;
  for (let i = 0; i < values.length; i++) values[i]! /= length;
  return values;
}
