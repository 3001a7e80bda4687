// What a faulty candidate's fit has been through: each changes a trained ALS workspace in place.
import { randomOf } from '../dist/core/random/random.js';

/** Silences a share of the viewers: their lists are in film order, worth next to nothing. */
export const silenced =
  (share) =>
  ({ viewers, stride }) => {
    const random = randomOf('silenced', share * 100);
    for (let row = 0; row < viewers.cells.rows; row++) {
      if (random.next() < share * 2 ** 32) viewers.factors.fill(0, row * stride, (row + 1) * stride);
    }
  };

/** Every viewer the same, every film as good as it has viewers. */
export function popularityAlone({ viewers, films, stride }) {
  viewers.factors.fill(1);
  films.factors.fill(0);
  const { start } = films.cells;
  for (let row = 0; row < films.cells.rows; row++) films.factors[row * stride] = start[row + 1] - start[row];
}

export function oneNotANumber({ films, stride }) {
  films.factors.fill(Number.NaN, 5 * stride, 5 * stride + 1);
}
