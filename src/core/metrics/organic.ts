import { ndcg, recall } from './definitions.js';
import type { Judgement } from './judgement.js';

/**
 * A metric over the relevant pairs that `counts` marks, viewer by viewer, from the ranks that a judgement kept; viewers
 * without such a pair are left out. Of organic pairs the ranks are those among all candidates, as for every pair.
 */
export function organicValues(
  { relevant, ranks }: Pick<Judgement, 'relevant' | 'ranks'>,
  scorer: number,
  counts: ArrayLike<number>,
  metric: 'ndcg' | 'recall',
  k: number,
): Float64Array {
  const found: number[] = [];
  for (let viewer = 0; viewer + 1 < relevant.start.length; viewer++) {
    const own: number[] = [];
    for (let pair = relevant.start[viewer]!; pair < relevant.start[viewer + 1]!; pair++) {
      if (counts[pair] === 1) own.push(ranks[scorer]![pair]!);
    }
    own.sort((a, b) => a - b);
    if (own.length > 0) found.push(metric === 'ndcg' ? ndcg(own, k) : recall(own, k));
  }
  return Float64Array.from(found);
}
