import { createArena } from '../als/arena.js';
import type { Matrix } from '../als/cells.js';
import { type EaseFacts, type FactsInput, createEaseFacts } from './facts.js';

/** Pivots of one sweep. */
export const SWEEP_WIDTH = 128;
/** The weights take 4 bytes a pair of films and must lie in one memory of 4 GiB, with room to work: 1.6 GB at this size. */
export const EASE_MAX_FILMS = 20_000;

/** All that threads share while fitting; every array lies in `memory`. */
export interface EaseWorkspace {
  memory: WebAssembly.Memory;
  films: number;
  /** `films` rounded up to whole sweeps; rows past `films` are those of a unit matrix. */
  size: number;
  lambda: number;
  /** Films of viewer u: film[start[u]] … film[start[u+1]−1], ascending, and the same by film. */
  byViewer: { start: Int32Array; column: Int32Array };
  byFilm: { start: Int32Array; column: Int32Array };
  /** size × size: XᵀX + λI (upper triangle), then the weights B. */
  matrix: Float32Array;
  /** Of the sweep at hand: its first pivot, D⁻¹, R and W (see kernels.ts). */
  pivot: Int32Array;
  inverse: Float32Array;
  r: Float32Array;
  w: Float32Array;
  /** null = films that nobody knows have no weights. */
  facts: EaseFacts | null;
}

/** Bytes of the matrix while it is fitted. */
export function easeBytes(films: number): number {
  return 4 * sizeOf(films) ** 2;
}

const sizeOf = (films: number) => Math.max(1, Math.ceil(films / SWEEP_WIDTH)) * SWEEP_WIDTH;

/** B as it is published: films × films. */
export function publishedWeights({ matrix, films, size }: EaseWorkspace): Float32Array<ArrayBuffer> {
  const out = new Float32Array(films * films);
  for (let i = 0; i < films; i++) out.set(matrix.subarray(i * size, i * size + films), i * films);
  return out;
}

/** Cells of positive weight count 1, others are left out. Throws RangeError when there are too many films. */
export function createEaseWorkspace(
  { byRow, byColumn }: Pick<Matrix, 'byRow' | 'byColumn'>,
  lambda: number,
  facts: FactsInput | null = null,
): EaseWorkspace {
  const films = byColumn.rows;
  if (films > EASE_MAX_FILMS) {
    throw new RangeError(
      `EASE holds a weight for each pair of films, so that it takes ${EASE_MAX_FILMS} films at most; got ${films}`,
    );
  }
  const arena = createArena();
  const size = sizeOf(films);
  const positives = ({ start, column, weightMicro }: Matrix['byRow']) => {
    const own = { start: arena.int32(start.length), column: arena.int32(column.length) };
    let end = 0;
    for (let row = 0; row + 1 < start.length; row++) {
      for (let c = start[row]!; c < start[row + 1]!; c++) {
        if (weightMicro[c]! > 0) own.column[end++] = column[c]!;
      }
      own.start[row + 1] = end;
    }
    return own;
  };
  const byFilm = positives(byColumn);
  const likes = Float64Array.from({ length: films }, (_, i) => byFilm.start[i + 1]! - byFilm.start[i]!);
  return {
    memory: arena.memory,
    films,
    size,
    lambda,
    byViewer: positives(byRow),
    byFilm,
    facts: facts === null ? null : createEaseFacts(arena, facts, likes),
    matrix: arena.float32(size * size),
    pivot: arena.int32(1),
    inverse: arena.float32(SWEEP_WIDTH * SWEEP_WIDTH),
    r: arena.float32(SWEEP_WIDTH * size),
    w: arena.float32(SWEEP_WIDTH * size),
  };
}
