import type { GateOutcome, ListMetrics, ReleaseClass, Report } from '../../contracts/index.js';
import { type GateRules, all, candidateOf, fail, limit, listsOf, pass, unclear } from './rules.js';

/** G4: no film above its viewer's age in any list that was judged. (All lists are audited once more when published.) */
export function ageSafe({ conditions }: Report): GateOutcome {
  if (conditions === undefined) return unclear('G4', 'ages were not looked at');
  const { agePairs, ageViolations } = conditions;
  const sentence = `${ageViolations} of ${agePairs} viewer-film pairs are above the viewer's age`;
  if (ageViolations > 0) return fail('G4', sentence);
  return agePairs > 0 ? pass('G4', sentence) : unclear('G4', 'no list was made');
}

/** G5: coverage of what the model knows, and coverage and tail against the champion. */
export function showsTheCatalogue(report: Report, rules: GateRules): GateOutcome {
  const [ours, theirs] = pair(report);
  if (ours === undefined) return unclear('G5', 'lists were not measured');
  const findings = [limit('coverage@50', ours.eligibleCoverage50, 'at least', rules.minCoverage)];
  if (theirs !== undefined) {
    findings.push(
      limit(
        'coverage of the catalogue',
        ours.coverage50,
        'at least',
        rules.coverageRatio * theirs.coverage50,
      ),
    );
    if (theirs.tailShare !== null) {
      findings.push(limit('tail share', ours.tailShare, 'at least', rules.tailRatio * theirs.tailShare));
    }
  }
  return all('G5', findings);
}

/** G6: popularity, concentration, diversity and calibration against the champion. */
export function noNarrower(report: Report, rules: GateRules): GateOutcome {
  const [ours, theirs] = pair(report);
  if (ours === undefined || theirs === undefined) {
    return unclear('G6', 'there are no lists of the champion on this split');
  }
  const times = (value: number | null, by: number) => (value === null ? null : value * by);
  const findings = [
    limit(
      'mean popularity',
      ours.popularity,
      'at most',
      times(theirs.popularity, rules.maxPopularityRatio),
      1,
    ),
    limit('exposure Gini', ours.gini, 'at most', theirs.gini + rules.maxGiniIncrease),
  ];
  // A catalogue without genres has neither diversity nor calibration: nothing to compare.
  if (theirs.ild !== null) {
    findings.push(limit('diversity', ours.ild, 'at least', theirs.ild * rules.minDiversityRatio));
  }
  if (theirs.miscalibration !== null) {
    const most = theirs.miscalibration * rules.maxMiscalibrationRatio;
    findings.push(limit('miscalibration', ours.miscalibration, 'at most', most));
  }
  return all('G6', findings);
}

/**
 * G7: nothing disliked in lists; and, for another recipe, without the filter not more than the champion would show. Few
 * dislikes are few counts, so that 1.645 of their standard errors (Poisson) are allowed on top.
 */
export function nothingDisliked(report: Report, kind: ReleaseClass, rules: GateRules): GateOutcome {
  const [ours, theirs] = pair(report);
  if (ours === undefined) return unclear('G7', 'lists were not measured');
  const findings = [limit('Disliked@10', ours.disliked, 'at most', 0, 4)];
  if (theirs !== undefined && kind === 'recipe-change') {
    const places = 10 * report.viewers;
    const noise = (1.645 * Math.sqrt(theirs.dislikedRaw * places + 1)) / places;
    const most = theirs.dislikedRaw * rules.maxDislikedRatio + noise;
    findings.push(limit('Disliked@10 without the filter', ours.dislikedRaw, 'at most', most, 4));
  }
  return all('G7', findings);
}

function pair(report: Report): [candidate: ListMetrics | undefined, champion: ListMetrics | undefined] {
  return [listsOf(report, candidateOf(report)), listsOf(report, 'champion')];
}
