// Register tiles: 4 rows × 8 columns of f32 sums in eight 128-bit registers, two loads and one splat beside them, which
// fits the sixteen registers of every x86-64 and leaves room on ARM. Products are rounded before they are added (no fused
// multiply-add), so that every machine gives the same bits.

export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

export function muladd(sum: v128, a: v128, b: v128): v128 {
  return v128.add<f32>(sum, v128.mul<f32>(a, b));
}

export function mulsub(sum: v128, a: v128, b: v128): v128 {
  return v128.sub<f32>(sum, v128.mul<f32>(a, b));
}

/** The four lanes, added in pairs. */
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** A[i … i+4)[j … j+8) += Σ_r P[r][i …] P[r][j …] over `rows` rows of P, `pitch` bytes apart; A's rows are `lda` bytes. */
export function addOuter(p: usize, rows: i32, pitch: usize, i: i32, j: i32, a: usize, lda: usize): void {
  const a0 = at(a + <usize>i * lda, j);
  const a1 = a0 + lda;
  const a2 = a1 + lda;
  const a3 = a2 + lda;
  let c00 = v128.load(a0);
  let c01 = v128.load(a0, 16);
  let c10 = v128.load(a1);
  let c11 = v128.load(a1, 16);
  let c20 = v128.load(a2);
  let c21 = v128.load(a2, 16);
  let c30 = v128.load(a3);
  let c31 = v128.load(a3, 16);
  let pi = at(p, i);
  let pj = at(p, j);
  for (let r = 0; r < rows; r++) {
    const b0 = v128.load(pj);
    const b1 = v128.load(pj, 16);
    let s = v128.load32_splat(pi);
    c00 = muladd(c00, s, b0);
    c01 = muladd(c01, s, b1);
    s = v128.load32_splat(pi, 4);
    c10 = muladd(c10, s, b0);
    c11 = muladd(c11, s, b1);
    s = v128.load32_splat(pi, 8);
    c20 = muladd(c20, s, b0);
    c21 = muladd(c21, s, b1);
    s = v128.load32_splat(pi, 12);
    c30 = muladd(c30, s, b0);
    c31 = muladd(c31, s, b1);
    pi += pitch;
    pj += pitch;
  }
  v128.store(a0, c00);
  v128.store(a0, c01, 16);
  v128.store(a1, c10);
  v128.store(a1, c11, 16);
  v128.store(a2, c20);
  v128.store(a2, c21, 16);
  v128.store(a3, c30);
  v128.store(a3, c31, 16);
}

/** The same with a minus: the update of a Cholesky factor by its own earlier rows. */
export function subtractOuter(p: usize, rows: i32, pitch: usize, i: i32, j: i32, a: usize, lda: usize): void {
  const a0 = at(a + <usize>i * lda, j);
  const a1 = a0 + lda;
  const a2 = a1 + lda;
  const a3 = a2 + lda;
  let c00 = v128.load(a0);
  let c01 = v128.load(a0, 16);
  let c10 = v128.load(a1);
  let c11 = v128.load(a1, 16);
  let c20 = v128.load(a2);
  let c21 = v128.load(a2, 16);
  let c30 = v128.load(a3);
  let c31 = v128.load(a3, 16);
  let pi = at(p, i);
  let pj = at(p, j);
  for (let r = 0; r < rows; r++) {
    const b0 = v128.load(pj);
    const b1 = v128.load(pj, 16);
    let s = v128.load32_splat(pi);
    c00 = mulsub(c00, s, b0);
    c01 = mulsub(c01, s, b1);
    s = v128.load32_splat(pi, 4);
    c10 = mulsub(c10, s, b0);
    c11 = mulsub(c11, s, b1);
    s = v128.load32_splat(pi, 8);
    c20 = mulsub(c20, s, b0);
    c21 = mulsub(c21, s, b1);
    s = v128.load32_splat(pi, 12);
    c30 = mulsub(c30, s, b0);
    c31 = mulsub(c31, s, b1);
    pi += pitch;
    pj += pitch;
  }
  v128.store(a0, c00);
  v128.store(a0, c01, 16);
  v128.store(a1, c10);
  v128.store(a1, c11, 16);
  v128.store(a2, c20);
  v128.store(a2, c21, 16);
  v128.store(a3, c30);
  v128.store(a3, c31, 16);
}

/**
 * C[0 … 4)[0 … 8) = Σ_p X[p][0 … 4) B[p][0 … 8) over `depth` steps; X's steps are `xPitch` bytes apart, B's 32, C's rows
 * `ldc`. Each of the 32 sums runs over p in order from 0, and knows nothing of its neighbours.
 */
export function product(x: usize, xPitch: usize, b: usize, depth: i32, c: usize, ldc: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(x);
    c00 = muladd(c00, s, b0);
    c01 = muladd(c01, s, b1);
    s = v128.load32_splat(x, 4);
    c10 = muladd(c10, s, b0);
    c11 = muladd(c11, s, b1);
    s = v128.load32_splat(x, 8);
    c20 = muladd(c20, s, b0);
    c21 = muladd(c21, s, b1);
    s = v128.load32_splat(x, 12);
    c30 = muladd(c30, s, b0);
    c31 = muladd(c31, s, b1);
    x += xPitch;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += ldc;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += ldc;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += ldc;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** The same sums, taken off C. */
export function subtractProduct(x: usize, xPitch: usize, b: usize, depth: i32, c: usize, ldc: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(x);
    c00 = muladd(c00, s, b0);
    c01 = muladd(c01, s, b1);
    s = v128.load32_splat(x, 4);
    c10 = muladd(c10, s, b0);
    c11 = muladd(c11, s, b1);
    s = v128.load32_splat(x, 8);
    c20 = muladd(c20, s, b0);
    c21 = muladd(c21, s, b1);
    s = v128.load32_splat(x, 12);
    c30 = muladd(c30, s, b0);
    c31 = muladd(c31, s, b1);
    x += xPitch;
    b += 32;
  }
  subtractRow(c, c00, c01);
  subtractRow(c + ldc, c10, c11);
  subtractRow(c + 2 * ldc, c20, c21);
  subtractRow(c + 3 * ldc, c30, c31);
}

function subtractRow(c: usize, low: v128, high: v128): void {
  v128.store(c, v128.sub<f32>(v128.load(c), low));
  v128.store(c, v128.sub<f32>(v128.load(c, 16), high), 16);
}
