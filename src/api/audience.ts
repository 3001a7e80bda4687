import type { Config } from '../contracts/config.js';
import type { CatalogueFilm } from '../contracts/release.js';
import { filmMinAge, isAllowed } from '../core/age-gate/index.js';
import { isHeldIn } from '../core/ranking/catalogue.js';

/** Who a page is for: its market, and the highest minimum age that may be on it. */
export interface Audience {
  market: string;
  maxAge: number;
}

/** The audience of a page without a profile. */
export function everybody(ages: Config['ages']): Audience {
  return { market: 'default', maxAge: ages.audience };
}

/** The serve gate: rights in the market, and the age rule. Every film of every page passes it. */
export function mayShow(film: CatalogueFilm, { market, maxAge }: Audience, ages: Config['ages']): boolean {
  return isHeldIn(film, market) && isAllowed(maxAge, filmMinAge(film.certificates, market, ages));
}
