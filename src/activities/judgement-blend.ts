import type { Config } from '../contracts/index.js';
import { sharedFloat64 } from '../core/als/cells.js';
import type { BlendScorer, FactorScorer } from '../core/metrics/judgement.js';
import { type Blend, createBlend, genreTasteOf } from '../core/ranking/blend.js';
import type { TrainingData } from './training-cells.js';

/** What one viewer liked in the train part, films without factors too: as scoring reads it. */
export type Liked = { genres: readonly string[]; weightMicro: number }[];

export interface BlendFacts {
  /** Row of each catalogue film in the model, or −1. */
  rowOfFilm: Int32Array;
  /** Genres of each catalogue film. */
  genresOf: readonly (readonly string[])[];
  /** Per measured viewer. */
  liked: readonly Liked[];
}

/** A fit's films in the order in which they would be served. */
export function blendScorer(
  scorer: FactorScorer,
  { standing }: Pick<TrainingData, 'standing'>,
  { genresOf, liked }: Omit<BlendFacts, 'rowOfFilm'>,
  weights: Config['blend'],
): BlendScorer {
  const genres = standing.map((): readonly string[] => []);
  scorer.rowOfFilm.forEach((row, film) => {
    if (row >= 0) genres[row] = genresOf[film]!;
  });
  const blend = createBlend(
    standing.map((film, row) => ({ ...film, genres: genres[row]! })),
    weights,
  );
  return { ...scorer, kind: 'blend', blend, genreTaste: genreTastes(blend, liked) };
}

/** Viewers × genres; zeros for a viewer of whom no genre is known. */
function genreTastes(blend: Blend, liked: readonly Liked[]): Float64Array {
  const genres = blend.genreNames.length;
  const tastes = sharedFloat64(liked.length * genres);
  liked.forEach((list, n) => {
    const taste = genreTasteOf(blend, list);
    if (taste !== null) tastes.set(taste, n * genres);
  });
  return tastes;
}
