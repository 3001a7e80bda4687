import { addOuter } from './tiles';

/** Rows that are added to a tile before the next tile: 64 rows of 64 floats stay in the first-level cache. */
const CHUNK = 64;

/** The upper triangle of A (and what lies below it inside a tile) += PᵀP over `rows` rows of P. */
export function addGram(p: usize, rows: i32, stride: i32, a: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let first = 0; first < rows; first += CHUNK) {
    const chunk = min(CHUNK, rows - first);
    const from = p + <usize>first * bytes;
    for (let i = 0; i < stride; i += 4) {
      for (let j = i & ~7; j < stride; j += 8) addOuter(from, chunk, bytes, i, j, a, bytes);
    }
  }
}

/** out = PᵀP, upper triangle. */
export function gram(p: usize, rows: i32, stride: i32, out: usize): void {
  memory.fill(out, 0, (<usize>(stride * stride)) << 2);
  addGram(p, rows, stride, out);
}
