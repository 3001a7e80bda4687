import type { GateOutcome, ReleaseClass, Report } from '../../contracts/index.js';
import { type Finding, type GateRules, all, fail, limit, unclear } from './rules.js';

/**
 * G9: made from this night's data, which is fresh; and judged on labels that have settled. A first release may be made of
 * older data: it is what a service starts with.
 */
export function dataHolds({ conditions }: Report, kind: ReleaseClass, rules: GateRules): GateOutcome {
  if (conditions === undefined) return unclear('G9', 'the data was not looked at');
  const { isOfThisNight, lagHours, matureShare, leakedShare } = conditions;
  if (!isOfThisNight) return fail('G9', 'the candidate was made from another night’s interactions');
  const lag = limit('hours from the newest interaction to T', lagHours, 'at most', rules.maxLagHours, 1);
  const lagHolds = kind === 'first' ? { ...lag, isKept: true } : lag;
  if (lagHolds.isKept === false) return fail('G9', lag.says);
  const leak = limit(
    'share of relevant pairs learnt before',
    leakedShare,
    'at most',
    rules.maxLeakedShare,
    2,
  );
  if (leak.isKept === false) return fail('G9', `the train part knows the test part: ${leak.says}`);
  const mature = limit(
    `share of labels at least ${rules.matureHours} h old`,
    matureShare,
    'at least',
    rules.minMatureShare,
    2,
  );
  return all('G9', [lagHolds, leak, { ...mature, isKept: mature.isKept === false ? null : mature.isKept }]);
}

/**
 * G10: a second fit of the same data gave the same factors, and the candidate is like the refit that was judged in its
 * place: what is published has seen the test part too, but must not be another model.
 */
export function reproducible({ conditions, split }: Report, rules: GateRules): GateOutcome {
  if (conditions === undefined || conditions.refitted === null) {
    return unclear('G10', 'the candidate was not fitted a second time');
  }
  const { factors, refitted, envelope } = conditions;
  const short = (sha256: string) => `${sha256.slice(0, 12)}…`;
  const isSame = factors === refitted;
  const findings: Finding[] = [
    {
      isKept: isSame,
      says: isSame
        ? `a second fit gave the same factors, sha256 ${short(factors)}`
        : `factors ${short(factors)}, a second fit gave ${short(refitted)}`,
    },
  ];
  if (envelope === null) {
    findings.push({
      isKept: false,
      says: 'the candidate has no film in common with the refit that was judged',
    });
  } else {
    const drift = Math.abs(envelope.normRatio - 1);
    const overlap = 'top-10 overlap with the judged refit';
    findings.push(
      // A refit on a wider split lacks four weeks, or a fifth of every history: its lists differ by right.
      split === 'last-7-days'
        ? limit(overlap, envelope.overlap, 'at least', rules.minTwinOverlap, 2)
        : { isKept: true, says: `${overlap} ${envelope.overlap.toFixed(2)}, free on a wider split` },
      limit('drift of the median factor length', drift, 'at most', rules.maxTwinNormDrift, 2),
      {
        isKept: !envelope.lossRose,
        says: envelope.lossRose ? 'a training loss rose' : 'no training loss rose',
      },
    );
  }
  return all('G10', findings);
}
