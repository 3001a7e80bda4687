import type { Config, GateId, GateOutcome, ListMetrics, MetricsAtK, Report } from '../../contracts/index.js';

/** Thresholds, and the K of the deciding NDCG. */
export type GateRules = Config['gate'] & { k: number };

type ModelName = Report['scores'][number]['model'];

export function metricsOf(report: Report, model: ModelName, k: number): MetricsAtK | undefined {
  return report.scores.find((score) => score.model === model)?.at[String(k)];
}

export function listsOf(report: Report, model: ModelName): ListMetrics | undefined {
  return report.scores.find((score) => score.model === model)?.lists;
}

/** The served order; in reports of versions that served the taste alone, that. */
export function candidateOf(report: Report): ModelName {
  return report.scores.some(({ model }) => model === 'blend') ? 'blend' : 'als';
}

export const pass = (gate: GateId, sentence: string): GateOutcome => ({ gate, state: 'PASS', sentence });
export const fail = (gate: GateId, sentence: string): GateOutcome => ({ gate, state: 'FAIL', sentence });
export const unclear = (gate: GateId, sentence: string): GateOutcome => ({
  gate,
  state: 'INCONCLUSIVE',
  sentence,
});

/** One thing that a gate looks at; null = it could not be measured. */
export type Finding = { isKept: boolean | null; says: string };

/** A gate of several limits: FAIL when one is broken, INCONCLUSIVE when one could not be measured, else PASS. */
export function all(gate: GateId, findings: Finding[]): GateOutcome {
  const broken = findings.filter(({ isKept }) => isKept === false);
  const unknown = findings.filter(({ isKept }) => isKept === null);
  const say = (list: Finding[]) => list.map(({ says }) => says).join('; ');
  if (broken.length > 0) return fail(gate, say(broken));
  if (unknown.length > 0) return unclear(gate, say(unknown));
  return pass(gate, say(findings));
}

/** A measured value against a limit, `at least` or `at most`; a value that is not a number keeps no limit. */
export function limit(
  name: string,
  value: number | null | undefined,
  relation: 'at least' | 'at most',
  bound: number | null | undefined,
  digits = 3,
): Finding {
  if (value == null || bound == null) return { isKept: null, says: `${name} could not be measured` };
  const isKept = relation === 'at least' ? value >= bound : value <= bound;
  const verb = isKept ? '' : 'only ';
  return {
    isKept,
    says: `${name} ${relation === 'at least' ? verb : ''}${value.toFixed(digits)}, ${relation} ${bound.toFixed(digits)} wanted`,
  };
}

export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
