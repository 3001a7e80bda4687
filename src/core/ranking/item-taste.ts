import type { ViewerHistory } from '../als/solve-viewer.js';
import type { EaseModel, Taste } from './model.js';
import { type ItemWeights, itemWeight } from './taste-source.js';

/**
 * x_u is the films that the viewer liked, each once, as EASE was fitted: there is nothing to solve, and a viewer who came
 * after the night is read like any other.
 */
export function openItems({ filmIds, weights, cold }: EaseModel, newPerTwenty: number): Taste {
  const fresh = newPerTwenty === 0 ? [] : cold.films.flatMap(({ isNew }, n) => (isNew ? [n] : []));
  const films = filmIds.length;
  const source: ItemWeights = {
    kind: 'items',
    weights,
    films,
    pitch: films,
    freshWeights: chosen(cold.weights, films, cold.films.length, fresh),
    fresh: fresh.length,
  };
  return {
    filmIds: [...filmIds, ...fresh.map((n) => cold.films[n]!.filmId)],
    source,
    reader: () => ({
      read: likedRows,
      contributions(rows, { filmRows, weightMicro }) {
        const cells = filmRows.length;
        const out = new Float64Array(rows.length * cells);
        rows.forEach((row, n) => {
          for (let c = 0; c < cells; c++) {
            if (weightMicro[c]! > 0) out[n * cells + c] = itemWeight(source, filmRows[c]!, row);
          }
        });
        return out;
      },
    }),
  };
}

function likedRows({ filmRows, weightMicro }: ViewerHistory): number[] {
  return Array.from(filmRows).filter((_, c) => weightMicro[c]! > 0);
}

/** Some columns of rows × columns; all of them are not copied. */
function chosen(
  values: Float32Array,
  rows: number,
  columns: number,
  wanted: readonly number[],
): Float32Array {
  if (wanted.length === columns) return values;
  const out = new Float32Array(rows * wanted.length);
  for (let row = 0; row < rows; row++) {
    wanted.forEach((column, n) => (out[row * wanted.length + n] = values[row * columns + column]!));
  }
  return out;
}
