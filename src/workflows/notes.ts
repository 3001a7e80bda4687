import type { EvaluateResult } from '../contracts/training.js';
import type { TrainResult } from '../contracts/night.js';

/** A few words on what a stage did, for people who watch. */
export function trainNote(result: TrainResult): string {
  if (result.kind === 'skipped') return `skipped: ${result.reason}`;
  const { left, other } = result;
  const of = result.of ?? 'als'; // results of earlier versions knew no other
  const lacking = of === 'als' ? 'EASE' : 'ALS';
  const beside =
    other !== undefined
      ? `; ${lacking} beside it`
      : left === undefined
        ? ''
        : `; without ${lacking}: ${left}`;
  if (of === 'ease') return `EASE in one sweep${beside}`;
  const start = result.warm ? 'warm' : 'cold';
  return `${result.epochs} epochs from a ${start} start, loss ${result.losses.at(-1)?.toPrecision(5)}${beside}`;
}

export function evaluateNote(result: EvaluateResult | null): string {
  if (result === null) return 'nothing to judge';
  const scores = result.report?.scores.map(({ model, at }) => `${model} ${at['10']?.ndcg.toFixed(3)}`);
  return scores === undefined ? result.verdict.kind : `${result.verdict.kind}; NDCG@10 ${scores.join(', ')}`;
}
