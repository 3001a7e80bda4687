/**
 * Small dense algebra in flat Float64Arrays: the lower triangle of a stride × stride square, row-major, where
 * stride = k rounded up to a multiple of 4 (the tile). Rows and columns past k hold zeros, except a unit diagonal that
 * the ridge puts there. No allocation, fixed order of additions, so equal input gives equal bits.
 */

/** Rows of the panel that `addPanel` takes at once: 32 rows of 64 doubles stay in the first-level cache. */
export const PANEL_ROWS = 32;

export function strideOf(k: number): number {
  return (k + 3) & ~3;
}

/**
 * A += Σ_r z_r z_rᵀ over the first `rows` rows of `panel` (rows × stride), lower triangle.
 * Tiles of 4 × 2 keep eight sums in registers; a tile on the diagonal also writes a few cells above it, unused.
 */
export function addPanel(a: Float64Array, stride: number, panel: Float64Array, rows: number): void {
  const end = rows * stride;
  for (let i = 0; i < stride; i += 4) {
    for (let j = 0; j < i + 4; j += 2) {
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      let s20 = 0;
      let s21 = 0;
      let s30 = 0;
      let s31 = 0;
      for (let r = 0; r < end; r += stride) {
        const z0 = panel[r + j]!;
        const z1 = panel[r + j + 1]!;
        const p0 = panel[r + i]!;
        s00 += p0 * z0;
        s01 += p0 * z1;
        const p1 = panel[r + i + 1]!;
        s10 += p1 * z0;
        s11 += p1 * z1;
        const p2 = panel[r + i + 2]!;
        s20 += p2 * z0;
        s21 += p2 * z1;
        const p3 = panel[r + i + 3]!;
        s30 += p3 * z0;
        s31 += p3 * z1;
      }
      let at = i * stride + j;
      a[at]! += s00;
      a[at + 1]! += s01;
      at += stride;
      a[at]! += s10;
      a[at + 1]! += s11;
      at += stride;
      a[at]! += s20;
      a[at + 1]! += s21;
      at += stride;
      a[at]! += s30;
      a[at + 1]! += s31;
    }
  }
}

/**
 * A = L Lᵀ in place (Cholesky–Banachiewicz, row by row, four columns at a time). A matrix that is not positive definite
 * leaves NaN in L, which reaches every solution: the caller checks there, once.
 */
export function factorise(a: Float64Array, stride: number): void {
  for (let i = 0; i < stride; i++) {
    const row = i * stride;
    for (let j = 0; j <= i; j += 4) {
      const r0 = j * stride;
      const r1 = r0 + stride;
      const r2 = r1 + stride;
      const r3 = r2 + stride;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let p = 0; p < j; p++) {
        const l = a[row + p]!;
        s0 += l * a[r0 + p]!;
        s1 += l * a[r1 + p]!;
        s2 += l * a[r2 + p]!;
        s3 += l * a[r3 + p]!;
      }
      a[row + j]! -= s0;
      a[row + j + 1]! -= s1;
      a[row + j + 2]! -= s2;
      a[row + j + 3]! -= s3;
      finishBlock(a, stride, i, j);
    }
  }
}

/** The part of row i that depends on its own block of columns j … min(j+3, i). */
function finishBlock(a: Float64Array, stride: number, i: number, j: number): void {
  const row = i * stride;
  for (let q = j; q < j + 4 && q <= i; q++) {
    let s = a[row + q]!;
    for (let p = j; p < q; p++) s -= a[row + p]! * a[q * stride + p]!;
    a[row + q] = q === i ? Math.sqrt(s) : s / a[q * stride + q]!;
  }
}

/** x ← A⁻¹ x for the first k entries, given A's factor L: L z = x, then Lᵀ x = z. */
export function solveFactorised(l: Float64Array, stride: number, k: number, x: Float64Array): void {
  for (let i = 0; i < k; i++) {
    const row = i * stride;
    let s = x[i]!;
    for (let p = 0; p < i; p++) s -= l[row + p]! * x[p]!;
    x[i] = s / l[row + i]!;
  }
  for (let i = k - 1; i >= 0; i--) {
    const row = i * stride;
    const xi = x[i]! / l[row + i]!;
    x[i] = xi;
    for (let p = 0; p < i; p++) x[p]! -= l[row + p]! * xi;
  }
}

/** The same for four right-hand sides, entry j of side n at x[4 j + n]: each gets the bits that it gets alone. */
export function solveFourFactorised(l: Float64Array, stride: number, k: number, x: Float64Array): void {
  for (let i = 0; i < k; i++) {
    const row = i * stride;
    const at = 4 * i;
    let s0 = x[at]!;
    let s1 = x[at + 1]!;
    let s2 = x[at + 2]!;
    let s3 = x[at + 3]!;
    for (let p = 0, q = 0; p < i; p++, q += 4) {
      const v = l[row + p]!;
      s0 -= v * x[q]!;
      s1 -= v * x[q + 1]!;
      s2 -= v * x[q + 2]!;
      s3 -= v * x[q + 3]!;
    }
    const d = l[row + i]!;
    x[at] = s0 / d;
    x[at + 1] = s1 / d;
    x[at + 2] = s2 / d;
    x[at + 3] = s3 / d;
  }
  for (let i = k - 1; i >= 0; i--) {
    const row = i * stride;
    const at = 4 * i;
    const d = l[row + i]!;
    const x0 = x[at]! / d;
    const x1 = x[at + 1]! / d;
    const x2 = x[at + 2]! / d;
    const x3 = x[at + 3]! / d;
    x[at] = x0;
    x[at + 1] = x1;
    x[at + 2] = x2;
    x[at + 3] = x3;
    for (let p = 0, q = 0; p < i; p++, q += 4) {
      const v = l[row + p]!;
      x[q]! -= v * x0;
      x[q + 1]! -= v * x1;
      x[q + 2]! -= v * x2;
      x[q + 3]! -= v * x3;
    }
  }
}

/** a · b over k entries from two offsets, in four interleaved sums. */
export function dot(
  a: Float32Array | Float64Array,
  at: number,
  b: Float32Array | Float64Array,
  bt: number,
  k: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 3 < k; j += 4) {
    s0 += a[at + j]! * b[bt + j]!;
    s1 += a[at + j + 1]! * b[bt + j + 1]!;
    s2 += a[at + j + 2]! * b[bt + j + 2]!;
    s3 += a[at + j + 3]! * b[bt + j + 3]!;
  }
  for (; j < k; j++) s0 += a[at + j]! * b[bt + j]!;
  return s0 + s1 + (s2 + s3);
}
