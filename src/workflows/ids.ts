/** Workflow ids by business key; the only place they are built. */
export const nightlyId = (date: string) => `nightly/${date}`;
export const backfillId = (from: string, to: string) => `backfill/${from}/${to}`;
export const backfillDayId = (date: string) => `backfill/day/${date}`;
export const FORMULA_ID = 'formula';
export const NIGHTLY_SCHEDULE = 'nightly';
export const FORMULA_SCHEDULE = 'formula';

/** T of a night: the instant at which its day is over. */
export const endOf = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString();

/** The days from..to, both included, as ISO dates. Pure: no clock. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}
