import { escape } from './document.js';

/** Charts as SVG of our own; colours come from the page's style. Every chart is named, and its numbers stand in it as text. */
const WIDTH = 420;
const ROW = 26;

/** Names left of the bars, numbers right of them: at least this much room each, so that charts under each other line up. */
const LABEL = 150;
const NUMBER = 60;
/** What a sign takes at most on average, in any system's font at 13 px; digits of wide fonts take the most. */
const SIGN = 8.3;
/** Bars are never shorter; the chart grows beyond its width instead. */
const SPAN = 110;

/** One bar, or with `range` one point with its interval. */
export interface Bar {
  name: string;
  value: number;
  range?: readonly [lower: number, upper: number];
  isMain?: boolean;
}

const figure = (title: string, caption: string, height: number, body: string, width = WIDTH) =>
  `<figure><svg role="img" aria-label="${escape(title)}" viewBox="0 0 ${fixed(width)} ${height}">${body}</svg>` +
  (caption === '' ? '' : `<figcaption>${escape(caption)}</figcaption>`) +
  '</figure>';

const fixed = (value: number) => value.toFixed(1);

const room = (texts: readonly string[]) => SIGN * Math.max(0, ...texts.map(({ length }) => length));

/** Room for the names, and between them and the numbers for what is drawn, `gap` apart from both. */
function layout(names: readonly string[], numbers: readonly string[], gap: number) {
  const label = Math.max(LABEL, room(names));
  const number = Math.max(NUMBER, room(numbers));
  const span = Math.max(SPAN, WIDTH - label - number - 2 * gap);
  return { label, span, width: label + span + number + 2 * gap };
}

/** Horizontal bars from 0, the longest full width; a range is drawn as a line over its bar's end. */
export function bars(
  title: string,
  values: readonly Bar[],
  show: (value: number) => string,
  caption = '',
): string {
  const most = Math.max(...values.map(({ value, range }) => range?.[1] ?? value), Number.MIN_VALUE);
  const names = values.map(({ name }) => name);
  const numbers = values.map(({ value }) => show(value));
  const { label, span, width } = layout(names, numbers, 10);
  const x = (value: number) => label + 10 + (span * Math.max(value, 0)) / most;
  const rows = values.map(({ name, value, range, isMain = true }, n) => {
    const y = n * ROW;
    const [lower, upper] = range ?? [value, value];
    const interval =
      range === undefined
        ? ''
        : `<path class="range" d="M${fixed(x(lower))} ${y + 13}H${fixed(x(upper))}M${fixed(x(lower))} ${y + 9}v8M${fixed(x(upper))} ${y + 9}v8"/>`;
    return (
      `<text x="${fixed(label)}" y="${y + 17}" text-anchor="end">${escape(name)}</text>` +
      `<rect class="${isMain ? 'main' : 'other'}" x="${fixed(label + 10)}" y="${y + 4}" width="${fixed(x(value) - label - 10)}" height="18" rx="2"/>` +
      interval +
      `<text x="${fixed(x(Math.max(value, upper)) + 8)}" y="${y + 17}">${escape(show(value))}</text>`
    );
  });
  return figure(title, caption, values.length * ROW + 4, rows.join(''), width);
}

/** Points with their intervals against one line, for things that are compared with a mean. */
export function dots(
  title: string,
  values: readonly Required<Pick<Bar, 'name' | 'value' | 'range'>>[],
  { at, show, caption = '' }: { at: number; show: (value: number) => string; caption?: string },
): string {
  const low = Math.min(at, ...values.map(({ range }) => range[0]));
  const high = Math.max(at, ...values.map(({ range }) => range[1]));
  const names = values.map(({ name }) => name);
  const numbers = values.map(({ value }) => show(value));
  const { label, span, width } = layout(names, numbers, 16);
  const x = (value: number) => label + 16 + (span * (value - low)) / Math.max(high - low, Number.MIN_VALUE);
  const height = values.length * ROW + 8;
  const line = `<path class="axis" stroke-width="2" d="M${fixed(x(at))} 0V${height}"/>`;
  const rows = values.map(({ name, value, range: [lower, upper] }, n) => {
    const y = n * ROW + 16;
    return (
      `<text x="${fixed(label)}" y="${y + 4}" text-anchor="end">${escape(name)}</text>` +
      `<path class="range" d="M${fixed(x(lower))} ${y}H${fixed(x(upper))}"/><circle class="main" cx="${fixed(x(value))}" cy="${y}" r="5"/>` +
      `<text x="${fixed(x(upper) + 8)}" y="${y + 4}">${escape(show(value))}</text>`
    );
  });
  return figure(title, caption, height, line + rows.join(''), width);
}

/** Two shares beside each other for each group. */
export function pairs(
  title: string,
  [first, second]: readonly [string, string],
  groups: readonly { name: string; values: readonly [number, number] }[],
  show: (value: number) => string,
  caption = '',
): string {
  const most = Math.max(...groups.flatMap(({ values }) => values), Number.MIN_VALUE);
  const top = 30;
  const height = 200;
  const step = WIDTH / groups.length;
  const tall = (value: number) => (height - top) * (value / most);
  const columns = groups.map(({ name, values }, n) => {
    const x = n * step + step * 0.12;
    const wide = step * 0.36;
    const bar = (value: number, at: number, look: string) =>
      `<rect class="${look}" x="${fixed(x + at * wide)}" y="${fixed(height - tall(value))}" width="${fixed(wide - 2)}" height="${fixed(tall(value))}"><title>${escape(`${name}: ${at === 0 ? first : second} ${show(value)}`)}</title></rect>`;
    return (
      bar(values[0], 0, 'other') +
      bar(values[1], 1, 'main') +
      `<text class="soft" x="${fixed(x + wide)}" y="${height + 18}" text-anchor="middle">${escape(name)}</text>`
    );
  });
  const keyOf = (look: string, name: string, x: number) =>
    `<rect class="${look}" x="${fixed(x)}" y="4" width="14" height="14"/><text x="${fixed(x + 18)}" y="16">${escape(name)}</text>`;
  const right = WIDTH - 18 - room([second]);
  const key = keyOf('other', first, right - 32 - room([first])) + keyOf('main', second, right);
  return figure(title, caption, height + 26, key + columns.join(''));
}

/** A curve over numbered steps. */
export function curve(
  title: string,
  values: readonly number[],
  show: (value: number) => string,
  caption = '',
): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const last = show(values.at(-1) ?? 0);
  const [left, right, top, bottom] = [20, WIDTH - 12 - Math.max(NUMBER, room([last])), 20, 130];
  const x = (n: number) => left + ((right - left) * n) / Math.max(values.length - 1, 1);
  const y = (value: number) =>
    bottom - ((bottom - top) * (value - low)) / Math.max(high - low, Number.MIN_VALUE);
  const path = values.map((value, n) => `${n === 0 ? 'M' : 'L'}${fixed(x(n))} ${fixed(y(value))}`).join('');
  const points = values.map(
    (value, n) =>
      `<circle class="main" cx="${fixed(x(n))}" cy="${fixed(y(value))}" r="4"><title>epoch ${n + 1}: ${show(value)}</title></circle>` +
      `<text class="soft" x="${fixed(x(n))}" y="${bottom + 26}" text-anchor="middle">${n + 1}</text>`,
  );
  const ends =
    `<text x="${left + 8}" y="${fixed(y(values[0] ?? 0) - 6)}">${escape(show(values[0] ?? 0))}</text>` +
    `<text x="${right + 10}" y="${fixed(y(values.at(-1) ?? 0) + 5)}">${escape(last)}</text>`;
  return figure(
    title,
    caption,
    bottom + 34,
    `<path class="axis" d="M0 ${bottom + 8}H${right + 20}"/><path class="curve" d="${path}"/>${points.join('')}${ends}`,
  );
}
