/** A way of lettering: the class that names its system fonts in the style sheet, and how wide its letters run. */
export interface Voice {
  name: 'grot' | 'serif' | 'book' | 'geo' | 'type';
  /** Width against Helvetica's. */
  width: number;
  /** Height of a capital, in em. */
  capHeight: number;
  isUpper: boolean;
}

/** One line of a fitted title: its text, its size, and the width that it is drawn to. */
export interface FittedLine {
  text: string;
  size: number;
  width: number;
}

/** Advance widths of Helvetica, in 1/1000 em. A letter that is not here counts as `OTHER`. */
const ADVANCES: Record<string, number> = {};
const advance = (width: number, letters: string) => {
  for (const letter of letters) ADVANCES[letter] = width;
};
advance(278, " !,./:;I'’|·");
advance(222, 'ijl‘');
advance(333, '()-–“”`[]{}');
advance(278, 'ft');
advance(333, 'r');
advance(500, 'ckvxyzsJ');
advance(556, 'abdeghnopqu0123456789L?$#_');
advance(611, 'FTZ');
advance(667, 'ABEKPSVXY&');
advance(722, 'CDHNRUw');
advance(778, 'GOQ');
advance(833, 'Mm');
advance(944, 'W%@');
advance(1000, '—…');
const OTHER = 600;
const WIDE = 1000;

/** Width of a text at size 1, from the base letters (accents take no room of their own). */
export function widthOf(text: string, voice: Voice): number {
  let sum = 0;
  for (const letter of text.normalize('NFD')) {
    if (/\p{M}/u.test(letter)) continue;
    if (/[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]/u.test(letter)) sum += WIDE;
    else sum += ADVANCES[letter] ?? OTHER;
  }
  return (sum / 1000) * voice.width;
}

export function cased(text: string, voice: Voice): string {
  return voice.isUpper ? text.toLocaleUpperCase('en') : text;
}

/**
 * Breaks a text into `count` lines whose widest is as narrow as can be (dynamic programming over word ends).
 * null = there are fewer words than lines.
 */
export function breakInto(words: readonly string[], count: number, voice: Voice): string[] | null {
  if (words.length < count) return null;
  const n = words.length;
  const line = (from: number, to: number) => words.slice(from, to).join(' ');
  // best[c][end]: the widest line when the first `end` words stand on c lines; cut[c][end]: where the last of them begins.
  const table = (of: number) =>
    Array.from({ length: count + 1 }, () => Array.from({ length: n + 1 }, () => of));
  const [best, cut] = [table(Infinity), table(0)];
  const row = (rows: number[][], c: number) => rows[c] ?? [];
  row(best, 0)[0] = 0;
  for (let c = 1; c <= count; c++) {
    for (let end = c; end <= n; end++) {
      for (let start = c - 1; start < end; start++) {
        const before = row(best, c - 1)[start] ?? Infinity;
        const widest = Math.max(before, widthOf(line(start, end), voice));
        if (widest < (row(best, c)[end] ?? Infinity)) {
          row(best, c)[end] = widest;
          row(cut, c)[end] = start;
        }
      }
    }
  }
  const lines: string[] = [];
  for (let c = count, end = n; c > 0; c--) {
    const start = row(cut, c)[end] ?? 0;
    lines.unshift(line(start, end));
    end = start;
  }
  return lines;
}

const MOST_LINES = 6;

/**
 * The largest setting of a title in a box, all lines of one size. `leading` in em; `most` bounds the size, so that a
 * short word does not shout down a long one.
 */
export function fitEven(
  title: string,
  voice: Voice,
  box: { width: number; height: number; leading: number; most: number },
): FittedLine[] {
  const words = cased(title, voice).split(/\s+/).filter(Boolean);
  let chosen: { lines: string[]; size: number } | null = null;
  for (let count = 1; count <= MOST_LINES; count++) {
    const lines = breakInto(words, count, voice);
    if (lines === null) break;
    const widest = Math.max(...lines.map((text) => widthOf(text, voice)));
    const tall = voice.capHeight + (count - 1) * box.leading;
    const size = Math.min(box.width / widest, box.height / tall, box.most);
    if (chosen === null || size > chosen.size * 1.06) chosen = { lines, size };
  }
  const { lines, size } = chosen ?? { lines: [''], size: 1 };
  return lines.map((text) => ({ text, size, width: widthOf(text, voice) * size }));
}

/**
 * A wood-type bill: every line is as wide as the box and as tall as that makes it, shrunk together when they are too tall.
 * Little words share a line with their neighbour.
 */
export function fitStack(
  title: string,
  voice: Voice,
  box: { width: number; height: number; gap: number; most: number },
): FittedLine[] {
  const words = cased(title, voice).split(/\s+/).filter(Boolean);
  let chosen: { lines: FittedLine[]; score: number } | null = null;
  for (let count = 1; count <= MOST_LINES; count++) {
    const texts = breakInto(words, count, voice);
    if (texts === null) break;
    const lines = texts.map((text) => {
      const natural = widthOf(text, voice);
      const size = Math.min(box.width / natural, box.most);
      return { text, size, width: Math.min(natural * size, box.width) };
    });
    const tall = heightOf(lines, voice, box.gap);
    const shrink = Math.min(1, (box.height - (count - 1) * box.gap) / (tall - (count - 1) * box.gap));
    const set = lines.map(({ text, size, width }) => ({ text, size: size * shrink, width: width * shrink }));
    const area = set.reduce((sum, { size, width }) => sum + size * width, 0);
    if (chosen === null || area > chosen.score * 1.05) chosen = { lines: set, score: area };
  }
  return chosen?.lines ?? [];
}

/** Height of stacked lines from the top of the first capital to the last baseline. */
export function heightOf(lines: readonly FittedLine[], voice: Voice, gap: number): number {
  return lines.reduce((sum, { size }) => sum + size * voice.capHeight, 0) + (lines.length - 1) * gap;
}
