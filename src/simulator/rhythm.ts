import type { Random } from './random.js';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** Sessions per day relative to the mean, Sunday first (as Date.getUTCDay): people watch at the weekend. */
export const WEEKDAY_FACTORS = [1.3, 0.8, 0.75, 0.8, 0.85, 1.15, 1.35] as const;

/** Relative weight of session starts by hour of the day (UTC): adults in the evening, children in the afternoon. */
const ADULT_HOURS = [4, 2, 1, 0.5, 0.3, 0.4, 0.8, 1.5, 2, 2, 2, 2.5, 3, 3, 3, 3.5, 4, 5, 8, 12, 14, 12, 9, 6];
const CHILD_HOURS = [0, 0, 0, 0, 0, 0, 0.5, 2, 3, 4, 4, 3, 3, 4, 6, 9, 10, 10, 7, 3, 0.5, 0, 0, 0];

const ADULT_CUMULATIVE = cumulative(ADULT_HOURS);
const CHILD_CUMULATIVE = cumulative(CHILD_HOURS);

/** Days (UTC, MM-DD) on which people stay at home: half as many sessions again. */
const HOLIDAYS = new Set(['01-01', '05-01', '12-24', '12-25', '12-26', '12-31']);
const HOLIDAY_FACTOR = 1.5;

/** Weekday × holiday, for the day that begins at `dayMs`. Remembered: every viewer asks for every day. */
export function dayFactor(dayMs: number): number {
  let factor = FACTORS.get(dayMs);
  if (factor === undefined) {
    const date = new Date(dayMs);
    const isHoliday = HOLIDAYS.has(date.toISOString().slice(5, 10));
    factor = (WEEKDAY_FACTORS[date.getUTCDay()] ?? 1) * (isHoliday ? HOLIDAY_FACTOR : 1);
    FACTORS.set(dayMs, factor);
  }
  return factor;
}
const FACTORS = new Map<number, number>();

/** Start (ms) of a session within the day that begins at `dayMs`. */
export function sessionStart(dayMs: number, isChild: boolean, random: Random): number {
  const hour = random.index(isChild ? CHILD_CUMULATIVE : ADULT_CUMULATIVE);
  return dayMs + Math.floor((hour + random.next()) * HOUR_MS);
}

function cumulative(weights: readonly number[]): Float64Array {
  let total = 0;
  return Float64Array.from(weights, (weight) => (total += weight));
}
