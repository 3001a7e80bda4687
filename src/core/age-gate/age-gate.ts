import type { Certificates, Config, Profile } from '../../contracts/index.js';
import { CERTIFICATE_TABLE, MARKET_SCHEMES, NEVER } from './certificate-table.js';

/**
 * The age rule (science H.6), applied at scoring, at publishing and at serving. It fails closed: what is not known to be
 * allowed is not allowed.
 */
type Ages = Config['ages'];

/** A children's profile never sees more than this, whatever its birth year says. */
const KIDS_MAX_AGE = 12;
/** What a declaration without a birth year opens: 19-rated films need the birth year. */
const DECLARED_ADULT_AGE = 18;

/** The year that ages are of at a moment (of a night: at its cut, the first moment that it does not know of). UTC, as all days are. */
export function yearOf(moment: string | number | Date): number {
  return new Date(moment).getUTCFullYear();
}

/**
 * The highest minimum age (in years) that a profile may see in the course of the year `asOfYear`; 0..98.
 * The birthday may still be ahead, so a known birth year counts one year less than the difference.
 */
export function profileMaxAge(
  profile: Pick<Profile, 'birthYear' | 'isKids' | 'isAdultDeclared'>,
  asOfYear: number,
  ages: Ages,
): number {
  if (profile.birthYear !== null) {
    const age = clamp(asOfYear - profile.birthYear - 1);
    return profile.isKids ? Math.min(age, KIDS_MAX_AGE) : age;
  }
  if (profile.isKids) return clamp(Math.min(ages.unknownKids, KIDS_MAX_AGE));
  return clamp(profile.isAdultDeclared ? DECLARED_ADULT_AGE : ages.unknownProfile);
}

/**
 * Minimum age in years to be shown a film in a market; NEVER for films that are never listed.
 * The market's own certificate decides; without one, the strictest of all known schemes; without any, `unknownCertificate`.
 * Several certificates of one scheme: the strictest. A label that the table does not know counts as `unknownCertificate`.
 */
export function filmMinAge(certificates: Certificates, market: string, ages: Ages): number {
  const own = MARKET_SCHEMES.get(market.trim().toUpperCase());
  const printed = Object.entries(certificates)
    .map(([scheme, labels]) => ({ scheme: scheme.trim().toUpperCase(), labels }))
    .filter(({ labels }) => labels.length > 0);
  const inMarket = printed.filter(({ scheme }) => scheme === own);
  const deciding =
    inMarket.length > 0 ? inMarket : printed.filter(({ scheme }) => CERTIFICATE_TABLE.schemes.has(scheme));
  if (deciding.length === 0) return ages.unknownCertificate;
  return Math.max(
    ...deciding.flatMap(({ scheme, labels }) =>
      labels.map(
        (label) =>
          CERTIFICATE_TABLE.schemes.get(scheme)?.get(normaliseLabel(label)) ?? ages.unknownCertificate,
      ),
    ),
  );
}

/** Whether a film from `minAge` may be shown up to `maxAge`. Every gate is one; tests take single ones away. */
export type Allows = (maxAge: number, minAge: number) => boolean;

/** Both in years. NaN and NEVER are refused. */
export function isAllowed(maxAge: number, minAge: number): boolean {
  return minAge < NEVER && minAge <= maxAge;
}

/** " Rated PG–13 " → "PG13": upper case, no spaces, no dashes of any kind, no leading "RATED". */
export function normaliseLabel(label: string): string {
  return label
    .toUpperCase()
    .replace(/[\s\p{Z}\p{Pd}\u2212_]+/gu, '')
    .replace(/^RATED/, '');
}

function clamp(age: number): number {
  return Number.isFinite(age) ? Math.min(Math.max(age, 0), NEVER - 1) : 0;
}
