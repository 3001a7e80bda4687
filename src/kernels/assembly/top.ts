// The best films of many viewers. Films come in tiles, by falling norm: |x·y| ≤ ‖x‖‖y‖, so a tile whose largest norm cannot
// lift any viewer of the block over its list's last score ends the block, exactly.
import { at, product } from './tiles';

/** Viewers that share a tile's loads. */
const BLOCK: i32 = 16;
/** Films of a tile: 256 × 64 floats stay in the second-level cache, their scores for a block in the first. */
const TILE: i32 = 256;

/** Bytes of scratch for one thread. */
export function topScratch(stride: i32): usize {
  return (<usize>(BLOCK * stride + BLOCK * TILE + 2 * BLOCK)) << 2;
}

/**
 * Copies films into panels of eight, [panel][stride][8], in the order `place` gives: place n holds film row place[n].
 * Room past the last film is zero.
 */
export function packFilms(films: usize, place: usize, count: i32, stride: i32, out: usize): void {
  const panels = (count + 7) >> 3;
  memory.fill(out, 0, (<usize>(panels * stride)) << 5);
  for (let n = 0; n < count; n++) {
    const from = at(films, load<i32>(at(place, n)) * stride);
    const to = at(out, (n >> 3) * stride * 8 + (n & 7));
    for (let p = 0; p < stride; p++) store<f32>(to + ((<usize>p) << 5), load<f32>(at(from, p)));
  }
}

/**
 * For each viewer the `size` films of the highest score x·y, ties by film row, best first: rows in `topFilm`, scores in
 * `topScore`, −1 and −∞ where there are no more. A score is summed over the columns in order, without fusing. Not listed:
 * places in hidden[hiddenStart[v] … hiddenStart[v+1]), ascending, and those whose `mask` of the viewer's class is −∞ (else 0; a row
 * of `maskPitch` floats, −∞ past the last film). `norm`: upper bound of the norms of each tile, `viewerNorm` of each viewer.
 * Returns the tiles that were scored.
 */
export function topFilms(
  viewers: usize,
  count: i32,
  packed: usize,
  films: i32,
  stride: i32,
  place: usize,
  hiddenStart: usize,
  hidden: usize,
  classOf: usize,
  mask: usize,
  maskPitch: i32,
  norm: usize,
  viewerNorm: usize,
  size: i32,
  topFilm: usize,
  topScore: usize,
  scratch: usize,
): i32 {
  const turned = scratch; // four viewers side by side, [group][stride][4]
  const scores = at(turned, BLOCK * stride);
  const cursor = at(scores, BLOCK * TILE); // next hidden place of each viewer
  const last = at(cursor, BLOCK); // score to beat
  const padded = (films + 7) & ~7;
  let tiles = 0;
  for (let first = 0; first < count; first += BLOCK) {
    const block = min(BLOCK, count - first);
    const groups = (block + 3) >> 2;
    memory.fill(turned, 0, (<usize>(BLOCK * stride)) << 2);
    for (let a = 0; a < block; a++) {
      const v = first + a;
      const from = at(viewers, v * stride);
      const to = at(turned, (a >> 2) * stride * 4 + (a & 3));
      for (let p = 0; p < stride; p++) store<f32>(to + ((<usize>p) << 4), load<f32>(at(from, p)));
      store<i32>(at(cursor, a), load<i32>(at(hiddenStart, v)));
      store<f32>(at(last, a), -Infinity);
      for (let n = v * size; n < (v + 1) * size; n++) {
        store<f32>(at(topScore, n), -Infinity);
        store<i32>(at(topFilm, n), -1);
      }
    }
    for (let from = 0; from < padded; from += TILE) {
      if (!canHelp(load<f32>(at(norm, from / TILE)), at(viewerNorm, first), last, block)) break;
      tiles++;
      const width = min(TILE, padded - from);
      for (let g = 0; g < groups; g++) {
        const x = at(turned, g * stride * 4);
        const out = at(scores, g * 4 * TILE);
        for (let j = 0; j < width; j += 8) {
          product(x, 16, at(packed, (from + j) * stride), stride, at(out, j), (<usize>TILE) << 2);
        }
      }
      for (let a = 0; a < block; a++) {
        const v = first + a;
        const row = at(scores, a * TILE);
        hide(row, at(cursor, a), hidden, load<i32>(at(hiddenStart, v + 1)), from, width);
        const own = at(mask, load<i32>(at(classOf, v)) * maskPitch + from);
        const lists = v * size;
        store<f32>(
          at(last, a),
          insertAll(
            row,
            own,
            width,
            at(place, from),
            size,
            at(topFilm, lists),
            at(topScore, lists),
            load<f32>(at(last, a)),
          ),
        );
      }
    }
  }
  return tiles;
}

/** Whether a tile of films with norms up to `norm` can change any list: a tie can, too. */
function canHelp(norm: f32, viewerNorm: usize, last: usize, block: i32): bool {
  for (let a = 0; a < block; a++) {
    // not "<", so that NaN goes on to be scored, and found unlistable
    if (!(norm * load<f32>(at(viewerNorm, a)) < load<f32>(at(last, a)))) return true;
  }
  return false;
}

function hide(row: usize, cursor: usize, hidden: usize, end: i32, from: i32, width: i32): void {
  let n = load<i32>(cursor);
  for (; n < end; n++) {
    const place = load<i32>(at(hidden, n)) - from;
    if (place >= width) break;
    store<f32>(at(row, place), -Infinity);
  }
  store<i32>(cursor, n);
}

/** Takes a tile's scores into a viewer's list; returns the score to beat from now on. */
function insertAll(
  row: usize,
  mask: usize,
  width: i32,
  place: usize,
  size: i32,
  topFilm: usize,
  topScore: usize,
  last: f32,
): f32 {
  let bar = f32x4.splat(last);
  for (let j = 0; j < width; j += 4) {
    const v = v128.add<f32>(v128.load(at(row, j)), v128.load(at(mask, j)));
    if (!v128.any_true(v128.ge<f32>(v, bar))) continue;
    v128.store(at(row, j), v);
    for (let lane = j; lane < j + 4; lane++) {
      const score = load<f32>(at(row, lane));
      if (score >= last && score > -Infinity) {
        last = insert(topFilm, topScore, size, score, load<i32>(at(place, lane)), last);
      }
    }
    bar = f32x4.splat(last);
  }
  return last;
}

/** By (score desc, film asc), falling off at the end; returns the last score. */
function insert(topFilm: usize, topScore: usize, size: i32, score: f32, film: i32, last: f32): f32 {
  let n = size - 1;
  if (score == last && load<i32>(at(topFilm, n)) < film) return last;
  while (n > 0) {
    const above = load<f32>(at(topScore, n - 1));
    const aboveFilm = load<i32>(at(topFilm, n - 1));
    if (aboveFilm >= 0 && (above > score || (above == score && aboveFilm < film))) break;
    store<f32>(at(topScore, n), above);
    store<i32>(at(topFilm, n), aboveFilm);
    n--;
  }
  store<f32>(at(topScore, n), score);
  store<i32>(at(topFilm, n), film);
  return load<f32>(at(topScore, size - 1));
}
