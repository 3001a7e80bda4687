import { configSchema } from '../../src/contracts/index.js';
import { filmMinAge, profileMaxAge } from '../../src/core/age-gate/index.js';
import {
  type AgeRule,
  type AudienceOptions,
  REFERENCE_SETTINGS,
  composedFilms,
} from '../../src/simulator/index.js';

const { ages } = configSchema.parse({});
/** A Tuesday, 00:00 UTC. */
export const UNTIL = new Date('2026-03-10T00:00:00Z');
export const PRODUCT_AGES: AgeRule = {
  minAge: (film) => filmMinAge(film.certificates, 'default', ages),
  maxAge: (profile, year) => profileMaxAge(profile, year, ages),
};
export const reference = (overrides: Partial<AudienceOptions> = {}): AudienceOptions => ({
  seed: 1,
  viewers: 1500,
  days: 60,
  until: UNTIL,
  films: composedFilms(500, 1, UNTIL),
  ages: PRODUCT_AGES,
  settings: REFERENCE_SETTINGS,
  ...overrides,
});
