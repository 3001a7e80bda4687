import type { Config } from '../../contracts/index.js';
import { filmMinAge, profileMaxAge } from '../../core/age-gate/index.js';
import {
  type AgeRule,
  type AudienceOptions,
  REFERENCE_SETTINGS,
  type Variant,
  composedFilms,
} from '../../simulator/index.js';

const DAY_MS = 86_400_000;

/** What a simulated audience is made from; the same numbers give the same bytes. */
export interface SimulationPlan {
  viewers: number;
  films: number;
  days: number;
  seed: number;
  variant: Variant;
  /** First day, YYYY-MM-DD; absent: so that the last day is yesterday (UTC). */
  from?: string;
}

/** The product's own age rule: simulated viewers meet what they may see, and no more. */
export function productAges(ages: Config['ages']): AgeRule {
  return {
    minAge: (film) => filmMinAge(film.certificates, 'default', ages),
    maxAge: (profile, year) => profileMaxAge(profile, year, ages),
  };
}

export function audienceOf(plan: SimulationPlan, ages: Config['ages'], now: Date): AudienceOptions {
  const until = endOf(plan, now);
  return {
    seed: plan.seed,
    viewers: plan.viewers,
    days: plan.days,
    until,
    films: composedFilms(plan.films, plan.seed, until),
    ages: productAges(ages),
    settings: { ...REFERENCE_SETTINGS, variant: plan.variant },
  };
}

/** Midnight (UTC) after the last day. */
export function endOf({ from, days }: Pick<SimulationPlan, 'from' | 'days'>, now: Date): Date {
  return from === undefined
    ? new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS)
    : new Date(Date.parse(`${from}T00:00:00Z`) + days * DAY_MS);
}

/** The last simulated day: the night to run. */
export function lastDay(until: Date): string {
  return isoDay(until.getTime() - DAY_MS);
}

export function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/**
 * Name of the source that simulated rows carry. It names what viewers and films are made from, so that two different
 * audiences, whose ids are the same, are never mixed: the store refuses ids that another source holds.
 */
export function sourceOf(plan: SimulationPlan, until: Date): string {
  const { seed, films, days, variant } = plan;
  return `simulator seed ${seed}, ${films} films, ${days} days to ${lastDay(until)}, ${variant}`;
}
/** Sources of simulated rows begin so: of the demo's events too. */
export const SIMULATED_PREFIX = 'simulator';
