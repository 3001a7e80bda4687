// Off-diagonal entries count as zero below this share of √(a_pp a_qq), for single precision holds 2^-24, and below this one
// of the largest diagonal entry, where double precision ends and some a_pp may be zero.
const SMALL = 2 ** -28;
const LEAST = 2 ** -44;
/** Convergence is quadratic: no matrix was seen to need more than nine. */
const MAX_SWEEPS = 20;

/**
 * Eigenvalues and eigenvectors of a Gram matrix by Jacobi's cyclic rotations (Golub & Van Loan 2013, 8.5): A = V D Vᵀ.
 * `matrix` is stride × stride, of which the leading k × k counts; it becomes D, and `vectors` V, its columns in the order
 * that is nearest to the identity's: a diagonal matrix stays as it is. Eigenvalues below zero, which rounding makes, become
 * 0. Nothing but + − × ÷ √, so that every engine gives the same bits. A matrix with NaN in it is not turned there.
 */
export function diagonalise(
  matrix: Float32Array,
  { k, stride }: { k: number; stride: number },
  vectors: Float32Array,
): void {
  const a = new Float64Array(k * k);
  const v = new Float64Array(k * k); // its rows are the vectors
  let largest = 0;
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) a[i * k + j] = matrix[i * stride + j]!;
    v[i * k + i] = 1;
    largest = Math.max(largest, a[i * k + i]!);
  }
  for (let sweep = 0; sweep < MAX_SWEEPS && rotateAll(a, v, k, LEAST * largest) > 0; sweep++);
  matrix.fill(0);
  vectors.fill(0);
  for (let i = 0; i < k; i++) {
    matrix[i * stride + i] = Math.max(0, a[i * k + i]!); // NaN stays
    for (let j = 0; j < k; j++) vectors[j * stride + i] = v[i * k + j]!;
  }
}

/** One sweep over all pairs; returns how many were not zero yet. */
function rotateAll(a: Float64Array, v: Float64Array, k: number, least: number): number {
  let rotations = 0;
  for (let p = 0; p < k; p++) {
    for (let q = p + 1; q < k; q++) {
      const size = Math.abs(a[p * k + q]!);
      const product = a[p * k + p]! * a[q * k + q]!;
      if (!(size > least && size * size > SMALL * SMALL * product)) continue;
      rotate(a, v, k, p, q);
      rotations++;
    }
  }
  return rotations;
}

/** A ← JᵀAJ and Vᵀ ← JᵀVᵀ, with the rotation J of p and q that makes a_pq zero, by the smaller of the two angles. */
function rotate(a: Float64Array, v: Float64Array, k: number, p: number, q: number): void {
  const pp = a[p * k + p]!;
  const qq = a[q * k + q]!;
  const pq = a[p * k + q]!;
  const tau = (qq - pp) / (2 * pq);
  const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  for (let i = 0, ip = p * k, iq = q * k, col = 0; i < k; i++, ip++, iq++, col += k) {
    const x = a[ip]!;
    const y = a[iq]!;
    // by symmetry these rows are the columns, too, but where they cross
    a[col + p] = a[ip] = c * x - s * y;
    a[col + q] = a[iq] = s * x + c * y;
    const vx = v[ip]!;
    const vy = v[iq]!;
    v[ip] = c * vx - s * vy;
    v[iq] = s * vx + c * vy;
  }
  a[p * k + p] = pp - t * pq;
  a[q * k + q] = qq + t * pq;
  a[p * k + q] = a[q * k + p] = 0;
}
