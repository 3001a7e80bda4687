import type { MetricInterval } from '../../contracts/index.js';
import { standardDeviation } from './inference.js';
import { type Judgement, METRICS, meanOf, valuesOf } from './judgement.js';
import { LIST_COLUMNS, type ListJudgement, listValues } from './list-judgement.js';

/** z of a one-sided 95 % bound. */
const Z_BOUND = 1.645;
/** The K of the lists that people look at. */
const K = 10;

/**
 * Means with their bounds, mean ± 1.645·sd/√n: what a model card shows. For hundreds of viewers and more the mean is as
 * good as normal, and resampling every metric of every model would cost a night seconds; what a gate decides is resampled.
 */
export function metricIntervals(
  judgement: Judgement,
  lists: ListJudgement,
  models: readonly MetricInterval['model'][],
): MetricInterval[] {
  const at = judgement.ks.indexOf(K);
  return models.flatMap((model, scorer) => [
    ...METRICS.map((metric) => interval(model, `${metric}@${K}`, valuesOf(judgement, scorer, at, metric))),
    ...LIST_COLUMNS.flatMap((column) => {
      const values = listValues(lists, scorer, column);
      return values.length === 0 ? [] : [interval(model, column, values)];
    }),
  ]);
}

function interval(model: MetricInterval['model'], metric: string, values: Float64Array): MetricInterval {
  const mean = meanOf(values);
  const error = values.length === 0 ? 0 : standardDeviation(values) / Math.sqrt(values.length);
  return { model, metric, mean, lower: mean - Z_BOUND * error, upper: mean + Z_BOUND * error };
}
