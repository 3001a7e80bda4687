import type { Config, Reason, ServedBy } from '../../contracts/index.js';
import { isAllowed } from '../age-gate/index.js';
import { type Evidence, EVIDENCE_KINDS, formulaReason, reasonOf } from '../explain/reason.js';
import type { Hyper } from '../als/kernels.js';
import { createViewerSolver, type ViewerHistory } from '../als/solve-viewer.js';
import type { Catalogue, Shelf } from './catalogue.js';
import { selectTop } from './select-top.js';

/** A published model: factors of films × k, row-major; row r is film filmIds[r], ids ascending. */
export interface Model {
  factors: Float32Array;
  filmIds: readonly string[];
  hyper: Hyper;
}

/** Of one viewer: what the filters need, and interactions in ascending film index. */
export interface Viewer {
  market: string;
  maxAge: number;
  /** Consents to personal lists. */
  isPersonal: boolean;
  history: Interaction[];
}
export interface Interaction {
  /** Index in the catalogue. */
  film: number;
  /** +w·10^6 for p = 1, −w·10^6 for p = 0, 0 = unobserved cell. */
  weightMicro: number;
  isSeen: boolean;
  isDisliked: boolean;
  /** Index in EVIDENCE_KINDS, of the strongest positive event; −1 = none. */
  kind: number;
}

export interface ScoredItem {
  /** Index in the catalogue. */
  film: number;
  minAge: number;
  /** See recommendationItemSchema. */
  score: number;
  reason: Reason;
}
export interface ScoredList {
  servedBy: ServedBy;
  items: ScoredItem[];
  /** With servedBy "none": a short code to count, and the sentence for people. */
  none?: { code: NoneCode; why: string };
}
export type NoneCode = 'empty-catalogue' | 'no-film-in-market' | 'no-film-at-age' | 'everything-seen';

type Settings = Pick<Config, 'lists' | 'eligibility'>;

/**
 * Lists of viewers, one at a time; holds scratch memory, so one per thread.
 * Personal when there is a model, the viewer consents and has enough positives on films of the model, and something is
 * left; else the formula's Top; else nothing, with the reason. Filters: seen, disliked, market, age. A personal list that
 * is too short is filled up from the formula's Top: the model knows few of the films that a child may see.
 */
export function createListMaker(
  catalogue: Catalogue,
  model: Model | null,
  settings: Settings,
): (viewer: Viewer) => ScoredList {
  const personal = model === null ? () => [] : personalLists(catalogue, model, settings);
  const hidden = new Uint8Array(catalogue.films.length);
  return (viewer) => {
    const shelf = catalogue.shelf(viewer.market);
    for (const { film, isSeen, isDisliked } of viewer.history) hidden[film] = Number(isSeen || isDisliked);
    const mayShow = (film: number) =>
      hidden[film] === 0 && shelf.isHeld[film] === 1 && isAllowed(viewer.maxAge, shelf.minAge[film]!);
    try {
      const own = personal(viewer, shelf, mayShow);
      if (own.length > 0) {
        const isOwn = new Set(own.map(({ film }) => film));
        const mayFill = (film: number) => !isOwn.has(film) && mayShow(film);
        const rest = formulaItems(catalogue, shelf, mayFill, settings.lists.size - own.length);
        const unscored = rest.map((item) => ({ ...item, score: 0 }));
        return { servedBy: 'personal', items: [...own, ...unscored] };
      }
      const top = formulaItems(catalogue, shelf, mayShow, settings.lists.size);
      if (top.length > 0) return { servedBy: 'formula', items: top };
      return { servedBy: 'none', items: [], none: whyNothing(catalogue, shelf, viewer) };
    } finally {
      for (const { film } of viewer.history) hidden[film] = 0;
    }
  };
}

type PersonalItems = (viewer: Viewer, shelf: Shelf, mayShow: (film: number) => boolean) => ScoredItem[];

function personalLists(catalogue: Catalogue, model: Model, { lists, eligibility }: Settings): PersonalItems {
  const solver = createViewerSolver(model.factors, model.hyper);
  const filmOfRow = Int32Array.from(model.filmIds, (filmId) => catalogue.indexOf(filmId) ?? -1);
  const rowOfFilm = new Int32Array(catalogue.films.length).fill(-1);
  filmOfRow.forEach((film, row) => {
    if (film >= 0) rowOfFilm[film] = row;
  });
  const scores = new Float64Array(filmOfRow.length);

  return (viewer, shelf, mayShow) => {
    const cells = viewer.history
      .map((interaction) => ({ ...interaction, row: rowOfFilm[interaction.film]! }))
      .filter(({ row, weightMicro }) => row >= 0 && weightMicro !== 0)
      .sort((a, b) => a.row - b.row);
    const positives = cells.filter(({ weightMicro }) => weightMicro > 0).length;
    if (!viewer.isPersonal || positives < eligibility.minUserPos) return [];

    const history: ViewerHistory = {
      filmRows: cells.map(({ row }) => row),
      weightMicro: cells.map(({ weightMicro }) => weightMicro),
    };
    const x = solver.solveViewer(history);
    for (let row = 0; row < scores.length; row++) scores[row] = solver.score(row, x);
    const rows = selectTop(scores, (row) => filmOfRow[row]! >= 0 && mayShow(filmOfRow[row]!), lists.size);

    const evidence = cells.map((cell) => evidenceOf(catalogue, shelf, viewer, cell));
    const contributions = new Float64Array(cells.length);
    return rows.map((row) => {
      const film = filmOfRow[row]!;
      solver.contributions(row, history, contributions);
      evidence.forEach((item, c) => (item.contribution = contributions[c]!));
      const reason = reasonOf(catalogue.films[film]!.genres, evidence, lists);
      return { film, minAge: shelf.minAge[film]!, score: scores[row]!, reason };
    });
  };
}

/** A film of the history may be named when it could itself be listed to this viewer (but for having been seen). */
function evidenceOf(catalogue: Catalogue, shelf: Shelf, viewer: Viewer, cell: Interaction): Evidence {
  const { filmId, title, genres } = catalogue.films[cell.film]!;
  return {
    filmId,
    title,
    genres,
    kind: EVIDENCE_KINDS[cell.kind] ?? 'watched',
    contribution: 0,
    isCitable: shelf.isHeld[cell.film] === 1 && isAllowed(viewer.maxAge, shelf.minAge[cell.film]!),
  };
}

function formulaItems(
  { top, films, isNew }: Catalogue,
  shelf: Shelf,
  mayShow: (film: number) => boolean,
  size: number,
): ScoredItem[] {
  const items: ScoredItem[] = [];
  for (const film of top) {
    if (items.length === size) break;
    if (!mayShow(film)) continue;
    const { weightedRating, votes } = films[film]!;
    const reason = formulaReason({ isNew: isNew[film] === 1, votes });
    items.push({ film, minAge: shelf.minAge[film]!, score: weightedRating, reason });
  }
  return items;
}

/** The first filter that leaves nothing. */
function whyNothing(
  { films }: Catalogue,
  { isHeld, minAge }: Shelf,
  { market, maxAge }: Viewer,
): { code: NoneCode; why: string } {
  if (films.length === 0) return { code: 'empty-catalogue', why: 'The catalogue has no films' };
  if (!isHeld.includes(1)) {
    return { code: 'no-film-in-market', why: `No film is available in market ${market}` };
  }
  if (!films.some((_, film) => isHeld[film] === 1 && isAllowed(maxAge, minAge[film]!))) {
    return { code: 'no-film-at-age', why: `No film has a certificate that allows it at age ${maxAge}` };
  }
  return { code: 'everything-seen', why: 'Every film that may be shown was seen or hidden already' };
}
