import type { Config, Reason } from '../../contracts/index.js';
import type { Allows } from '../age-gate/index.js';
import type { Hyper } from '../als/kernels.js';
import { createViewerSolver, type ViewerHistory } from '../als/solve-viewer.js';
import { type Evidence, EVIDENCE_KINDS, likedGenre, POPULAR_NOW, reasonOf } from '../explain/reason.js';
import {
  type Blend,
  type BlendParts,
  blendInto,
  createBlend,
  createBlendParts,
  favouredGenre,
  genreTasteOf,
  type Standing,
} from './blend.js';
import type { Catalogue, Shelf } from './catalogue.js';
import { selectTop } from './select-top.js';
import type { Interaction, ScoredItem, Viewer } from './viewer.js';

/** A published model: factors of films × k, row-major; row r is film filmIds[r], ids ascending. */
export interface Model {
  factors: Float32Array;
  filmIds: readonly string[];
  /** Of each row. */
  standing: readonly Standing[];
  hyper: Hyper;
}

type Settings = Pick<Config, 'lists' | 'eligibility' | 'blend'>;
type PersonalItems = (viewer: Viewer, shelf: Shelf, mayShow: (film: number) => boolean) => ScoredItem[];

/** What the viewer liked: an interaction of the history with its row in the model, −1 = not in it. */
export type Cell = Interaction & { row: number };

/** What a viewer's list is made from. `scores` and `parts` are scratch memory of the scorer: good until its next viewer. */
export interface ViewerScores {
  /** Films of the history that the model knows, in ascending row. */
  cells: readonly Cell[];
  history: ViewerHistory;
  /** x_u·y_i of each row; null where the model knows nothing that the viewer liked. */
  scores: Float64Array | null;
  genreTaste: Float64Array | null;
  parts: BlendParts;
}

/**
 * The model's films in the served order (blend.ts), for one viewer after another. A viewer who liked nothing that the model
 * knows is ranked by the genres of what it did like. Null for a viewer of whom neither is known.
 */
export function createViewerScorer(
  catalogue: Catalogue,
  model: Model,
  { eligibility, blend: weights }: Pick<Settings, 'eligibility' | 'blend'>,
) {
  const solver = createViewerSolver(model.factors, model.hyper);
  const filmOfRow = Int32Array.from(model.filmIds, (filmId) => catalogue.indexOf(filmId) ?? -1);
  const rowOfFilm = new Int32Array(catalogue.films.length).fill(-1);
  filmOfRow.forEach((film, row) => {
    if (film >= 0) rowOfFilm[film] = row;
  });
  const blend = createBlend(
    model.standing.map((standing, row) => ({
      ...standing,
      genres: catalogue.films[filmOfRow[row]!]?.genres ?? [],
    })),
    weights,
  );
  const scores = new Float64Array(filmOfRow.length);
  const parts = createBlendParts(filmOfRow.length);

  const scoresOf = (viewer: Viewer): ViewerScores | null => {
    const weighed: Cell[] = viewer.history
      .map((interaction) => ({ ...interaction, row: rowOfFilm[interaction.film]! }))
      .filter(({ weightMicro }) => weightMicro !== 0)
      .sort((a, b) => a.row - b.row);
    const liked = weighed.filter(({ weightMicro }) => weightMicro > 0);
    if (!viewer.isPersonal || liked.length < eligibility.minUserPos) return null;

    const cells = weighed.filter(({ row }) => row >= 0);
    const isKnown = cells.some(({ weightMicro }) => weightMicro > 0);
    const genreTaste = genresOf(catalogue, blend, liked);
    if (!isKnown && (genreTaste === null || blend.genreWeight === 0)) return null;

    const history: ViewerHistory = {
      filmRows: cells.map(({ row }) => row),
      weightMicro: cells.map(({ weightMicro }) => weightMicro),
    };
    if (isKnown) {
      const x = solver.solveViewer(history);
      for (let row = 0; row < scores.length; row++) scores[row] = solver.score(row, x);
    }
    blendInto(blend, isKnown ? scores : null, genreTaste, parts);
    return { cells, history, scores: isKnown ? scores : null, genreTaste, parts };
  };
  return { solver, blend, filmOfRow, rowOfFilm, scoresOf };
}

/** A viewer's list in the served order, each item with what speaks for it most. */
export function personalLists(
  catalogue: Catalogue,
  model: Model,
  settings: Settings,
  allows: Allows,
): PersonalItems {
  const { lists } = settings;
  const { solver, blend, filmOfRow, scoresOf } = createViewerScorer(catalogue, model, settings);

  return (viewer, shelf, mayShow) => {
    const scored = scoresOf(viewer);
    if (scored === null) return [];
    const { cells, history, genreTaste, parts } = scored;
    const rows = selectTop(
      parts.total,
      (row) => filmOfRow[row]! >= 0 && mayShow(filmOfRow[row]!),
      lists.size,
    );

    const evidence = cells.map((cell) => evidenceOf(catalogue, shelf, viewer, cell, allows));
    const contributions = new Float64Array(cells.length);
    const tasteReason = (row: number): Reason => {
      solver.contributions(row, history, contributions);
      evidence.forEach((item, c) => (item.contribution = contributions[c]!));
      const { filmId, genres } = catalogue.films[filmOfRow[row]!]!;
      // A film that was bookmarked or shared and not seen yet is in the history too: it is no reason for itself.
      return reasonOf(
        genres,
        evidence.filter((other) => other.filmId !== filmId),
        lists,
      );
    };
    return rows.map((row) => {
      const film = filmOfRow[row]!;
      const genre = genreTaste === null ? null : favouredGenre(blend, row, genreTaste);
      const now = blend.hasNow ? blend.now[row]! : -Infinity;
      const [taste, genres] = [parts.taste[row]!, genre === null ? -Infinity : parts.genres[row]!];
      const byTaste = scored.scores !== null && taste >= genres && taste >= now;
      const reason = byTaste
        ? tasteReason(row)
        : genre !== null && genres >= now
          ? likedGenre(genre)
          : POPULAR_NOW;
      return { film, minAge: shelf.minAge[film]!, score: parts.total[row]!, reason };
    });
  };
}

/** In the order of the catalogue, as the judgement adds them up. */
function genresOf(catalogue: Catalogue, blend: Blend, liked: readonly Cell[]): Float64Array | null {
  const pairs = liked
    .toSorted((a, b) => a.film - b.film)
    .map(({ film, weightMicro }) => ({ genres: catalogue.films[film]!.genres, weightMicro }));
  return genreTasteOf(blend, pairs);
}

/** A film of the history may be named when it could itself be listed to this viewer (but for having been seen). */
function evidenceOf(
  catalogue: Catalogue,
  shelf: Shelf,
  viewer: Viewer,
  cell: Interaction,
  allows: Allows,
): Evidence {
  const { filmId, title, genres } = catalogue.films[cell.film]!;
  return {
    filmId,
    title,
    genres,
    kind: EVIDENCE_KINDS[cell.kind] ?? 'watched',
    contribution: 0,
    isCitable: shelf.isHeld[cell.film] === 1 && allows(viewer.maxAge, shelf.minAge[cell.film]!),
  };
}
