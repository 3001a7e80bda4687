/** What all lists together do to the catalogue (science C.5): pure functions over `lists`, each best film first. */

/** 1 = in the top k of some list. */
export function shownFilms(lists: Iterable<ArrayLike<number>>, k: number, films: number): Uint8Array {
  const shown = new Uint8Array(films);
  for (const list of lists) for (let n = 0; n < list.length && n < k; n++) shown[list[n]!] = 1;
  return shown;
}

/** |∪ top k| / |eligible|, of the shown films only those that are eligible; 0 when nothing is. */
export function catalogueCoverage(
  shown: Uint8Array,
  eligible: number,
  isEligible: (film: number) => boolean = () => true,
): number {
  const count = shown.reduce((n, bit, film) => n + (isEligible(film) ? bit : 0), 0);
  return eligible === 0 ? 0 : count / eligible;
}

/** Exposure of each film: Σ over lists of 1 / log₂(1 + rank), to rank k. */
export function exposureOf(lists: Iterable<ArrayLike<number>>, k: number, films: number): Float64Array {
  const exposure = new Float64Array(films);
  for (const list of lists) {
    for (let n = 0; n < list.length && n < k; n++) exposure[list[n]!]! += 1 / Math.log2(2 + n);
  }
  return exposure;
}

/** Gini coefficient of non-negative values: 0 = equal, (n−1)/n = one has all. 0 when their sum is 0. */
export function gini(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  let [sum, weighted] = [0, 0];
  sorted.forEach((value, i) => {
    sum += value;
    weighted += (2 * (i + 1) - n - 1) * value;
  });
  return sum === 0 ? 0 : weighted / (n * sum);
}
