import type { Blend } from '../ranking/blend.js';
import { holdNewFilms } from '../ranking/new-films.js';
import type { CreateServedOrder, ServedOrder } from '../ranking/served-order.js';
import type { BlendScorer, FactorScorer, Scorer } from './judgement.js';

/** Writes the scores of a viewer for all films; `open` = 1 for its candidates. */
export type Score = (viewer: number, out: Float64Array, open: Uint8Array) => void;
type Factors = FactorScorer | BlendScorer;

/**
 * Scores by factors, and the blend over the same factors: viewers are scored in blocks, and scorers over the same factors share
 * their products. Viewers are best asked for in order.
 */
export function createFactorScores(
  scorers: readonly Scorer[],
  viewers: number,
  createOrder: CreateServedOrder,
): (scorer: Factors) => Score {
  const blocks = new Map<Float32Array, ReturnType<typeof blockOf>>();
  const blends = new Map(scorers.flatMap((own) => (own.kind === 'blend' ? [[own.films, own] as const] : [])));

  function blockOf(scorer: Factors) {
    const { films, stride } = scorer;
    const blended = blends.get(films);
    const order = createOrder(films, stride, blended?.blend ?? unblended(films.length / stride));
    return {
      rows: new Float64Array(films.length / stride),
      into: blockReader(order, scorer, blended, viewers),
    };
  }

  return (scorer) => {
    const block = blocks.get(scorer.films) ?? blockOf(scorer);
    blocks.set(scorer.films, block);
    return (viewer, out, open) => {
      block.into(scorer.kind, viewer, block.rows);
      for (let film = 0; film < out.length; film++) {
        const row = scorer.rowOfFilm[film]!;
        out[film] = row < 0 ? -Infinity : block.rows[row]!;
      }
      if (scorer.kind === 'blend') holdTo(scorer, out, open);
    };
  };
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
  { viewers, stride }: Factors,
  blended: BlendScorer | undefined,
  count: number,
): (kind: Factors['kind'], viewer: number, out: Float64Array) => void {
  const genres = blended?.blend.genreNames.length ?? 0;
  let first = -1;
  return (kind, viewer, out) => {
    const wanted = viewer - (viewer % order.block);
    if (wanted !== first) {
      first = wanted;
      const length = Math.min(order.block, count - first);
      order.score(
        Array.from({ length }, (_, n) => ({
          x: viewers.subarray((first + n) * stride, (first + n + 1) * stride),
          genreTaste: blended?.genreTaste.subarray((first + n) * genres, (first + n + 1) * genres) ?? null,
        })),
      );
    }
    if (kind === 'blend') order.totalInto(viewer - first, out);
    else order.tasteInto(viewer - first, out);
  };
}

/** Of factors that nothing is blended with. */
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
    genreStart: new Int32Array(rows + 1),
    genre: new Int32Array(0),
    mix: new Float64Array(0),
  };
}
