// Units of bench/score.js inside a thread: 256 viewers each, in the order that lists are served in, by taste alone.
import { createBlend } from '../dist/core/ranking/blend.js';
import { createSimdOrder } from '../dist/kernels/simd/served-order.js';

const UNIT = 256;
const TASTE_ALONE = { nowWeight: 0, nowHalfLifeDays: 3, genreWeight: 0, newPerTwenty: 0 };
const NO_FACTS = { genres: [], positives: 0, trendMicro: 0 };

/** `job`: { viewers, films: Float32Array, k, size, start, column, topFilm: Int32Array } in shared memory. */
export function createUnitRunner({ viewers, films, k, size, start, column, topFilm }) {
  const rows = films.length / k;
  const blend = createBlend(Array(rows).fill(NO_FACTS), TASTE_ALONE);
  const order = createSimdOrder({ kind: 'factors', films, k }, blend);
  const group = order.addClass(new Uint8Array(rows));
  return (_phase, unit) => {
    const end = Math.min((unit + 1) * UNIT, start.length - 1);
    for (let first = unit * UNIT; first < end; first += order.block) {
      const block = [];
      for (let v = first; v < Math.min(first + order.block, end); v++) block.push(v);
      order.score(block.map((v) => ({ x: viewers.subarray(v * k, (v + 1) * k), genreTaste: null })));
      const limits = block.map((v) => ({ hidden: column.subarray(start[v], start[v + 1]), group }));
      order.top(limits, size).forEach(({ rows: top }, n) => topFilm.set(top, block[n] * size));
    }
  };
}

export function unitsOf(viewers) {
  return Math.ceil(viewers / UNIT);
}

/** Units that are worth a thread of their own: starting one takes as long as some fifteen. */
const UNITS_PER_THREAD = 16;

export function threadsFor(viewers, most) {
  return Math.max(1, Math.min(most, Math.floor(unitsOf(viewers) / UNITS_PER_THREAD)));
}
