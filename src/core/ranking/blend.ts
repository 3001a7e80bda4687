import type { Config } from '../../contracts/index.js';
import { MICRO } from '../feedback/decay.js';
import { type GenreMixes, genreMixes } from './genre-mixes.js';
import { type Moments, momentsOf } from './taste-moments.js';

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
  mixes: GenreMixes;
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
  const mix = new Float64Array(genreNames.length);
  const genresOf = films.map(({ genres, positives }) =>
    genres.map((name) => {
      const g = genreNumbers.get(name)!;
      mix[g]! += positives / Math.sqrt(genres.length);
      return g;
    }),
  );
  const now = Float64Array.from(films, ({ trendMicro }) => Math.sqrt(trendMicro / MICRO));
  standardise(now, weights.nowWeight, momentsOf(now, known));
  return {
    rows: films.length,
    known,
    newPerTwenty: weights.newPerTwenty,
    now,
    hasNow: weights.nowWeight > 0,
    genreWeight: weights.genreWeight,
    genreNames,
    genreNumbers,
    mixes: genreMixes(genresOf, known),
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

/**
 * `taste`: t_i of each row, null when the model knows nothing that the viewer liked; `moments`: its own, where they are
 * known without a look at every film.
 */
export function blendInto(
  blend: Blend,
  taste: Float64Array | null,
  genreTaste: Float64Array | null,
  out: BlendParts,
  moments?: Moments,
): void {
  if (taste === null) out.taste.fill(0);
  else {
    out.taste.set(taste);
    standardise(out.taste, 1, moments ?? momentsOf(taste, blend.known));
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
  { mixes: { start, genre, ofRow }, genreNames }: Blend,
  row: number,
  genreTaste: Float64Array,
): string | null {
  let best = -1;
  for (let at = start[ofRow[row]!]!; at < start[ofRow[row]! + 1]!; at++) {
    const g = genre[at]!;
    if (genreTaste[g]! > 0 && (best < 0 || genreTaste[g]! > genreTaste[best]!)) best = g;
  }
  return best < 0 ? null : genreNames[best]!;
}

/** Films of one mix of genres have one affinity: its moments are sums over mixes, each as often as films have it. */
function affinity(blend: Blend, genreTaste: Float64Array | null, out: Float64Array): void {
  const { mixes, genreWeight, rows, known } = blend;
  if (genreTaste === null || genreWeight === 0) {
    out.fill(0);
    return;
  }
  const { start, genre, ofRow } = mixes;
  const own = Float64Array.from(mixes.known, (_, mix) => {
    const [from, to] = [start[mix]!, start[mix + 1]!];
    let sum = 0;
    for (let at = from; at < to; at++) sum += genreTaste[genre[at]!]!;
    return to > from ? sum / Math.sqrt(to - from) : 0;
  });
  standardise(own, genreWeight, momentsOfMixes(own, mixes.known, known));
  for (let row = 0; row < rows; row++) out[row] = own[ofRow[row]!]!;
}

function momentsOfMixes(values: Float64Array, counts: Float64Array, known: number): Moments {
  let mean = 0;
  for (let m = 0; m < values.length; m++) mean += counts[m]! * values[m]!;
  mean /= Math.max(known, 1);
  let square = 0;
  for (let m = 0; m < values.length; m++) {
    const away = values[m]! - mean;
    square += counts[m]! * (away * away);
  }
  return { mean, deviation: Math.sqrt(square / Math.max(known, 1)) };
}

/** In place: mean 0 and deviation `weight` over the films whose moments these are. */
function standardise(values: Float64Array, weight: number, { mean, deviation }: Moments): void {
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
