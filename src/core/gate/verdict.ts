import type { MetricsAtK, Report, Verdict } from '../../contracts/index.js';
import { describeSplit } from '../split/plans.js';

export type Evidence =
  | { kind: 'measured'; report: Report }
  /** Nothing could be measured, and why: a full sentence. */
  | { kind: 'missing'; why: string }
  /** The refit failed for good, and how. */
  | { kind: 'diverged'; how: string };

export interface GateRules {
  /** The K of the deciding NDCG. */
  k: number;
  /** Share of the champion's lift over popularity that a candidate without proof may lose. */
  maxLiftLoss: number;
}

/**
 * The verdict on a candidate. `champion`: its report when a personal release is served, null on the first night.
 *
 * 1. NaN or a diverged refit: reject. No measurement: hold.
 * 2. Without a champion: promote, provisionally, when NDCG beats popularity and the formula; else hold (design 4).
 * 3. With one: reject when a baseline is better beyond doubt (upper bound of the paired difference below 0); hold when a
 *    baseline is ahead at all; promote when both lower bounds are above 0.
 * 4. In between, ahead but without proof: promote provisionally if the lift over popularity is at least (1 − maxLiftLoss)
 *    of the champion's own, else hold. (Lifts, since champion and candidate were measured on different nights.)
 */
export function decide(
  evidence: Evidence,
  champion: { report: Report | null } | null,
  rules: GateRules,
): Verdict {
  if (evidence.kind === 'diverged') return verdict('reject', false, [evidence.how]);
  if (evidence.kind === 'missing') return verdict('hold', false, [evidence.why]);
  const { report } = evidence;
  const broken = brokenNumbers(report, rules.k);
  if (broken.length > 0) return verdict('reject', false, broken);

  const compared = report.differences.map((difference) => ({
    ...difference,
    sentence: sentenceOf(report, difference, rules.k),
  }));
  const sentences = compared.map(({ sentence }) => sentence);
  const isAhead = compared.every(({ mean }) => mean > 0);
  if (champion === null) {
    return isAhead
      ? verdict('promote', true, ['first personal release', ...sentences])
      : verdict('hold', false, sentences);
  }
  const worse = compared.filter(({ upper }) => upper < 0);
  if (worse.length > 0)
    return verdict(
      'reject',
      false,
      worse.map(({ sentence }) => sentence),
    );
  if (!isAhead) return verdict('hold', false, sentences);
  if (compared.every(({ lower }) => lower > 0)) {
    return verdict('promote', report.split !== 'last-7-days', sentences);
  }
  return withoutProof(report, champion.report, rules, sentences);
}

/** Ahead of both baselines, but the intervals reach 0. */
function withoutProof(
  report: Report,
  champion: Report | null,
  { k, maxLiftLoss }: GateRules,
  sentences: string[],
): Verdict {
  const before = champion === null ? null : liftOf(champion, k);
  const now = liftOf(report, k);
  if (before === null || now === null) {
    return verdict('hold', false, [...sentences, 'the champion has no report to compare with']);
  }
  const floor = (1 - maxLiftLoss) * before;
  const comparison = `lift over popularity is ${now.toFixed(2)}, the champion's was ${before.toFixed(2)}, at least ${floor.toFixed(2)} is wanted where proof is missing`;
  return verdict(now >= floor ? 'promote' : 'hold', now >= floor, [...sentences, comparison]);
}

function verdict(kind: Verdict['kind'], provisional: boolean, reasons: string[]): Verdict {
  return { kind, provisional, reasons };
}

function metricsOf(
  report: Report,
  model: Report['scores'][number]['model'],
  k: number,
): MetricsAtK | undefined {
  return report.scores.find((score) => score.model === model)?.at[String(k)];
}

/** The served order; in reports of versions that served the taste alone, that. */
const candidateOf = (report: Report, k: number): MetricsAtK | undefined =>
  metricsOf(report, 'blend', k) ?? metricsOf(report, 'als', k);

function liftOf(report: Report, k: number): number | null {
  const served = candidateOf(report, k)?.ndcg;
  const popularity = metricsOf(report, 'popularity', k)?.ndcg;
  return served === undefined || popularity === undefined || popularity === 0 ? null : served / popularity;
}

/** Numbers without which there is no evidence: every one must be there and finite, for both baselines. */
function brokenNumbers(report: Report, k: number): string[] {
  const broken: string[] = [];
  const metrics = candidateOf(report, k);
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
  return broken;
}

function sentenceOf(
  report: Report,
  { baseline, mean, lower, upper }: Report['differences'][number],
  k: number,
): string {
  const ours = candidateOf(report, k)?.ndcg ?? Number.NaN;
  const theirs = metricsOf(report, baseline, k)?.ndcg ?? Number.NaN;
  const standing = mean > 0 ? 'beats' : mean < 0 ? 'is below' : 'equals';
  return (
    `NDCG@${k} ${ours.toFixed(4)} ${standing} ${baseline} ${theirs.toFixed(4)} ` +
    `(difference ${signed(mean)}, bounds ${signed(lower)} … ${signed(upper)}, ${report.viewers} viewers, ` +
    `${describeSplit(report.split)})`
  );
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
