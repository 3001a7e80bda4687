// Units of bench/score.js inside a thread: 256 viewers each.
import { createSimdTopScorer } from '../dist/kernels/simd/top-films.js';

const UNIT = 256;

/** `job`: { viewers, films: Float32Array, k, size, start, column: Int32Array, topFilm, topScore } in shared memory. */
export function createUnitRunner({ viewers, films, k, size, start, column, topFilm, topScore }) {
  const scorer = createSimdTopScorer(films, k, size);
  const everything = scorer.addClass(new Uint8Array(films.length / k));
  return (_phase, unit) => {
    const first = unit * UNIT;
    const end = Math.min(first + UNIT, start.length - 1);
    const hidden = [];
    for (let v = first; v < end; v++) hidden.push(column.subarray(start[v], start[v + 1]));
    const { film, score } = scorer.top({
      factors: viewers.subarray(first * k, end * k),
      hidden,
      classOf: new Int32Array(end - first).fill(everything),
    });
    topFilm.set(film, first * size);
    topScore.set(score, first * size);
  };
}

export function unitsOf(viewers) {
  return Math.ceil(viewers / UNIT);
}
