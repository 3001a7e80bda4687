import type { Config } from '../contracts/config.js';
import { type Allows, isAllowed, NEVER } from '../core/age-gate/index.js';
import type { Catalogue } from '../core/ranking/catalogue.js';

/** Who a page is for: its market, and the highest minimum age that may be on it. */
export interface Audience {
  market: string;
  maxAge: number;
}

/** The audience of a page without a profile. */
export function everybody(ages: Config['ages']): Audience {
  return { market: 'default', maxAge: ages.audience };
}

/**
 * What every film of every page must pass: the age rule of serving, by the film's certificates, and the ages that were
 * published, by SQL. Either holds without the other; tests take one away to show it.
 */
export interface ServeGates {
  serve: Allows;
  published: Allows;
}
export const SERVE_GATES: ServeGates = { serve: isAllowed, published: isAllowed };

/** 1 for each film, by its index, that an audience may see: held in its market, and allowed at its age. */
export function visibleTo(catalogue: Catalogue, { market, maxAge }: Audience, gates: ServeGates): Uint8Array {
  const { minAge, isHeld, published } = catalogue.shelf(market);
  return isHeld.map((held, index) => {
    const isOld = gates.serve(maxAge, minAge[index] ?? NEVER);
    const wasOld = published === null || gates.published(maxAge, published[index] ?? NEVER);
    return held & Number(isOld && wasOld);
  });
}
