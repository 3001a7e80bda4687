import type { Certificates, Config } from '../../contracts/index.js';
import { filmMinAge, normaliseLabel } from './age-gate.js';
import { CERTIFICATE_TABLE, MARKET_SCHEMES } from './certificate-table.js';

/** Labels that say there is no certificate: they neither open a film nor close it. */
const NO_STATEMENT = new Set([
  '',
  'NR',
  'NOTRATED',
  'UNRATED',
  'NA',
  'N/A',
  'NONE',
  'UNKNOWN',
  'NOTAPPLICABLE',
]);

const SCHEMES = new Set([...CERTIFICATE_TABLE.schemes.keys(), ...MARKET_SCHEMES.values()]);

export interface AddedCertificates {
  certificates: Certificates;
  /** Whether anything was added. */
  isStricter: boolean;
  refused: { scheme: string; labels: string[]; minAge: number; keptAge: number }[];
}

/**
 * Certificates from elsewhere beside the ones that are held (science E.1, H.6). As long as one held certificate is of a
 * known scheme, the minimum age falls in no market:
 * 1. In a scheme that is held, only stricter labels are added; the strictest of a scheme counts.
 * 2. A scheme that is not held decides in its own market, where the strictest of the held ones decided so far, so it is
 *    added only when it is at least as strict as all of those.
 * What is refused is returned. A film without any certificate of a known scheme takes what is offered.
 */
export function addCertificates(
  held: Certificates,
  offered: Certificates,
  ages: Config['ages'],
): AddedCertificates {
  const ours = byScheme(held);
  const known = Object.fromEntries([...ours].filter(([scheme]) => CERTIFICATE_TABLE.schemes.has(scheme)));
  const floor = Object.keys(known).length === 0 ? null : filmMinAge(known, '', ages);
  const result: AddedCertificates = {
    certificates: Object.fromEntries(ours),
    isStricter: false,
    refused: [],
  };
  for (const [scheme, labels] of byScheme(offered)) {
    const said = labels.filter((label) => !NO_STATEMENT.has(normaliseLabel(label)));
    if (said.length === 0 || !SCHEMES.has(scheme)) continue;
    const minAge = ageIn(scheme, said, ages);
    const mine = ours.get(scheme);
    const keptAge = mine === undefined ? floor : ageIn(scheme, mine, ages);
    const isRepeated = mine !== undefined && minAge === keptAge;
    if (isRepeated) continue;
    if (keptAge !== null && minAge < keptAge) {
      result.refused.push({ scheme, labels: said, minAge, keptAge });
      continue;
    }
    result.certificates[scheme] = [...(mine ?? []), ...said];
    result.isStricter = true;
  }
  return result;
}

/** Schemes in one spelling, without empty ones, in alphabetical order. */
function byScheme(certificates: Certificates): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [scheme, labels] of Object.entries(certificates)) {
    if (labels.length === 0) continue;
    const name = scheme.trim().toUpperCase();
    found.set(name, [...(found.get(name) ?? []), ...labels]);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The minimum age in a market of this scheme, whose certificates decide there. */
function ageIn(scheme: string, labels: string[], ages: Config['ages']): number {
  return Math.max(
    ...labels.map(
      (label) => CERTIFICATE_TABLE.schemes.get(scheme)?.get(normaliseLabel(label)) ?? ages.unknownCertificate,
    ),
  );
}
