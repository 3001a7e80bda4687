import type { Config } from '../contracts/index.js';
import { sharedFloat64, sharedInt32 } from '../core/als/cells.js';
import type { BlendScorer } from '../core/metrics/judgement.js';
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
  fit: Pick<Fit, 'name' | 'stride' | 'viewers' | 'films' | 'rowOfFilm' | 'fresh'>,
  { standing }: Pick<TrainingData, 'standing'>,
  { filmIds, genresOf, liked }: BlendFacts,
  { blend: weights, lists }: Pick<Config, 'blend' | 'lists'>,
): BlendScorer {
  const { name, stride, viewers } = fit;
  const { films, rowOfFilm } = withFresh(fit, filmIds, weights.newPerTwenty);
  const genres = Array.from({ length: films.length / stride }, (): readonly string[] => []);
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
    name,
    stride,
    viewers,
    films,
    rowOfFilm,
    blend,
    listSize: lists.size,
    genreTaste: genreTastes(blend, liked),
  };
}

/** The fit's films, and behind them the new ones that may be listed. */
function withFresh(
  { films, rowOfFilm, stride, fresh }: Pick<Fit, 'films' | 'rowOfFilm' | 'stride' | 'fresh'>,
  filmIds: readonly string[],
  perTwenty: number,
): { films: Float32Array; rowOfFilm: Int32Array } {
  if (perTwenty === 0 || fresh.filmIds.length === 0) return { films, rowOfFilm };
  const all = new Float32Array(new SharedArrayBuffer((films.length + fresh.films.length) * 4));
  all.set(films);
  all.set(fresh.films, films.length);
  const numbers = new Map(fresh.filmIds.map((filmId, n) => [filmId, films.length / stride + n]));
  const rows = sharedInt32(rowOfFilm.length);
  rowOfFilm.forEach((row, film) => (rows[film] = row >= 0 ? row : (numbers.get(filmIds[film]!) ?? -1)));
  return { films: all, rowOfFilm: rows };
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
