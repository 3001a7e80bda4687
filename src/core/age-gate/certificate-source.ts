import type { Certificates, Config } from '../../contracts/index.js';
import { filmMinAge } from './age-gate.js';
import { CERTIFICATE_TABLE, MARKET_SCHEMES } from './certificate-table.js';

/** The minimum age of a film in a market, and the sentence that says where it comes from. The age is `filmMinAge`'s own. */
export function minAgeWithSource(
  certificates: Certificates,
  market: string,
  ages: Config['ages'],
): { minAge: number; source: string } {
  const minAge = filmMinAge(certificates, market, ages);
  const own = MARKET_SCHEMES.get(market.trim().toUpperCase());
  const printed = Object.entries(certificates).filter(([, labels]) => labels.length > 0);
  const named = ([scheme, labels]: [string, string[]]) => `${scheme} ${labels.join(' and ')}`;
  const inMarket = printed.filter(([scheme]) => scheme.trim().toUpperCase() === own);
  if (inMarket.length > 0)
    return { minAge, source: `${inMarket.map(named).join(', ')}, of market ${market}` };
  const known = printed.filter(([scheme]) => CERTIFICATE_TABLE.schemes.has(scheme.trim().toUpperCase()));
  if (known.length > 0) {
    const strictest = known.filter(
      ([scheme, labels]) => filmMinAge({ [scheme]: labels }, '', ages) === minAge,
    );
    return { minAge, source: `${strictest.map(named).join(', ')}, the strictest of those known` };
  }
  return { minAge, source: 'no certificate that is known, so it counts as unknown' };
}
