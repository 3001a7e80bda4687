/** What the published film factors were trained with (science A.4). */
export interface Hyper {
  /** Latent dimension. */
  k: number;
  alpha0: number;
  lambda: number;
  nu: number;
}

/** A viewer's interactions with films of the model: +w·10^6 for p = 1, −w·10^6 for p = 0. Rows ascending. */
export interface ViewerHistory {
  filmRows: ArrayLike<number>;
  weightMicro: ArrayLike<number>;
}

/** The exact viewer half-step of one published model. Holds scratch memory: one solver per thread. */
export interface ViewerSolver {
  /** x_u = A_u⁻¹ b_u, k doubles, valid until the next call. No positive interaction gives zeros. */
  solveViewer(history: ViewerHistory): Float64Array;
  /** y_i · x for film row i. */
  score(filmRow: number, x: Float64Array): number;
  /** After solveViewer(history): out[c] = w_c (y_iᵀ A_u⁻¹ y_c) for each positive cell, 0 for the others (science G.1). */
  contributions(filmRow: number, history: ViewerHistory, out: Float64Array): void;
}

/**
 * A_u = α₀YᵀY + Σ w y yᵀ + λ_u I,  λ_u = λ(Σ w + α₀ n)^ν,  b_u = Σ_{p=1} w y   (n films; negatives enter A_u only).
 * `factors`: n × k, row-major, as published.
 */
export function createViewerSolver(factors: Float32Array, hyper: Hyper): ViewerSolver {
  const { k } = hyper;
  const films = factors.length / k;
  const y = new Float64Array(factors);
  const gram = gramOf(y, films, hyper);
  const a = new Float64Array(k * k);
  const x = new Float64Array(k);
  const towards = new Float64Array(k);

  return {
    solveViewer({ filmRows, weightMicro }) {
      a.set(gram);
      x.fill(0);
      let mass = hyper.alpha0 * films;
      for (let c = 0; c < filmRows.length; c++) {
        const signed = weightMicro[c]! / 1e6;
        const w = Math.abs(signed);
        const at = filmRows[c]! * k;
        mass += w;
        addOuter(a, k, y, at, w);
        if (signed > 0) for (let j = 0; j < k; j++) x[j]! += w * y[at + j]!;
      }
      const ridge = hyper.lambda * mass ** hyper.nu;
      for (let j = 0; j < k; j++) a[j * k + j]! += ridge;
      factorise(a, k);
      solve(a, k, x);
      return x;
    },
    score: (filmRow, vector) => dot(y, filmRow * k, vector, 0, k),
    contributions(filmRow, { filmRows, weightMicro }, out) {
      towards.set(y.subarray(filmRow * k, (filmRow + 1) * k));
      solve(a, k, towards);
      for (let c = 0; c < filmRows.length; c++) {
        const w = weightMicro[c]! / 1e6;
        out[c] = w > 0 ? w * dot(towards, 0, y, filmRows[c]! * k, k) : 0;
      }
    },
  };
}

/** α₀YᵀY, lower triangle. */
function gramOf(y: Float64Array, films: number, { k, alpha0 }: Hyper): Float64Array {
  const gram = new Float64Array(k * k);
  for (let i = 0; i < films; i++) addOuter(gram, k, y, i * k, alpha0);
  return gram;
}

/** A += w y yᵀ, lower triangle. */
function addOuter(a: Float64Array, k: number, y: Float64Array, at: number, w: number): void {
  for (let i = 0; i < k; i++) {
    const wi = w * y[at + i]!;
    for (let j = 0; j <= i; j++) a[i * k + j]! += wi * y[at + j]!;
  }
}

/** A = L Lᵀ in place, lower triangle (Cholesky). */
function factorise(a: Float64Array, k: number): void {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      const s = a[i * k + j]! - dot(a, i * k, a, j * k, j);
      a[i * k + j] = i === j ? Math.sqrt(s) : s / a[j * k + j]!;
    }
  }
}

/** x ← A⁻¹ x: L z = x, then Lᵀ x = z. */
function solve(l: Float64Array, k: number, x: Float64Array): void {
  for (let i = 0; i < k; i++) x[i] = (x[i]! - dot(l, i * k, x, 0, i)) / l[i * k + i]!;
  for (let i = k - 1; i >= 0; i--) {
    const xi = x[i]! / l[i * k + i]!;
    x[i] = xi;
    for (let p = 0; p < i; p++) x[p]! -= l[i * k + p]! * xi;
  }
}

/** Σ a[at+j]·b[bt+j] over n entries, in four interleaved sums. */
function dot(a: Float64Array, at: number, b: Float64Array, bt: number, n: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 3 < n; j += 4) {
    s0 += a[at + j]! * b[bt + j]!;
    s1 += a[at + j + 1]! * b[bt + j + 1]!;
    s2 += a[at + j + 2]! * b[bt + j + 2]!;
    s3 += a[at + j + 3]! * b[bt + j + 3]!;
  }
  for (; j < n; j++) s0 += a[at + j]! * b[bt + j]!;
  return s0 + s1 + (s2 + s3);
}
