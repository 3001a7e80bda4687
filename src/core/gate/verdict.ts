import {
  type GateId,
  type GateOutcome,
  type ReleaseClass,
  type Report,
  type Verdict,
  reportSchema,
} from '../../contracts/index.js';
import { dataHolds, reproducible } from './conditions.js';
import { ageSafe, noNarrower, nothingDisliked, showsTheCatalogue } from './guardrails.js';
import { opsHold } from './ops.js';
import { baselineSentence, beatsBaselines, noSliceHarmed, notWorse } from './quality.js';
import { type GateRules, candidateOf, metricsOf } from './rules.js';

export type Evidence =
  | { kind: 'measured'; report: Report }
  /** Nothing could be measured, and why: a full sentence. */
  | { kind: 'missing'; why: string }
  /** The refit failed for good, and how. */
  | { kind: 'diverged'; how: string };

/** Gates of each class (science C.9). The first release has its own quality rule instead of G1–G3 (design 4). */
export const GATES_OF: Record<ReleaseClass, readonly GateId[]> = {
  first: ['G4', 'G7', 'G8', 'G9', 'G10'],
  refresh: ['G1', 'G2', 'G4', 'G5', 'G7', 'G8', 'G9', 'G10'],
  'recipe-change': ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9', 'G10'],
};

/**
 * The verdict on a candidate. `champion`: the report under which it was released, null on the first night.
 *
 * 1. A diverged refit or a number that is not finite: reject. No measurement: hold.
 * 2. Every gate of the class is asked. One that FAILs: reject. One that is INCONCLUSIVE: hold; evidence that is missing or
 *    immature never promotes. All PASS: promote.
 * 3. Without a champion the quality rule is design 4's: ahead of popularity and of the formula, provisionally; else hold.
 */
export function decide(
  evidence: Evidence,
  kind: ReleaseClass,
  champion: Report | null,
  rules: GateRules,
): Verdict {
  const plain = (verdict: Verdict['kind'], reasons: string[]): Verdict => ({
    kind: verdict,
    provisional: false,
    reasons,
    class: kind,
  });
  if (evidence.kind === 'diverged') return plain('reject', [evidence.how]);
  if (evidence.kind === 'missing') return plain('hold', [evidence.why]);
  const { report } = evidence;
  const broken = brokenNumbers(report, rules.k);
  if (broken.length > 0) return plain('reject', broken);

  const gates = GATES_OF[kind].map((gate) => outcomeOf(gate, report, champion, kind, rules));
  return kind === 'first' ? firstRelease(report, gates, rules) : laterRelease(report, gates, kind);
}

function outcomeOf(
  gate: GateId,
  report: Report,
  champion: Report | null,
  kind: ReleaseClass,
  rules: GateRules,
): GateOutcome {
  switch (gate) {
    case 'G1':
      return notWorse(report, champion, kind, rules);
    case 'G2':
      return beatsBaselines(report, kind, rules);
    case 'G3':
      return noSliceHarmed(report, rules);
    case 'G4':
      return ageSafe(report);
    case 'G5':
      return showsTheCatalogue(report, rules);
    case 'G6':
      return noNarrower(report, rules);
    case 'G7':
      return nothingDisliked(report, kind, rules);
    case 'G8':
      return opsHold(report, kind, rules);
    case 'G9':
      return dataHolds(report, kind, rules);
    case 'G10':
      return reproducible(report, rules);
  }
}

/** Safety, data and reproducibility hold, and both baselines are behind. */
function firstRelease(report: Report, gates: GateOutcome[], rules: GateRules): Verdict {
  const sentences = report.differences.map((difference) => baselineSentence(report, difference, rules));
  const broken = gates.filter(({ state }) => state === 'FAIL');
  const open = gates.filter(({ state }) => state === 'INCONCLUSIVE');
  const isAhead = report.differences.every(({ mean }) => mean > 0);
  const base = { class: 'first' as const, gates };
  if (broken.length > 0) {
    return { ...base, kind: 'reject', provisional: false, reasons: [...reasonsOf(broken), ...sentences] };
  }
  return isAhead && open.length === 0
    ? { ...base, kind: 'promote', provisional: true, reasons: ['first personal release', ...sentences] }
    : { ...base, kind: 'hold', provisional: false, reasons: [...reasonsOf(open), ...sentences] };
}

function laterRelease(report: Report, gates: GateOutcome[], kind: ReleaseClass): Verdict {
  const broken = gates.filter(({ state }) => state === 'FAIL');
  const open = gates.filter(({ state }) => state === 'INCONCLUSIVE');
  const base = { class: kind, gates };
  if (broken.length > 0) return { ...base, kind: 'reject', provisional: false, reasons: reasonsOf(broken) };
  if (open.length > 0) return { ...base, kind: 'hold', provisional: false, reasons: reasonsOf(open) };
  const said = gates.filter(({ gate }) => gate === 'G1' || gate === 'G2');
  return { ...base, kind: 'promote', provisional: report.split !== 'last-7-days', reasons: reasonsOf(said) };
}

const reasonsOf = (gates: GateOutcome[]): string[] =>
  gates.map(({ gate, state, sentence }) => `${gate} ${state}: ${sentence}`);

/** Numbers without which there is no evidence: all finite, and both baselines there. */
function brokenNumbers(report: Report, k: number): string[] {
  const broken: string[] = [];
  const metrics = metricsOf(report, candidateOf(report), k);
  for (const [name, value] of Object.entries(metrics ?? { ndcg: Number.NaN })) {
    if (!Number.isFinite(value)) broken.push(`${name}@${k} of the model is ${value}, expected a number`);
  }
  for (const baseline of ['popularity', 'weighted-rating'] as const) {
    const difference = report.differences.find((d) => d.baseline === baseline);
    const bounds = [difference?.mean, difference?.lower, difference?.upper];
    if (!bounds.every((bound) => bound !== undefined && Number.isFinite(bound))) {
      broken.push(`the difference to ${baseline} is not a number`);
    }
  }
  if (broken.length > 0) return broken;
  const problem = reportSchema.safeParse(report).error?.issues[0];
  return problem === undefined
    ? []
    : [`the report's ${problem.path.join('.')} is not a number that can be compared`];
}
