/**
 * One id per definition, stored with every number: numbers under different ids are never compared. A changed definition
 * gets the next number. K is part of the name that carries the id, never of the definition.
 */
export const DEFINITION_IDS = {
  ndcg: 'ndcg/1: binary gain, log2 discount, ideal of min(K, |R|)',
  recall: 'recall/1: hits / |R|',
  precision: 'precision/1: hits / K',
  f1: 'f1/1: 2PR/(P+R) per viewer',
  map: 'map/1: sum of P@rank over hits / min(K, |R|)',
  mrr: 'mrr/1: 1 / rank of the first hit in the whole ranking',
  hit: 'hit/1: 1 with a hit in the top K',
  auc: 'auc/1: exact Mann-Whitney over all candidates',
  coverage: 'coverage/1: films in any top K / films of the catalogue at the cut',
  eligibleCoverage: 'eligible-coverage/1: films in any top 50 / films that the model knows',
  novelty: 'novelty/1: mean of -log2(c/sum c) over the top 10, bits',
  ild: 'ild-genres/1: mean 1 - Jaccard of genres over pairs of the top 10',
  ildFactors: 'ild-factors/1: mean 1 - cos of film factors over pairs of the top 10 that the model knows',
  popularity: 'arp/1: mean train positives over the top 10',
  gini: 'exposure-gini/1: Gini of sum 1/log2(1+rank) to rank 10 over films of the catalogue at the cut',
  tailShare: 'tail-share/1: share of top-50 places of films in the lowest third by train positives',
  miscalibration: 'c-kl/1: KL of history genres from 0.99 list + 0.01 history, top 10, nats',
  freshness: 'freshness/1: share of the top 10 added in the 90 days before the cut',
  dislikedRaw: 'disliked-raw/1: share of the top 10 that is disliked when dislikes are not filtered',
  disliked: 'disliked/1: share of the top 10 that is disliked, as filtered',
  overlap: 'overlap/1: |A and B| / 10 of the top 10, with the champion',
  rbo: 'rbo/1: rank-biased overlap, p .9, depth 10, renormalised, with the champion',
  gap: 'generalisation-gap/1: NDCG@10 on a resample of train positives - NDCG@10 on test',
} as const;
