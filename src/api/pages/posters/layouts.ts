import { circle, n, rect, stroked } from './drawing.js';
import { fitEven, fitStack, type FittedLine, heightOf, type Voice } from './lettering.js';
import type { Palette } from './palettes.js';

export const WIDTH = 200;
export const HEIGHT = 300;

export interface Lettered {
  title: string;
  /** "A film by …", year, country, minutes: what is known of it, most telling first. */
  credit: string;
  facts: string;
}

/** Where things stand on a poster: `figure` gives what is drawn in a box of that size. */
export type Layout = (
  words: Lettered,
  voice: Voice,
  palette: Palette,
  figure: (width: number, height: number) => string,
) => string;

const GROT: Voice = { name: 'grot', width: 0.8, capHeight: 0.72, isUpper: true };
const M = 14; // margin

/** Big figure above, title at the foot, flush left. */
const foot: Layout = ({ title, credit, facts }, voice, palette, figure) => {
  const { size, lines, height } = even(title, voice, WIDTH - 2 * M, 78, 44);
  const bottom = HEIGHT - 30 - descent(size, voice);
  const split = bottom - height - 16;
  return (
    boxed(figure, 0, 0, WIDTH, split) +
    set(lines, voice, palette.ink, M, bottom - height + size * voice.capHeight, size * LEADING, 'start') +
    small(credit, palette.ink, M, HEIGHT - 13, 'start', 118) +
    small(facts, palette.ink, WIDTH - M, HEIGHT - 13, 'end', 52)
  );
};

/** Title above, figure below to the edge. */
const head: Layout = ({ title, credit, facts }, voice, palette, figure) => {
  const { size, lines, height } = even(title, voice, WIDTH - 2 * M, 84, 46);
  const top = 32;
  const split = top + height + descent(size, voice) + 14;
  return (
    small(facts, palette.ink, M, 19, 'start', 60) +
    small(credit, palette.ink, WIDTH - M, 19, 'end', 108) +
    set(lines, voice, palette.ink, M, top + size * voice.capHeight, size * LEADING, 'start') +
    boxed(figure, 0, split, WIDTH, HEIGHT - split)
  );
};

/** The figure fills the sheet; the title stands on a panel across it. */
const band: Layout = ({ title, credit, facts }, voice, palette, figure) => {
  const { size, lines, height } = even(title, voice, WIDTH - 2 * M, 74, 42);
  const tall = height + descent(size, voice) + 34;
  const top = HEIGHT - tall - 26;
  return (
    boxed(figure, 0, 0, WIDTH, HEIGHT) +
    rect(0, top, WIDTH, tall, palette.panel) +
    set(
      lines,
      voice,
      palette.onPanel,
      WIDTH / 2,
      top + 13 + size * voice.capHeight,
      size * LEADING,
      'middle',
    ) +
    small(
      [credit, facts].filter(Boolean).join('  ·  '),
      palette.onPanel,
      WIDTH / 2,
      top + tall - 8,
      'middle',
      172,
    )
  );
};

/** A title card of the silent years: frames, the figure as a vignette. */
const card: Layout = ({ title, credit, facts }, voice, palette, figure) => {
  const { size, lines, height } = even(title, voice, WIDTH - 64, 72, 32);
  const frame = (inset: number, width: number) =>
    stroked(`M${inset} ${inset}H${WIDTH - inset}V${HEIGHT - inset}H${inset}z`, palette.ink, width);
  const corners = [
    [16, 16],
    [WIDTH - 16, 16],
    [16, HEIGHT - 16],
    [WIDTH - 16, HEIGHT - 16],
  ]
    .map(([x = 0, y = 0]) => circle(x, y, 4.5, palette.ground) + circle(x, y, 2.6, palette.a))
    .join('');
  const side = Math.min(136, HEIGHT - 106 - height - descent(size, voice));
  return (
    frame(9, 2.4) +
    frame(16, 0.9) +
    corners +
    boxed(figure, (WIDTH - 136) / 2, 32, 136, side) +
    stroked(`M32 32h136v${n(side)}h-136z`, palette.ink, 1.2) +
    set(
      lines,
      voice,
      palette.ink,
      WIDTH / 2,
      32 + side + 18 + size * voice.capHeight,
      size * LEADING,
      'middle',
    ) +
    small(credit, palette.ink, WIDTH / 2, HEIGHT - 36, 'middle', 140) +
    small(facts, palette.ink, WIDTH / 2, HEIGHT - 25, 'middle', 120)
  );
};

/** Wood type: every line of the title as wide as the sheet. */
const bill: Layout = ({ title, credit, facts }, voice, palette, figure) => {
  const gap = 7;
  const lines = fitStack(title, voice, { width: WIDTH - 2 * M, height: 128, gap, most: 84 });
  const height = heightOf(lines, voice, gap);
  const top = 29;
  let y = top;
  const rows = lines.map((line) => {
    y += line.size * voice.capHeight;
    const row = text(line, voice, palette.ink, WIDTH / 2, y, 'middle');
    y += gap;
    return row;
  });
  const split = top + height + 12;
  return (
    stroked(`M${M} 10.5h${WIDTH - 2 * M}`, palette.ink, 1.6) +
    small(facts, palette.ink, WIDTH / 2, 20, 'middle', 150) +
    rows.join('') +
    boxed(figure, 0, split, WIDTH, HEIGHT - split - 22) +
    rect(0, HEIGHT - 22, WIDTH, 22, palette.panel) +
    small(credit, palette.onPanel, WIDTH / 2, HEIGHT - 8, 'middle', 172)
  );
};

/** The title runs up the left edge, on a panel. */
const spine: Layout = ({ title, credit, facts }, voice, palette, figure) => {
  const { size, lines, height } = even(title, voice, HEIGHT - 36, 66, 50);
  const width = height + 26;
  const turned = set(lines, voice, palette.onPanel, 0, size * voice.capHeight, size * LEADING, 'start');
  return (
    boxed(figure, width, 0, WIDTH - width, HEIGHT - 34) +
    rect(0, 0, width, HEIGHT, palette.panel) +
    `<g transform="translate(13 ${HEIGHT - 16}) rotate(-90)">${turned}</g>` +
    small(credit, palette.ink, WIDTH - 9, HEIGHT - 20, 'end', WIDTH - width - 16) +
    small(facts, palette.ink, WIDTH - 9, HEIGHT - 9, 'end', WIDTH - width - 16)
  );
};

/** The Swiss grid: a small exact title, much room, the figure cut square. */
const grid: Layout = ({ title, credit, facts }, voice, palette, figure) => {
  const { size, lines, height } = even(title, voice, WIDTH - 2 * M, 62, 31);
  const split = M + height + descent(size, voice) + 30;
  return (
    set(lines, voice, palette.ink, M, M + size * voice.capHeight, size * LEADING, 'start') +
    stroked(`M${M} ${n(M + height + descent(size, voice) + 9)}h${WIDTH - 2 * M}`, palette.ink, 0.8) +
    small(credit, palette.ink, M, split - 10, 'start', 108) +
    small(facts, palette.ink, WIDTH - M, split - 10, 'end', 60) +
    boxed(figure, M, split, WIDTH - 2 * M, HEIGHT - split - M)
  );
};

export const LAYOUTS = { foot, head, band, card, bill, spine, grid };
export type LayoutName = keyof typeof LAYOUTS;

const LEADING = 0.94;

/** Room for what hangs below the last baseline. */
function descent(size: number, voice: Voice): number {
  return voice.isUpper ? 0 : size * 0.16;
}

function even(title: string, voice: Voice, width: number, height: number, most: number) {
  const lines = fitEven(title, voice, { width, height, leading: LEADING, most });
  const size = lines[0]?.size ?? 1;
  return { lines, size, height: size * (voice.capHeight + (lines.length - 1) * LEADING) };
}

/** A part of the sheet with its own edges: a nested `svg` cuts off what leaves it, without any id. */
function boxed(
  figure: (width: number, height: number) => string,
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  return `<svg x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}">${figure(width, height)}</svg>`;
}

type Anchor = 'start' | 'middle' | 'end';

function set(
  lines: readonly FittedLine[],
  voice: Voice,
  fill: string,
  x: number,
  y: number,
  leading: number,
  anchor: Anchor,
): string {
  return lines.map((line, i) => text(line, voice, fill, x, y + i * leading, anchor)).join('');
}

/** `textLength` draws every line to the measured width, whatever font the system has for the voice. */
function text(line: FittedLine, voice: Voice, fill: string, x: number, y: number, anchor: Anchor): string {
  const at = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return (
    `<text class="v-${voice.name}" x="${n(x)}" y="${n(y)}" font-size="${n(line.size)}" fill="${fill}"${at} ` +
    `textLength="${n(line.width)}" lengthAdjust="spacingAndGlyphs">${escaped(line.text)}</text>`
  );
}

/** The small print: one line, never wider than its place. */
function small(words: string, fill: string, x: number, y: number, anchor: Anchor, width: number): string {
  if (words === '') return '';
  const [line] = fitEven(words.replaceAll(' ', '\u00a0'), GROT, { width, height: 20, leading: 1, most: 8.2 });
  return line === undefined || line.size < 3.5 ? '' : text(line, GROT, fill, x, y, anchor);
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
