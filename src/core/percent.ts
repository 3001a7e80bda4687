/** "12.3 %" of .123. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/**
 * Shares of one thing in whole per cents: they add up to what the shares add up to, which figures rounded one by one do not.
 * What is missing goes to the largest remainders (of equal ones to the first).
 */
export function wholePercents(shares: readonly number[]): number[] {
  const exact = shares.map((share) => 100 * share);
  const whole = exact.map(Math.floor);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const missing = Math.round(sum(exact)) - sum(whole);
  const remainders = exact.map((value, i) => ({ i, rest: value - Math.floor(value) }));
  remainders.sort((one, other) => other.rest - one.rest || one.i - other.i);
  for (const { i } of remainders.slice(0, missing)) whole[i] = (whole[i] ?? 0) + 1;
  return whole;
}

/** "+12.3 %", "−12.3 %": how much more or less. */
export function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}
