import type { Comparison, GateOutcome, ReleaseClass, Report } from '../../contracts/index.js';
import { signedPercent } from '../percent.js';
import { describeSplit } from '../split/plans.js';
import { type GateRules, candidateOf, fail, metricsOf, pass, signed, unclear } from './rules.js';

/** z of a one-sided 95 % bound: what turns bounds back into a standard error. */
const Z_BOUND = 1.645;

/**
 * G1, not worse than the champion beyond a margin, viewer by viewer.
 * 1. Both lower bounds (NDCG@10, Recall@50) at or above −margin, with the viewers that this needs; organic plays where there
 *    are enough of them, else all plays.
 * 2. A recipe change with fewer viewers is INCONCLUSIVE. A refresh, whose recipe has proven itself, then only must stay
 *    within the control band: not more standard errors below the champion than noise explains. (Else a small service, which
 *    never has the viewers for proof, would serve its first model for ever.)
 * 3. A refresh without a comparison: the band of the lift over popularity, against the champion's when it was judged.
 */
export function notWorse(
  report: Report,
  champion: Report | null,
  kind: ReleaseClass,
  rules: GateRules,
): GateOutcome {
  const { margin, controlBand } = rules;
  const { comparisons = [] } = report;
  if (comparisons.length === 0) {
    if (kind === 'refresh') return liftWithinBand(report, champion, rules);
    return unclear('G1', report.noChampion ?? 'the champion’s recipe could not be refitted here');
  }
  const [ndcg, recall] = [pick(comparisons, 'ndcg@10'), pick(comparisons, 'recall@50')];
  if (ndcg === null || recall === null) return unclear('G1', 'not both NDCG@10 and Recall@50 were compared');
  const opposed = comparisons.find((organic) => {
    const everything = comparisons.find((c) => c.plays === 'all' && c.metric === organic.metric);
    return organic.plays === 'organic' && everything !== undefined && areOpposed(organic, everything);
  });
  if (opposed !== undefined) {
    return unclear(
      'G1',
      `${opposed.metric}: organic plays and all plays say the opposite; a person must look`,
    );
  }
  const both = [ndcg, recall];
  const sentence = both.map((c) => sentenceOf(c, margin)).join('; ');
  if (both.some((c) => c.base > 0 && c.upper / c.base < -margin)) return fail('G1', sentence);
  if (both.every(isEnough)) {
    return both.every((c) => c.lower >= -margin * c.base) ? pass('G1', sentence) : fail('G1', sentence);
  }
  if (kind !== 'refresh') return unclear('G1', sentence);
  const z = Math.min(...both.map(standardErrorsOf));
  const band = `${sentence}; too few viewers for proof, ${z.toFixed(1)} standard errors, at least −${controlBand} wanted`;
  return z >= -controlBand ? pass('G1', band) : fail('G1', band);
}

const isEnough = (c: Comparison) => c.required !== null && c.viewers >= c.required;

/** The mean in standard errors; without spread 0 when nothing differs. */
function standardErrorsOf({ mean, lower, upper }: Comparison): number {
  const error = (upper - lower) / (2 * Z_BOUND);
  return mean === 0 ? 0 : mean / error;
}

/** Organic plays are the primary evidence when there are enough of them. */
function pick(comparisons: readonly Comparison[], metric: Comparison['metric']): Comparison | null {
  const of = (plays: Comparison['plays']) =>
    comparisons.find((c) => c.metric === metric && c.plays === plays) ?? null;
  const organic = of('organic');
  return organic !== null && isEnough(organic) ? organic : of('all');
}

type Bounds = Pick<Comparison, 'lower' | 'upper'>;

/** Beyond doubt better on one and worse on the other: one cause may be that the champion's lists caused its own plays. */
const areOpposed = (a: Bounds, b: Bounds) => (a.lower > 0 && b.upper < 0) || (a.upper < 0 && b.lower > 0);

function sentenceOf(
  { metric, plays, base, mean, lower, viewers, required }: Comparison,
  margin: number,
): string {
  const share = (value: number) => (base > 0 ? signedPercent(value / base) : 'no share of 0');
  return (
    `${metric} ${share(mean)} of the champion's ${base.toFixed(4)}, lower bound ${share(lower)}, at least ` +
    `${signedPercent(-margin)} wanted (${viewers} viewers of ${required ?? '∞'} needed, ${plays} plays)`
  );
}

/** Control band: z of ln(lift) against the champion's own, at or above −controlBand. */
function liftWithinBand(report: Report, champion: Report | null, { controlBand }: GateRules): GateOutcome {
  const [now, then] = [report.lift, champion?.lift];
  if (now === undefined || then === undefined) {
    return unclear('G1', 'the champion’s lift over popularity was not recorded when it was judged');
  }
  const z = (now.log - then.log) / Math.hypot(now.error, then.error);
  const sentence =
    `lift over popularity ${Math.exp(now.log).toFixed(3)}, the champion's was ${Math.exp(then.log).toFixed(3)}: ` +
    `${z.toFixed(1)} standard errors, at least −${controlBand} wanted`;
  return z >= -controlBand ? pass('G1', sentence) : fail('G1', sentence);
}

/**
 * G2: NDCG above popularity by minLift, and above the formula, both with lower bounds above 0, on a split by time, over organic
 * plays where there are enough of them. When all plays say the opposite a person must look. A split per
 * viewer trains on others' future: it proves nothing of a changed recipe. A released recipe may go on learning by it, or a
 * service with few viewers in 28 days would serve its first lists for ever (decision 021).
 */
export function beatsBaselines(report: Report, kind: ReleaseClass, rules: GateRules): GateOutcome {
  const wanted = { popularity: rules.minLift, 'weighted-rating': 0 };
  const found = report.differences.map((difference) => {
    const { relative, lower, upper } = decisive(difference);
    const enough = relative >= wanted[difference.baseline];
    const isProven = lower > 0;
    const isWorse = upper < 0;
    const isOpposed = difference.organic != null && areOpposed(difference.organic, difference);
    const says = baselineSentence(report, difference, rules);
    return {
      isBroken: !isOpposed && (isWorse || (isProven && !enough)),
      isKept: !isOpposed && isProven && enough,
      says: isOpposed ? `${says}; organic plays and all plays say the opposite; a person must look` : says,
    };
  });
  const sentence = found.map(({ says }) => says).join('; ');
  if (found.some(({ isBroken }) => isBroken)) return fail('G2', sentence);
  if (report.split === 'per-viewer-80-20' && kind !== 'refresh') {
    return unclear('G2', `${sentence}; a split per viewer trains on others' future and proves nothing`);
  }
  return found.every(({ isKept }) => isKept) ? pass('G2', sentence) : unclear('G2', sentence);
}

type Difference = Report['differences'][number];

const isOrganicDecisive = ({ organic }: Difference) =>
  organic != null && organic.required !== null && organic.viewers >= organic.required;

/** Organic plays where there are enough of them, for no list of ours caused those; else all plays. */
const decisive = (difference: Difference) =>
  isOrganicDecisive(difference) ? difference.organic! : difference;

/** The difference to a baseline in words. Where every play is organic that is not said. */
export function baselineSentence(report: Report, difference: Difference, { k, minLift }: GateRules): string {
  const { baseline } = difference;
  const { mean, lower, upper, relative, viewers = report.viewers } = decisive(difference);
  const isOrganic = isOrganicDecisive(difference) && mean !== difference.mean;
  const ndcgOf = (model: Parameters<typeof metricsOf>[1]) =>
    (isOrganic
      ? report.scores.find((score) => score.model === model)?.organic?.ndcg
      : metricsOf(report, model, k)?.ndcg) ?? Number.NaN;
  const [ours, theirs] = [ndcgOf(candidateOf(report)), ndcgOf(baseline)];
  const standing = mean > 0 ? 'beats' : mean < 0 ? 'is below' : 'equals';
  const short =
    baseline === 'popularity' && relative < minLift
      ? `, ${signedPercent(relative)} where ${signedPercent(minLift)} is wanted`
      : '';
  return (
    `NDCG@${k} ${ours.toFixed(4)} ${standing} ${baseline} ${theirs.toFixed(4)} ` +
    `(difference ${signed(mean)}, bounds ${signed(lower)} … ${signed(upper)}, ${viewers} viewers${isOrganic ? ', organic plays' : ''}, ` +
    `${describeSplit(report.split)})${short}`
  );
}

/** G3, a test of harm: FAIL when a slice is worse by sliceHarm and more, at a Holm-adjusted level. */
export function noSliceHarmed({ slices }: Report, rules: GateRules): GateOutcome {
  if (slices === undefined) return unclear('G3', 'slices were not compared with a champion');
  const { harmed, tested, worst } = slices;
  const say = (slice: { slice: string; relative: number; viewers: number }) =>
    `${slice.slice} ${signedPercent(slice.relative)} (${slice.viewers} viewers)`;
  if (harmed.length > 0) {
    return fail(
      'G3',
      `${harmed.map(say).join('; ')}; no worse than ${signedPercent(-rules.sliceHarm)} wanted`,
    );
  }
  const lowest = worst === null ? '' : `; the lowest is ${say(worst)}`;
  return pass('G3', `none of ${tested} tested slices is worse beyond doubt${lowest}`);
}
