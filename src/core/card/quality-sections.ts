import type { Card, MetricInterval, Report } from '../../contracts/index.js';
import { inReadingOrder } from '../metrics/slices.js';
import { percent } from '../percent.js';
import { bars, dots, pairs } from '../report-page/charts.js';
import { escape, table } from '../report-page/document.js';
import {
  DIMENSION_WORDS,
  LIST_WORDS,
  METRIC_WORDS,
  MODEL_NAMES,
  SPLITS,
  count,
  intervalOf,
} from './words.js';

const four = (value: number) => value.toFixed(4);

/** How good it is, beside what it is measured against. */
export function qualitySection(card: Card): string {
  const { report } = card;
  const head = '<h2 id="quality">How good it is</h2>';
  if (report === null) return `${head}<p>Nothing was measured.</p>`;
  const chart = (metric: string, title: string, caption: string, show: (value: number) => string) =>
    bars(
      title,
      report.scores.flatMap(({ model }) => {
        const found = intervalOf(card, model, metric);
        if (found === undefined || model === 'als' || model === 'ease') return [];
        const { mean, lower, upper } = found;
        return [
          {
            name: MODEL_NAMES[model],
            value: mean,
            range: [lower, upper] as const,
            isMain: model === 'blend',
          },
        ];
      }),
      show,
      caption,
    );
  return `${head}
<p>Measured on ${escape(SPLITS[report.split])}: for ${count(report.viewers)} viewers, every film of the catalogue was put in order, and their own later plays, likes and good ratings were looked up in it.</p>
<h3>Viewers who found something to watch in their first ten</h3>
${chart('hit@10', 'viewers with a hit in the first ten, by model', 'Bars: share of viewers. Lines: between their ends the true share lies nine times in ten.', (value) => percent(value))}
<h3>How high up the right films stand</h3>
${chart('ndcg@10', 'NDCG@10 by model', 'NDCG@10: 1 would be every film that was watched in the first places.', four)}
${gapSentence(report)}
<details><summary>All metrics at 5, 10 and 50 films</summary>
${metricTables(report)}
<h3>Bounds at 10 films</h3>
${boundsTable(card)}
<p class="soft">Definitions ${escape(report.definitionId)}; each number’s own is in <code>card.json</code>. Bounds: mean ± 1.645 standard errors over viewers. Catalogue-wide numbers have none: they are one number, not a mean.</p>
</details>`;
}

function gapSentence({ gap }: Report): string {
  if (gap === undefined) return '';
  const before = gap.champion === null ? '' : ` (the release before: ${four(gap.champion)})`;
  return `<p class="soft">On films it had learnt from it scores ${four(gap.candidate)} higher than on new ones${before}: the part that is memory rather than foresight.</p>`;
}

function metricTables({ scores }: Report): string {
  return Object.keys(scores[0]?.at ?? {})
    .map((k) => {
      const rows = METRIC_WORDS.map(([metric, meaning]) => [
        metric === 'coverage' || metric === 'mrr' || metric === 'auc' ? metric : `${metric}@${k}`,
        meaning,
        ...scores.map(({ at }) => four(at[k]?.[metric as keyof (typeof at)[string]] ?? Number.NaN)),
      ]);
      return `<h3>${k} films</h3>${table(['metric', 'what it says', ...scores.map(({ model }) => MODEL_NAMES[model])], rows, 2)}`;
    })
    .join('');
}

function boundsTable(card: Card): string {
  const rows = (card.report?.intervals ?? [])
    .filter(({ model }) => model === 'blend')
    .map(({ metric, mean, lower, upper }) => [metric, four(mean), four(lower), four(upper)]);
  return table(['metric', 'mean', 'lower', 'upper'], rows, 1);
}

/** For whom it works, and what it misses. */
export function groupsSection(card: Card): string {
  const { errors, report } = card;
  const head = '<h2 id="groups">For whom it works, and what it misses</h2>';
  if (errors === null || report === null) return `${head}<p>Nothing was measured.</p>`;
  const all = intervalOf(card, 'blend', 'ndcg@10')?.mean ?? 0;
  const slices = errors.slices ?? [];
  const byDimension = [...new Set(slices.map(({ dimension }) => dimension))].map((dimension) => {
    const own = inReadingOrder(slices.filter((slice) => slice.dimension === dimension));
    if (own.length < 2) return '';
    const name = DIMENSION_WORDS[dimension] ?? dimension;
    const points = own.map(({ value, viewers, ndcg, error }) => ({
      name: `${value} (${count(viewers)})`,
      value: ndcg,
      range: [ndcg - 1.645 * error, ndcg + 1.645 * error] as const,
    }));
    return `<h3>By ${escape(name)}</h3>${dots(`NDCG@10 by ${name}`, points, { at: all, show: four })}`;
  });
  const harm = report.slices;
  const tested =
    harm === undefined
      ? 'Groups were not tested against the release before: there is none.'
      : `${harm.tested} groups were large enough to be tested against the release before; ${harm.harmed.length === 0 ? 'none is worse off beyond doubt' : `worse off beyond doubt: ${harm.harmed.map(({ slice, relative }) => `${slice} (${percent(relative)})`).join(', ')}`}.`;
  const missed = errors.topErrors.map(({ type, share }) => ({ name: type, value: share }));
  return `${head}
<p>Points: NDCG@10 of a group with its bounds, number of viewers in brackets; the line is the mean of everybody. Groups of fewer than fifty are not shown. ${escape(tested)}</p>
${byDimension.join('')}
<h3>Why films that were wanted were not in the list</h3>
${bars('the most frequent error types', missed, (value) => percent(value), 'The most frequent reasons, as shares of all films that viewers wanted and did not find in their first fifty.')}`;
}

/** Popularity bias: what was liked, and what is shown. */
export function popularitySection(card: Card): string {
  const { popularity, errors, report, repeats } = card;
  const head = '<h2 id="popularity">Popular films, and all the others</h2>';
  const groups = popularity?.groups ?? [];
  const top = groups[0];
  const chart =
    top === undefined
      ? ''
      : `<p>The most liked tenth of films drew ${percent(top.liked, 0)} of all likes, and holds ${percent(top.shown, 0)} of the places in first tens. ${top.shown > top.liked ? 'It is shown more than it was liked: the usual pull of a recommender towards what is known.' : 'It is not shown more than it was liked.'}</p>
${pairs(
  'share of likes and of places by popularity',
  ['share of likes', 'share of places'],
  groups.map(({ liked, shown }, n) => ({
    name: n === 0 ? 'most' : n === 9 ? 'least' : String(n + 1),
    values: [liked, shown] as const,
  })),
  (value) => percent(value),
  'Films in tenths by how many viewers liked them. Grey: their share of likes. Blue: their share of places in everybody’s first ten.',
)}`;
  const thirds = (errors?.thirds ?? []).flatMap(({ third, recall, pairs: n }) =>
    recall === null ? [] : [{ name: `${third} third (${count(n)})`, value: recall }],
  );
  const found =
    thirds.length === 0
      ? ''
      : `<h3>Wanted films found in first fifties, by how known they are</h3>${bars('recall@50 by popularity third', thirds, (value) => percent(value))}`;
  const again = repeats.map(
    ({ night, nights, overlap, viewers }) =>
      `${percent(overlap, 0)} of the first ten films are those of the night of ${night}, ${nights} ${nights === 1 ? 'night' : 'nights'} before (${count(viewers)} viewers)`,
  );
  const repeatText =
    again.length === 0 ? 'There is no earlier release to compare lists with.' : `${again.join('; ')}.`;
  return `${head}
${chart}
${found}
<h3>Do viewers see something new?</h3><p>${escape(repeatText)}</p>
${report === null ? '' : `<details><summary>Lists as a whole, beside the others</summary>${listTable(report.scores)}</details>`}`;
}

function listTable(scores: Report['scores']): string {
  const models: MetricInterval['model'][] = scores.map(({ model }) => model);
  const rows = LIST_WORDS.map(([name, meaning]) => [
    name,
    meaning,
    ...scores.map(({ lists }) => {
      const value = lists?.[name];
      return value == null ? '' : value.toFixed(3);
    }),
  ]);
  return table(['', 'what it says', ...models.map((model) => MODEL_NAMES[model])], rows, 2);
}
