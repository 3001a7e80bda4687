import type { Comparison, Report } from '../contracts/index.js';
import { requiredViewers, standardDeviation } from '../core/metrics/inference.js';
import { type Judgement, meanOf } from '../core/metrics/judgement.js';
import { organicValues } from '../core/metrics/organic.js';
import type { ActivityDeps } from './deps.js';
import { CANDIDATE, DIFFERENCE_K, LIST_K, type Line, minus, placeOf, valuesAt } from './judged-models.js';

type Deps = Pick<ActivityDeps, 'config' | 'judge'>;
type Baseline = Report['differences'][number]['baseline'];

/** What decides, and how deep. */
const COMPARED = [
  ['ndcg@10', 'ndcg', DIFFERENCE_K],
  ['recall@50', 'recall', LIST_K],
] as const;

/** The scorer in a place over the plays that no recommendation caused; null where there are none. */
export function organicScore(
  judgement: Judgement,
  place: number,
  isOrganic: Uint8Array,
): NonNullable<Report['scores'][number]['organic']> | null {
  const [ndcg, recall] = COMPARED.map(([, metric, k]) =>
    organicValues(judgement, place, isOrganic, metric, k),
  ) as [Float64Array, Float64Array];
  return ndcg.length === 0 ? null : { viewers: ndcg.length, ndcg: meanOf(ndcg), recall: meanOf(recall) };
}

/** NDCG of the candidate minus that of a baseline, viewer by viewer, over all plays and over organic ones. */
export async function difference(
  deps: Deps,
  judgement: Judgement,
  baseline: Baseline,
  isOrganic: Uint8Array,
  signal: AbortSignal,
): Promise<Report['differences'][number]> {
  const all = (line: Line) => valuesAt(judgement, line, DIFFERENCE_K, 'ndcg');
  const organic = (line: Line) => organicValues(judgement, placeOf(line), isOrganic, 'ndcg', DIFFERENCE_K);
  const theirs = organic(baseline);
  return {
    baseline,
    ...(await lead(deps, all(CANDIDATE), all(baseline), signal)),
    organic: theirs.length === 0 ? null : await lead(deps, organic(CANDIDATE), theirs, signal),
  };
}

/** `required`: viewers that it takes to prove a lead of `gate.minLift`. */
async function lead(deps: Deps, ours: Float64Array, theirs: Float64Array, signal: AbortSignal) {
  const differences = minus(ours, theirs);
  const interval = await intervalOf(deps, differences, signal);
  const base = meanOf(theirs);
  const required = requiredViewers(differences, base, deps.config.gate.minLift);
  return {
    ...interval,
    relative: base === 0 ? 0 : interval.mean / base,
    viewers: theirs.length,
    required: Number.isFinite(required) ? required : null,
  };
}

/** Candidate minus champion: NDCG@10 and Recall@50, over all plays and over organic ones. */
export async function compare(
  deps: Deps,
  judgement: Judgement,
  isOrganic: Uint8Array,
  signal: AbortSignal,
): Promise<Comparison[]> {
  const found: Comparison[] = [];
  for (const [metric, name, k] of COMPARED) {
    const all = (line: Line) => valuesAt(judgement, line, k, name);
    const organic = (line: Line) => organicValues(judgement, placeOf(line), isOrganic, name, k);
    for (const [plays, of] of [
      ['all', all],
      ['organic', organic],
    ] as const) {
      const base = of('champion');
      if (base.length === 0) continue;
      const differences = minus(of(CANDIDATE), base);
      const required = requiredViewers(differences, meanOf(base), deps.config.gate.margin);
      found.push({
        metric,
        plays,
        viewers: base.length,
        base: meanOf(base),
        ...(await intervalOf(deps, differences, signal)),
        required: Number.isFinite(required) ? required : null,
      });
    }
  }
  return found;
}

export function intervalOf({ config, judge }: Deps, differences: Float64Array, signal: AbortSignal) {
  const { bootstrap, seed } = config.evaluate;
  return judge.interval(differences, { seed, resamples: bootstrap, threads: config.ials.threads, signal });
}

/** ln of the ratio of means, and its standard error by the delta method: paired, so a hard week hurts both alike. */
export function liftOf(judgement: Judgement): { log: number; error: number } | undefined {
  const ours = valuesAt(judgement, CANDIDATE, DIFFERENCE_K, 'ndcg');
  const theirs = valuesAt(judgement, 'popularity', DIFFERENCE_K, 'ndcg');
  const [a, b] = [meanOf(ours), meanOf(theirs)];
  if (a <= 0 || b <= 0) return undefined;
  const influence = ours.map((value, n) => value / a - theirs[n]! / b);
  return { log: Math.log(a / b), error: standardDeviation(influence) / Math.sqrt(ours.length) };
}
