import type { Blend } from '../ranking/blend.js';
import { genreMixes } from '../ranking/genre-mixes.js';
import { holdNewFilms } from '../ranking/new-films.js';
import type { CreateServedOrder, ServedOrder } from '../ranking/served-order.js';
import type { TasteSource } from '../ranking/taste-source.js';
import { listOf } from './film-lists.js';
import type { BlendScorer, Scorer, TasteScorer } from './judgement.js';

/** Writes the scores of a viewer for all films; `open` = 1 for its candidates. */
export type Score = (viewer: number, out: Float64Array, open: Uint8Array) => void;

/**
 * Scores by taste, and the blend over the same taste: viewers are scored in blocks, and scorers over the same numbers share
 * their products. Viewers are best asked for in order.
 */
export function createTasteScores(
  scorers: readonly Scorer[],
  viewers: number,
  createOrder: CreateServedOrder,
): (scorer: TasteScorer | BlendScorer) => Score {
  const blocks = new Map<Float32Array, ReturnType<typeof blockOf>>();
  const blends = new Map(
    scorers.flatMap((own) => (own.kind === 'blend' ? [[numbersOf(own.taste), own] as const] : [])),
  );

  function blockOf(taste: TasteScorer) {
    const blended = blends.get(numbersOf(taste));
    const source = sourceOf(blended?.taste ?? taste);
    const rows = rowsOf(source);
    const order = createOrder(source, blended?.blend ?? unblended(rows));
    return { rows: new Float64Array(rows), into: blockReader(order, taste, blended, viewers) };
  }

  return (scorer) => {
    const taste = scorer.kind === 'blend' ? scorer.taste : scorer;
    const block = blocks.get(numbersOf(taste)) ?? blockOf(taste);
    blocks.set(numbersOf(taste), block);
    return (viewer, out, open) => {
      block.into(scorer.kind === 'blend', viewer, block.rows);
      for (let film = 0; film < out.length; film++) {
        const row = scorer.rowOfFilm[film]!;
        out[film] = row < 0 ? -Infinity : block.rows[row]!;
      }
      if (scorer.kind === 'blend') holdTo(scorer, out, open);
    };
  };
}

/** What was learnt: scorers over the same numbers are one. */
const numbersOf = (taste: TasteScorer): Float32Array =>
  taste.kind === 'factors' ? taste.films : taste.items.weights;

const sourceOf = (taste: TasteScorer): TasteSource =>
  taste.kind === 'factors' ? { kind: 'factors', films: taste.films, k: taste.stride } : taste.items;

const rowsOf = (source: TasteSource): number =>
  source.kind === 'factors' ? source.films.length / source.k : source.films + source.fresh;

/** A viewer's x, as the source takes it. */
function viewerOf(taste: TasteScorer, viewer: number): ArrayLike<number> {
  if (taste.kind === 'items') return listOf(taste.histories, viewer);
  return taste.viewers.subarray(viewer * taste.stride, (viewer + 1) * taste.stride);
}

/** As lists are served: new films at their quota. */
function holdTo({ blend, rowOfFilm, listSize }: BlendScorer, scores: Float64Array, open: Uint8Array): void {
  if (blend.rows === blend.known) return;
  const isNew = (film: number) => rowOfFilm[film]! >= blend.known;
  const isCandidate = (film: number) => open[film] === 1 && rowOfFilm[film]! >= 0;
  holdNewFilms(scores, isNew, isCandidate, { size: listSize, perTwenty: blend.newPerTwenty });
}

function blockReader(
  order: ServedOrder,
  taste: TasteScorer,
  blended: BlendScorer | undefined,
  count: number,
): (isBlend: boolean, viewer: number, out: Float64Array) => void {
  const genres = blended?.blend.genreNames.length ?? 0;
  let first = -1;
  return (isBlend, viewer, out) => {
    const wanted = viewer - (viewer % order.block);
    if (wanted !== first) {
      first = wanted;
      const length = Math.min(order.block, count - first);
      order.score(
        Array.from({ length }, (_, n) => ({
          x: viewerOf(taste, first + n),
          genreTaste: blended?.genreTaste.subarray((first + n) * genres, (first + n + 1) * genres) ?? null,
        })),
      );
    }
    if (isBlend) order.totalInto(viewer - first, out);
    else order.tasteInto(viewer - first, out);
  };
}

/** Of a taste that nothing is blended with. */
function unblended(rows: number): Blend {
  return {
    rows,
    known: rows,
    newPerTwenty: 0,
    now: new Float64Array(rows),
    hasNow: false,
    genreWeight: 0,
    genreNames: [],
    genreNumbers: new Map(),
    mixes: genreMixes(
      Array.from({ length: rows }, () => []),
      rows,
    ),
    mix: new Float64Array(0),
  };
}
