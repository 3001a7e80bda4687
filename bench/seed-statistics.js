// Means over seeds and their intervals, shared by the closed loop's table and its picture.

export function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean ± t·s/√n over the seeds; t for 95 %, two-sided. */
export function interval(values) {
  const n = values.length;
  const mean = average(values);
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1));
  const half = (studentT(n - 1) * sd) / Math.sqrt(n);
  return { low: mean - half, high: mean + half };
}

/** 97.5 % quantile of Student's t by the Cornish–Fisher expansion in 1/ν: within 0.2 % from ν = 10 on. */
function studentT(degrees) {
  const z = 1.959964;
  const v = Math.max(1, degrees);
  return z + (z ** 3 + z) / (4 * v) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * v ** 2);
}
