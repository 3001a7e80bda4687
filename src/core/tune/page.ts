import type { Trial, Tuning } from '../../contracts/index.js';
import { escape, reportDocument, table } from '../report-page/document.js';

/** Between the middles of two labels below a panel. */
const TICK_ROOM = 40;
const PANEL = { width: 290, height: 190, left: 46, top: 30, gap: 26 };
/** Okabe–Ito colours by round, the last the strongest: told apart by colour-blind readers. */
const COLOURS = ['#9aa7b5', '#56b4e9', '#0072b2'];
const OWN = '#d55e00';

/** A search as one HTML page without scripts or outside files: its course, each parameter against NDCG@10, all fits. */
export function tuningPage(tuning: Tuning, trials: readonly Trial[]): string {
  const { best, current, difference, popularity, viewers } = tuning;
  const rounds = Math.max(...trials.map(({ round }) => round)) + 1;
  const week =
    tuning.cutoff === null
      ? 'the last fifth of each viewer’s earlier behaviour'
      : `${tuning.cutoff.slice(0, 10)} up to ${tuning.asOf.slice(0, 10)}`;
  const legend = Array.from({ length: rounds }, (_, n) => {
    const epochs = trials.find(({ round }) => round === n)?.epochs ?? 0;
    return `<span style="color:${colour(n, rounds)}">●</span> round ${n + 1} (${epochs} epochs)`;
  });
  return reportDocument(
    `Search ${tuning.search}`,
    `<h1>Search ${escape(tuning.search)}</h1>
<p>${viewers} viewers, ${week}.
NDCG@10 of the best ${best.ndcg.toFixed(4)}, of the current setting ${current.ndcg.toFixed(4)}, of popularity ${popularity.toFixed(4)};
best less current ${difference.mean.toFixed(4)} (${difference.lower.toFixed(4)} … ${difference.upper.toFixed(4)}).</p>
${tuning.fragment === '' ? '<p>The current setting is the best of them.</p>' : `<pre>${escape(tuning.fragment)}</pre>`}
<p><small>${legend.join(' · ')}
· <span style="color:${OWN}">◆</span> the current setting. A setting is in a later round for being good in the one before.</small></p>
${figure(trials, rounds)}
<h2>Fits</h2>
${fitsTable(trials)}`,
  );
}

const colour = (round: number, rounds: number) => COLOURS[COLOURS.length - rounds + round] ?? COLOURS[0]!;

interface Axis {
  name: string;
  of: (trial: Trial, n: number) => number;
  isLog: boolean;
}

const AXES: Axis[] = [
  { name: 'fit', of: (_, n) => n + 1, isLog: false },
  { name: 'k', of: ({ setting }) => setting.k, isLog: true },
  { name: 'α₀', of: ({ setting }) => setting.alpha0, isLog: true },
  { name: 'λ', of: ({ setting }) => setting.lambda, isLog: true },
  { name: 'ν', of: ({ setting }) => setting.nu, isLog: false },
  { name: 'half-lives ×', of: ({ setting }) => setting.halfLife, isLog: true },
];

function figure(trials: readonly Trial[], rounds: number): string {
  const scores = trials.flatMap(({ ndcg }) => (ndcg === null ? [] : [ndcg]));
  const [low, high] = padded(Math.min(...scores), Math.max(...scores));
  const { width, height, left, top, gap } = PANEL;
  const y = (ndcg: number) => top + (height * (high - ndcg)) / (high - low);
  const panels = AXES.map((axis, n) => {
    const dx = (n % 3) * (width + left + gap);
    const dy = Math.floor(n / 3) * (height + top + 48);
    return `<g transform="translate(${dx},${dy})">${panel(axis, trials, rounds, y, [low, high])}</g>`;
  });
  const all = { width: 3 * (width + left + gap), height: 2 * (height + top + 48) };
  return `<svg role="img" aria-label="NDCG@10 of every fit by parameter" viewBox="0 0 ${all.width} ${all.height}" style="max-width:none">${panels.join('\n')}</svg>`;
}

function panel(
  axis: Axis,
  trials: readonly Trial[],
  rounds: number,
  y: (ndcg: number) => number,
  [low, high]: [number, number],
): string {
  const { width, height, left, top } = PANEL;
  const place = (value: number) => (axis.isLog ? Math.log(value) : value);
  const values = trials.map((trial, n) => axis.of(trial, n));
  const [from, to] = padded(Math.min(...values.map(place)), Math.max(...values.map(place)));
  const x = (value: number) => left + (width * (place(value) - from)) / (to - from);
  const out = [
    `<text x="${left}" y="18" font-weight="600">NDCG@10 by ${escape(axis.name)}</text>`,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" class="axis"/>`,
  ];
  for (let n = 0; n <= 3; n++) {
    const at = low + ((high - low) * n) / 3;
    out.push(
      `<line x1="${left}" x2="${left + width}" y1="${r(y(at))}" y2="${r(y(at))}" class="axis"/>`,
      `<text class="soft" x="${left - 5}" y="${r(y(at) + 4)}" text-anchor="end">${at.toFixed(3)}</text>`,
    );
  }
  for (const value of ticks(values, x)) {
    out.push(
      `<text class="soft" x="${r(x(value))}" y="${top + height + 16}" text-anchor="middle">${value}</text>`,
    );
  }
  if (axis.name === 'fit') out.push(course(trials, x, y));
  trials.forEach((trial, n) => {
    if (trial.ndcg === null) return;
    const [cx, cy] = [r(x(values[n]!)), r(y(trial.ndcg))];
    const title = `<title>fit ${n + 1}, setting ${trial.number}: ${trial.ndcg.toFixed(4)}</title>`;
    out.push(
      trial.number === 0
        ? `<path d="M${cx} ${r(cy - 6)}l6 6-6 6-6-6z" fill="${OWN}">${title}</path>`
        : `<circle cx="${cx}" cy="${cy}" r="${trial.round === rounds - 1 ? 5 : 4}" fill="${colour(trial.round, rounds)}" fill-opacity="0.8">${title}</circle>`,
    );
  });
  return out.join('');
}

/** The best of each round so far, as a line that begins anew with a round: its scores are not those of the one before. */
function course(trials: readonly Trial[], x: (n: number) => number, y: (ndcg: number) => number): string {
  let path = '';
  let best = -Infinity;
  trials.forEach(({ round, ndcg }, n) => {
    const isFirst = round !== trials[n - 1]?.round;
    best = Math.max(isFirst ? -Infinity : best, ndcg ?? -Infinity);
    if (Number.isFinite(best)) path += `${isFirst || path === '' ? 'M' : 'L'}${r(x(n + 1))} ${r(y(best))}`;
  });
  return `<path d="${path}" fill="none" class="range"/>`;
}

/** Of the values that occur, ascending, those whose labels do not run into the one before. */
function ticks(values: readonly number[], x: (value: number) => number): number[] {
  let end = -Infinity;
  return [...new Set(values)]
    .sort((a, b) => a - b)
    .filter((value) => {
      if (x(value) < end) return false;
      end = x(value) + TICK_ROOM;
      return true;
    });
}

function padded(least: number, most: number): [number, number] {
  const room = (most - least) * 0.06 || 0.5;
  return [least - room, most + room];
}

function fitsTable(trials: readonly Trial[]): string {
  const head = ['round', 'setting', 'epochs', 'k', 'α₀', 'λ', 'ν', 'half-lives ×', 'NDCG@10', 'taste alone', 'seconds']; // prettier-ignore
  const rows = trials.map(({ round, number, epochs, setting, ndcg, taste, seconds }) => [
    String(round + 1),
    number === 0 ? 'current' : String(number),
    ...[epochs, setting.k, setting.alpha0, setting.lambda, setting.nu, setting.halfLife].map(String),
    ndcg?.toFixed(4) ?? 'diverged',
    taste?.toFixed(4) ?? '',
    seconds.toFixed(1),
  ]);
  return table(head, rows, 0);
}

const r = (value: number) => Math.round(value * 10) / 10;
