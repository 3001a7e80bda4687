import type { Config } from '../contracts/index.js';
import { sharedFloat64, sharedInt32 } from '../core/als/cells.js';
import type { BlendScorer, TasteScorer } from '../core/metrics/judgement.js';
import { type Blend, createBlend, genreTasteOf } from '../core/ranking/blend.js';
import type { Fit } from './fit-scorer.js';
import type { TrainingData } from './training-cells.js';

/** What one viewer liked in the train part, films without factors too: as scoring reads it. */
export type Liked = { genres: readonly string[]; weightMicro: number }[];

export interface BlendFacts {
  /** Films of the catalogue, and the genres of each. */
  filmIds: readonly string[];
  genresOf: readonly (readonly string[])[];
  /** Per measured viewer. */
  liked: readonly Liked[];
}

/** A fit's films in the order in which they would be served. */
export function blendScorer(
  fit: Pick<Fit, 'scorer' | 'fresh'>,
  { standing }: Pick<TrainingData, 'standing'>,
  { filmIds, genresOf, liked }: BlendFacts,
  { blend: weights, lists }: Pick<Config, 'blend' | 'lists'>,
): BlendScorer {
  const { taste, rowOfFilm, fresh } = withFresh(fit, standing.length, filmIds, weights.newPerTwenty);
  const genres = Array.from({ length: standing.length + fresh }, (): readonly string[] => []);
  rowOfFilm.forEach((row, film) => {
    if (row >= 0) genres[row] = genresOf[film]!;
  });
  const blend = createBlend(
    genres.map((of, row) => ({ positives: 0, trendMicro: 0, ...standing[row], genres: of })),
    weights,
    standing.length,
  );
  return {
    kind: 'blend',
    name: fit.scorer.name,
    taste,
    rowOfFilm,
    blend,
    listSize: lists.size,
    genreTaste: genreTastes(blend, liked),
  };
}

/** The fit's films, and behind the `learnt` ones the new ones that may be listed. */
function withFresh(
  { scorer, fresh }: Pick<Fit, 'scorer' | 'fresh'>,
  learnt: number,
  filmIds: readonly string[],
  perTwenty: number,
): { taste: TasteScorer; rowOfFilm: Int32Array; fresh: number } {
  const { rowOfFilm } = scorer;
  if (perTwenty === 0 || fresh.filmIds.length === 0) return { taste: scorer, rowOfFilm, fresh: 0 };
  const numbers = new Map(fresh.filmIds.map((filmId, n) => [filmId, learnt + n]));
  const rows = sharedInt32(rowOfFilm.length);
  rowOfFilm.forEach((row, film) => (rows[film] = row >= 0 ? row : (numbers.get(filmIds[film]!) ?? -1)));
  return { taste: fresh.scorer, rowOfFilm: rows, fresh: fresh.filmIds.length };
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
