import type { Config, Reason } from '../../contracts/index.js';
import type { Allows } from '../age-gate/index.js';
import type { ViewerHistory } from '../als/solve-viewer.js';
import { type Evidence, EVIDENCE_KINDS, likedGenre, POPULAR_NOW, reasonOf } from '../explain/reason.js';
import { type Blend, createBlend, favouredGenre, genreTasteOf, type Standing } from './blend.js';
import type { Catalogue, Shelf } from './catalogue.js';
import type { Model, TasteReader } from './model.js';
import type { CreateServedOrder, ListLimits, ServedOrder, TopRows } from './served-order.js';
import { openTaste } from './taste.js';
import { type Interaction, isPassedOver, type ScoredItem, type Viewer } from './viewer.js';

type Settings = Pick<Config, 'lists' | 'eligibility' | 'blend'>;
/** A viewer whose list is wanted, with its market's shelf. */
export interface Listed {
  viewer: Viewer;
  shelf: Shelf;
}

/** Parts of list making that differ: the age gate, and who puts films in the served order. */
export interface ListParts {
  allows: Allows;
  createOrder: CreateServedOrder;
}

/** What the viewer liked: an interaction of the history with its row in the model, −1 = not in it. */
export type Cell = Interaction & { row: number };

/** What the order of a viewer's films comes from. */
export interface ViewerTaste {
  /** Films of the history that the model has learnt, in ascending row. */
  cells: readonly Cell[];
  history: ViewerHistory;
  /** The model knows something that the viewer liked. */
  isKnown: boolean;
  genreTaste: Float64Array | null;
}

/**
 * A model's films among the catalogue's, and what is read of a viewer to order them (blend.ts). A viewer who liked nothing that
 * the model knows is ranked by the genres of what it did like. Null for a viewer of whom neither is known.
 */
export function createTasteReader(
  catalogue: Catalogue,
  model: Model,
  { eligibility, blend: weights }: Pick<Settings, 'eligibility' | 'blend'>,
  taste = openTaste(model, weights.newPerTwenty),
) {
  const { filmIds } = taste;
  const known = model.filmIds.length;
  const filmOfRow = Int32Array.from(filmIds, (filmId) => catalogue.indexOf(filmId) ?? -1);
  const rowOfFilm = new Int32Array(catalogue.films.length).fill(-1);
  filmOfRow.forEach((film, row) => {
    if (film >= 0) rowOfFilm[film] = row;
  });
  const blend = createBlend(
    filmIds.map((_, row) => ({
      ...(model.standing[row] ?? NOBODY_YET),
      genres: catalogue.films[filmOfRow[row]!]?.genres ?? [],
    })),
    weights,
    known,
  );

  const tasteOf = (viewer: Viewer): ViewerTaste | null => {
    const weighed: Cell[] = viewer.history
      .map((interaction) => ({ ...interaction, row: rowOfFilm[interaction.film]! }))
      .filter(({ weightMicro }) => weightMicro !== 0)
      .sort((a, b) => a.row - b.row);
    const liked = weighed.filter(({ weightMicro }) => weightMicro > 0);
    if (!viewer.isPersonal || liked.length < eligibility.minUserPos) return null;

    const cells = weighed.filter(({ row }) => row >= 0 && row < known);
    const isKnown = cells.some(({ weightMicro }) => weightMicro > 0);
    const genreTaste = genresOf(catalogue, blend, liked);
    if (!isKnown && (genreTaste === null || blend.genreWeight === 0)) return null;
    const history: ViewerHistory = {
      filmRows: cells.map(({ row }) => row),
      weightMicro: cells.map(({ weightMicro }) => weightMicro),
    };
    return { cells, history, isKnown, genreTaste };
  };
  return { blend, taste, filmOfRow, rowOfFilm, tasteOf };
}

/** What is known of a film with fewer viewers than may be told apart: nothing (config eligibility.minItemUsers). */
const NOBODY_YET: Standing = { positives: 0, trendMicro: 0 };

/** Lists of viewers; empty for one of whom nothing is known. */
export type PersonalLists = (listed: readonly Listed[]) => ScoredItem[][];

/**
 * Lists of viewers in the served order, each item with what speaks for it most. `allows` and what a viewer must not be shown
 * again are filters of the order itself. What hangs on the model alone is worked out once: catalogues come every few minutes
 * (api/refresh.ts), models every night. Lists over an earlier catalogue are done with when another is asked for.
 */
export function createPersonalLists(
  model: Model,
  settings: Settings,
  parts: ListParts,
): (catalogue: Catalogue) => PersonalLists {
  const taste = openTaste(model, settings.blend.newPerTwenty);
  let laid: { order: ServedOrder; viewers: TasteReader } | null = null;
  return (catalogue) => {
    const reader = createTasteReader(catalogue, model, settings, taste);
    const order = laid?.order.over(reader.blend) ?? parts.createOrder(taste.source, reader.blend);
    laid = { order, viewers: laid?.viewers ?? taste.reader(order.block) };
    return listsOver(catalogue, reader, laid, settings.lists, parts.allows);
  };
}

function listsOver(
  catalogue: Catalogue,
  { blend, filmOfRow, rowOfFilm, tasteOf }: ReturnType<typeof createTasteReader>,
  { order, viewers }: { order: ServedOrder; viewers: TasteReader },
  lists: Settings['lists'],
  allows: Allows,
): PersonalLists {
  const groups = new Map<string, number>();

  /** Viewers of one market and age limit may see the same films. */
  const groupOf = ({ viewer: { market, maxAge }, shelf }: Listed): number => {
    const key = `${maxAge} ${market}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const isOpen = (film: number) =>
      film >= 0 && shelf.isHeld[film] === 1 && allows(maxAge, shelf.minAge[film]!);
    const group = order.addClass(Uint8Array.from(filmOfRow, (film) => Number(!isOpen(film))));
    groups.set(key, group);
    return group;
  };

  const limitsOf = (listed: Listed): ListLimits => ({
    group: groupOf(listed),
    hidden: listed.viewer.history
      .filter(isPassedOver)
      .map(({ film }) => rowOfFilm[film]!)
      .filter((row) => row >= 0),
  });

  const itemsOf = (listed: Listed, own: ViewerTaste, slot: number, top: TopRows): ScoredItem[] => {
    const { viewer, shelf } = listed;
    const { cells, history, genreTaste, isKnown } = own;
    const standsFor = top.rows.map((row, n) => {
      const genre = genreTaste === null ? null : favouredGenre(blend, row, genreTaste);
      const now = blend.hasNow ? blend.now[row]! : -Infinity;
      const [taste, genres] = [top.taste[n]!, genre === null ? -Infinity : top.genres[n]!];
      if (isKnown && taste >= genres && taste >= now) return 'taste';
      return genre !== null && genres >= now ? likedGenre(genre) : POPULAR_NOW;
    });
    const evidence = cells.map((cell) => evidenceOf(catalogue, shelf, viewer, cell, allows));
    const byTaste = top.rows.filter((_, n) => standsFor[n] === 'taste');
    const contributions = viewers.contributions(byTaste, history, slot);
    let next = 0;
    const tasteReason = (row: number): Reason => {
      const from = next++ * cells.length;
      evidence.forEach((item, c) => (item.contribution = contributions[from + c]!));
      const { genres } = catalogue.films[filmOfRow[row]!]!;
      // A film that was bookmarked or shared and not seen yet is in the history too: it is no reason for itself.
      const own = cells.findIndex((cell) => cell.row === row);
      return reasonOf(genres, own < 0 ? evidence : evidence.toSpliced(own, 1), lists);
    };
    return top.rows.map((row, n) => {
      const film = filmOfRow[row]!;
      const why = standsFor[n]!;
      const reason = why === 'taste' ? tasteReason(row) : why;
      return { film, minAge: shelf.minAge[film]!, score: top.total[n]!, reason };
    });
  };

  return (listed) => {
    const items: ScoredItem[][] = listed.map(() => []);
    const known = listed.flatMap((one, at) => {
      const own = tasteOf(one.viewer);
      return own === null ? [] : [{ one, own, at }];
    });
    for (let from = 0; from < known.length; from += order.block) {
      const block = known.slice(from, from + order.block);
      order.score(
        block.map(({ own: { history, isKnown, genreTaste } }, slot) => ({
          x: isKnown ? viewers.read(history, slot) : null,
          genreTaste,
        })),
      );
      const tops = order.top(
        block.map(({ one }) => limitsOf(one)),
        lists.size,
      );
      block.forEach(({ one, own, at }, slot) => (items[at] = itemsOf(one, own, slot, tops[slot]!)));
    }
    return items;
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
