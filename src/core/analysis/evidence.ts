import type { Analysis, ListMetrics, MetricsAtK, Report } from '../../contracts/index.js';
import { inReadingOrder } from '../metrics/slices.js';
import { percent } from '../percent.js';
import { escape, table } from '../report-page/document.js';

const four = (value: number | null | undefined) => value?.toFixed(4) ?? '';

/** What stands in the table of models: the numbers that the gates and their readers look at first. */
const AT: readonly (readonly [k: string, metric: keyof MetricsAtK])[] = [
  ['10', 'ndcg'],
  ['50', 'recall'],
  ['10', 'precision'],
  ['10', 'f1'],
  ['10', 'map'],
  ['10', 'hit'],
  ['10', 'mrr'],
  ['10', 'auc'],
];
const LISTS: readonly (readonly [metric: keyof ListMetrics, name: string])[] = [
  ['coverage50', 'coverage@50'],
  ['tailShare', 'tail share'],
  ['popularity', 'mean popularity'],
  ['gini', 'exposure Gini'],
  ['novelty', 'novelty, bits'],
  ['ild', 'diversity'],
  ['miscalibration', 'miscalibration'],
  ['freshness', 'fresh'],
  ['dislikedRaw', 'disliked, unfiltered'],
];
/** These have no K of their own. */
const WITHOUT_K: ReadonlySet<keyof MetricsAtK> = new Set(['mrr', 'auc']);

/** Every model over the same viewers: how well it ranks, over all plays and over organic ones, and what its lists are like. */
export function modelsSection({ scores, viewers, definitionId }: Report): string {
  const ranking = table(
    ['model', ...AT.map(([k, metric]) => (WITHOUT_K.has(metric) ? metric : `${metric}@${k}`))],
    scores.map(({ model, at }) => [model, ...AT.map(([k, metric]) => four(at[k]?.[metric]))]),
    1,
  );
  const organic = scores.some((score) => score.organic !== undefined)
    ? `<h3>Organic plays alone</h3>
<p><small>Plays that no recommendation row caused: what the champion's own lists brought about favours it.</small></p>
${table(
  ['model', 'viewers', 'ndcg@10', 'recall@50'],
  scores.map(({ model, organic: own }) => [
    model,
    String(own?.viewers ?? ''),
    four(own?.ndcg),
    four(own?.recall),
  ]),
  1,
)}`
    : '';
  const lists = table(
    ['model', ...LISTS.map(([, name]) => name)],
    scores.map(({ model, lists: own }) => [model, ...LISTS.map(([metric]) => four(own?.[metric]))]),
    1,
  );
  return `<p>${viewers} viewers; definitions ${escape(definitionId)}, each number's own in <code>report.json</code></p>
${ranking}${organic}
<h3>The lists themselves</h3>
${lists}`;
}

/** The candidate against each of the others, with bounds, and how many viewers a proof takes. */
export function comparisonSection({ differences, comparisons = [], agreement }: Report): string {
  const bounds = ({ mean, lower, upper }: { mean: number; lower: number; upper: number }) =>
    `${four(mean)} (${four(lower)} … ${four(upper)})`;
  const row = (
    against: string,
    metric: string,
    plays: string,
    found: Parameters<typeof bounds>[0] & {
      viewers?: number | undefined;
      required?: number | null | undefined;
    },
  ) => [
    against,
    metric,
    plays,
    bounds(found),
    String(found.viewers ?? ''),
    found.required === null ? 'no number is enough' : String(found.required ?? ''),
  ];
  const rows = [
    ...comparisons.map((found) => row('champion', found.metric, found.plays, found)),
    ...differences.flatMap(({ organic, ...all }) => [
      row(all.baseline, 'ndcg@10', 'all', all),
      ...(organic == null ? [] : [row(all.baseline, 'ndcg@10', 'organic', organic)]),
    ]),
  ];
  const alike =
    agreement === undefined
      ? ''
      : `<p>Of the first ten films ${percent(agreement.overlap, 0)} are the champion's too; rank-biased overlap ${agreement.rbo.toFixed(3)}.</p>`;
  return `${table(['against', 'metric', 'plays', 'difference, bounds', 'viewers', 'viewers that proof takes'], rows, 3)}
<p><small>Proof, at 95 % one-sided with 80 % power: no worse than the champion by the gate's margin; ahead of a baseline by its least lift.</small></p>${alike}`;
}

/** Every group that is large enough, against the champion where there is one. */
export function slicesSection({ slices = [] }: Analysis): string {
  const isCompared = slices.some(({ difference }) => difference != null);
  const head = ['slice', 'viewers', 'NDCG@10', '± error', ...(isCompared ? ['difference, bounds', 'p of harm'] : [])]; // prettier-ignore
  const dimensions = [...new Set(slices.map(({ dimension }) => dimension))];
  const rows = dimensions.flatMap((dimension) =>
    inReadingOrder(slices.filter((slice) => slice.dimension === dimension)).map(
      ({ value, viewers, ndcg, error, difference }) => [
        `${dimension} ${value}`,
        String(viewers),
        four(ndcg),
        four(error),
        ...(isCompared
          ? [
              difference == null
                ? ''
                : `${four(difference.mean)} (${four(difference.lower)} … ${four(difference.upper)})`,
              difference?.p?.toFixed(3) ?? 'too few to test',
            ]
          : []),
      ],
    ),
  );
  return rows.length === 0 ? '<p>No group has enough viewers to be shown.</p>' : table(head, rows, 1);
}

/** What the main numbers leave out, and how well it is served. */
export function leftOutSection({ leftOut, coldFilms = [], notes = [] }: Report): string {
  const counts =
    leftOut === undefined
      ? ''
      : `<p>${leftOut.newViewers} viewers with too little history, and ${leftOut.coldPairs} wanted pairs on films that came after the cut, are in none of the numbers above.</p>`;
  const cold =
    coldFilms.length === 0
      ? ''
      : `<h3>Films that the model cannot know, placed by their facts</h3>
${table(
  ['films', 'how many', 'viewers', 'wanted pairs', 'by facts', 'by genre popularity', 'by chance', 'facts − genre popularity, bounds'],
  coldFilms.map(({ pool, films, viewers, pairs, k, recall, lead }) => [
    `${pool}, recall@${k}`,
    String(films),
    String(viewers),
    String(pairs),
    ...[recall.facts, recall.genrePopularity, recall.chance].map(four),
    `${four(lead.mean)} (${four(lead.lower)} … ${four(lead.upper)})`,
  ]),
  1,
)}`; // prettier-ignore
  return `${counts}${cold}${notes.map((note) => `<p><small>${escape(note)}</small></p>`).join('')}`;
}
