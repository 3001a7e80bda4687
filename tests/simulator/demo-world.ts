import { fileURLToPath } from 'node:url';
import { readDemoFilms } from '../../src/cli/load-demo.js';
import type { Film, Profile } from '../../src/contracts/index.js';
import type { AgeRule } from '../../src/simulator/index.js';

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A Tuesday, 00:00 UTC. */
export const UNTIL = new Date('2026-03-10T00:00:00Z');

export const demoFilms = () => readDemoFilms(PROJECT_ROOT, UNTIL);

/** Minimum ages of the certificates that the demo prints (science H.6); everything else counts as unknown, 18. */
const MIN_AGES: Record<string, Record<string, number>> = {
  MPA: { G: 0, PG: 10, 'PG-13': 13, R: 17 },
  BBFC: { U: 0, PG: 8 },
  FSK: { '6': 6, '12': 12 },
};

export function minAge({ certificates }: Film): number {
  const ages = Object.entries(certificates).flatMap(([scheme, labels]) =>
    labels.map((label) => MIN_AGES[scheme]?.[label] ?? 18),
  );
  return ages.length === 0 ? 18 : Math.max(...ages);
}

export function maxAge({ birthYear, isKids, isAdultDeclared }: Profile, year: number): number {
  if (birthYear !== null) return Math.min(year - birthYear - 1, isKids ? 12 : 98);
  if (isKids) return 6;
  return isAdultDeclared ? 18 : 12;
}

export const AGES: AgeRule = { minAge, maxAge };
