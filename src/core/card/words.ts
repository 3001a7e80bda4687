import type { Card, MetricInterval, Report } from '../../contracts/index.js';

/** Models by the names that people know them by. */
export const MODEL_NAMES: Record<MetricInterval['model'], string> = {
  blend: 'this release',
  als: 'its taste alone',
  ease: 'its taste alone',
  popularity: 'what most watch',
  'weighted-rating': 'the formula (Top list)',
  champion: 'the release before',
  other: 'the other kind of model',
};

export const SPLITS: Record<Report['split'], string> = {
  'last-7-days': 'the seven days before the night, which the judged model had not seen',
  'last-28-days': 'the twenty-eight days before the night, which the judged model had not seen',
  'per-viewer-80-20':
    'the last fifth of each viewer’s own history (there were too few viewers for a split by time)',
};

/** Metrics in the order of the table, and what they mean to somebody who has never met them. */
export const METRIC_WORDS: readonly [name: string, meaning: string][] = [
  ['hit', 'viewers with at least one film in the list that they went on to watch'],
  ['ndcg', 'how high up those films stand: 1 = all of them first'],
  ['recall', 'of the films a viewer watched, the share that the list had'],
  ['precision', 'of the films in the list, the share that was watched'],
  ['f1', 'the two together'],
  ['map', 'precision at each film found, averaged'],
  ['mrr', 'one over the place of the first film found'],
  ['auc', 'a watched film stands above another one'],
  ['coverage', 'films of the catalogue that appear in any list'],
];

export const LIST_WORDS: readonly [
  name: keyof NonNullable<Report['scores'][number]['lists']>,
  meaning: string,
][] = [
  ['coverage50', 'films of the catalogue in anybody’s first fifty'],
  ['tailShare', 'places in first fifties held by the least watched third'],
  ['popularity', 'how many viewers a listed film had, on average'],
  ['gini', 'concentration: 0 = all films shown alike, 1 = one film alone'],
  ['novelty', 'surprise of a listed film, in bits'],
  ['ild', 'how unlike the films of one list are, by genre'],
  ['ildFactors', 'how unlike they are to the model'],
  ['miscalibration', 'how far a list’s genres are from the viewer’s own'],
  ['freshness', 'listed films added in the last ninety days'],
  ['disliked', 'listed films that the viewer dislikes'],
];

export const DIMENSION_WORDS: Record<string, string> = {
  tenure: 'time with us',
  history: 'films liked so far',
  age: 'age limit',
  market: 'market',
  language: 'language',
  genre: 'favourite genre',
  device: 'device',
};

export function intervalOf(
  card: Card,
  model: MetricInterval['model'],
  metric: string,
): MetricInterval | undefined {
  return card.report?.intervals?.find((one) => one.model === model && one.metric === metric);
}

/** Notes are written without a capital and a full stop, to stand in other sentences, too. */
export const asSentence = (note: string): string => `${note[0]?.toUpperCase() ?? ''}${note.slice(1)}.`;

export const count = (n: number): string => n.toLocaleString('en');

export function duration(ms: number): string {
  return ms < 90_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
