import { UsageError } from '../errors.js';

/** How a file of pairs is written. */
export type Layout =
  | {
      kind: 'table';
      separator: Separator;
      /** Lines to skip: 1 when there is a header. */
      header: boolean;
      columns: Columns;
    }
  /** A line: viewer film film film … */
  | { kind: 'adjacency'; separator: Separator };

export type Separator = '\t' | ',' | ';' | '::' | ' ';

/** Field numbers; −1 = the file has none. */
export interface Columns {
  viewer: number;
  film: number;
  rating: number;
  at: number;
}

const NAMES: Record<keyof Columns, RegExp> = {
  viewer: /^(user|viewer|profile|customer)(_?id)?$/i,
  film: /^(item|movie|film|imdb|title)(_?id)?$/i,
  rating: /^(rating|stars|score|value)$/i,
  at: /^(timestamp|time|ts|unix|at|date)(_?stamp)?$/i,
};

/** Fields of a line; runs of blanks are one separator, blanks and quotes around a field go. */
export function fieldsOf(line: string, separator: Separator): string[] {
  const fields = separator === ' ' ? line.trim().split(/ +/) : line.split(separator);
  for (let n = 0; n < fields.length; n++) {
    const field = fields[n]!;
    if (isWrapped(field)) fields[n] = field.trim().replace(/^"(.*)"$/, '$1');
  }
  return fields;
}

/** Most fields need no cleaning; looking at both ends is ten times cheaper than trimming. */
function isWrapped(field: string): boolean {
  const first = field.charCodeAt(0);
  return first <= 32 || first === 34 || field.charCodeAt(field.length - 1) <= 32;
}

/** Tells the layout from a file's first lines. Throws a sentence when there is nothing to tell it from. */
export function detectLayout(file: string, lines: string[]): Layout {
  const sample = lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  const first = sample[0];
  if (first === undefined)
    throw new UsageError(`${file} is empty; expected lines of viewer, film[, rating[, timestamp]]`);
  const separator = separatorOf(first);
  const counts = sample.map((line) => fieldsOf(line, separator).length);
  const blank = separator === ' ' || separator === '\t';
  if (blank && (Math.max(...counts) > 4 || new Set(counts).size > 1)) return { kind: 'adjacency', separator };
  if (counts[0]! < 2) {
    throw new UsageError(
      `${file}, line 1: expected viewer and film, separated by tab, comma, :: or blanks; got "${first}"`,
    );
  }
  const names = fieldsOf(first, separator);
  const header = isHeader(names);
  return { kind: 'table', separator, header, columns: header ? byName(file, names) : byPosition(counts[0]!) };
}

function separatorOf(line: string): Separator {
  const candidates: Separator[] = ['::', '\t', ',', ';'];
  return candidates.find((separator) => line.includes(separator)) ?? ' ';
}

/** A header names a known column, or has words where a rating or timestamp must be a number. */
function isHeader(fields: string[]): boolean {
  const known = fields.some((field) => Object.values(NAMES).some((name) => name.test(field)));
  return known || fields.slice(2, 4).some((field) => field !== '' && !Number.isFinite(Number(field)));
}

function byPosition(count: number): Columns {
  return { viewer: 0, film: 1, rating: count > 2 ? 2 : -1, at: count > 3 ? 3 : -1 };
}

function byName(file: string, names: string[]): Columns {
  const at = (column: keyof Columns) => names.findIndex((name) => NAMES[column].test(name));
  const columns = { viewer: at('viewer'), film: at('film'), rating: at('rating'), at: at('at') };
  if (columns.viewer < 0 || columns.film < 0) {
    throw new UsageError(
      `${file}: its header (${names.join(', ')}) names no viewer and film; expected e.g. userId, movieId, rating, timestamp`,
    );
  }
  return columns;
}
