import type { Analysis, Report, Verdict } from '../../contracts/index.js';
import { percent } from '../percent.js';
import { bars } from '../report-page/charts.js';
import { escape, reportDocument, table } from '../report-page/document.js';
import { gateTable } from '../report-page/gate-table.js';
import { comparisonSection, leftOutSection, modelsSection, slicesSection } from './evidence.js';

/** The analysis as one HTML page without scripts or outside files; every word of the data is escaped. */
export function analysisPage(night: string, report: Report, verdict: Verdict, analysis: Analysis): string {
  return reportDocument(
    `Judgement of night ${night}`,
    `<h1>Night ${escape(night)}: ${escape(verdict.kind)}</h1>
<p>${verdict.reasons.map(escape).join('<br>')}</p>
<h2>Models</h2>
${modelsSection(report)}
<h2>Against the others</h2>
${comparisonSection(report)}
${warnings(report)}
<h2>Gates</h2>
${gateTable(verdict.gates ?? [])}
<h2>What goes wrong most</h2>
<p>${analysis.topErrors.map(({ type, share }) => `<b>${escape(type)}</b> ${percent(share)}`).join(', ')} of all films that were wanted and not listed.</p>
${bars(
  'misses by type',
  Object.entries(analysis.misses).map(([name, value]) => ({ name, value })),
  String,
)}
<h2>Worst slices</h2>
${slices(analysis)}
<h2>All slices</h2>
${slicesSection(analysis)}
<h2>What is left out</h2>
${leftOutSection(report)}
<h2>Recall@50 by popularity of the film</h2>
${bars(
  'recall by popularity third',
  analysis.thirds.flatMap(({ third, recall, champion, pairs }) => [
    ...(recall === null ? [] : [{ name: `${third} (${pairs} pairs)`, value: recall }]),
    ...(champion == null ? [] : [{ name: `${third}, champion`, value: champion, isMain: false }]),
  ]),
  (value) => value.toFixed(3),
)}
<h2>Genres wanted and genres given</h2>
${heat(analysis.confusion)}
<h2>Films shown too much, and too little</h2>
${films(analysis.exposure)}
<h2>Viewers served worst</h2>
<p><small>Names are of this report alone.</small></p>
${analysis.worstViewers.slice(0, 20).map(viewer).join('\n')}
<h2>Lists that changed most</h2>
${
  analysis.biggestChanges.length === 0
    ? '<p>There is no champion to compare with.</p>'
    : table(
        ['viewer', 'in common of 10', 'now', 'before'],
        analysis.biggestChanges.map(({ name, overlap, now, before }) => [
          name,
          String(Math.round(overlap * 10)),
          now.join(', '),
          before.join(', '),
        ]),
      )
}`,
  );
}

function warnings({ warnings: found = [], gap }: Report): string {
  const lines = found.map((warning) => `<p class="INCONCLUSIVE">${escape(warning)}</p>`).join('\n');
  if (gap === undefined) return lines;
  const champion = gap.champion === null ? '' : ` (of the champion ${gap.champion.toFixed(4)})`;
  return `<p><small>NDCG@10 on what was learnt less that on the test part: ${gap.candidate.toFixed(4)}${champion}.</small></p>${lines}`;
}

function slices({ worstSlices }: Analysis): string {
  const rows = worstSlices.map(({ slice, viewers, ndcg, difference }) => [
    slice,
    String(viewers),
    ndcg.toFixed(4),
    difference === null
      ? ''
      : `${difference.mean.toFixed(4)} (${difference.lower.toFixed(4)} … ${difference.upper.toFixed(4)})`,
  ]);
  return table(['slice', 'viewers', 'NDCG@10', 'difference to the champion, bounds'], rows, 1);
}

/** Rows: the genre wanted; columns: the genres of the lists given instead; darker = more, of the row. */
function heat({ genres, wantedByGiven }: Analysis['confusion']): string {
  if (genres.length === 0) return '<p>The films have no genres.</p>';
  const cell = 20;
  const left = 130;
  const top = 110;
  const cells = wantedByGiven.flatMap((row, y) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((value, x) => {
      const share = sum === 0 ? 0 : value / sum;
      return `<rect x="${left + x * cell}" y="${top + y * cell}" width="${cell - 1}" height="${cell - 1}" class="main" fill-opacity="${share.toFixed(2)}"><title>${escape(genres[y]!)} wanted, ${escape(genres[x]!)} given: ${percent(share)}</title></rect>`;
    });
  });
  const names = genres.flatMap((name, n) => [
    `<text x="${left - 6}" y="${top + n * cell + 14}" text-anchor="end">${escape(name)}</text>`,
    `<text transform="translate(${left + n * cell + 14},${top - 6}) rotate(-60)">${escape(name)}</text>`,
  ]);
  return `<svg role="img" aria-label="genres wanted by genres given" viewBox="0 0 ${left + genres.length * cell + 60} ${top + genres.length * cell + 4}">${cells.join('')}${names.join('')}</svg>`;
}

function films({ over, under }: Analysis['exposure']): string {
  const rows = over.map((film, n) => [
    `${film.film} (${film.ratio.toFixed(1)}×)`,
    under[n] === undefined ? '' : `${under[n].film} (${under[n].ratio.toFixed(2)}×)`,
  ]);
  return table(['shown too much', 'shown too little'], rows);
}

function viewer({ name, ndcg, difference, history, list, missed }: Analysis['worstViewers'][number]): string {
  const against = difference === null ? '' : `, ${difference.toFixed(3)} to the champion`;
  return `<details><summary>${escape(name)}: NDCG@10 ${ndcg.toFixed(3)}${against}</summary>
<p><b>History:</b> ${history.map(escape).join(', ')}<br><b>List:</b> ${list.map(escape).join(', ')}<br>
<b>Missed:</b> ${missed.map(({ film, type }) => `${escape(film)} (${escape(type)})`).join(', ')}</p></details>`;
}
