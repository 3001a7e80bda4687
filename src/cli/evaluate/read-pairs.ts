import { createReadStream } from 'node:fs';
import { type Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../../embedded/errors.js';
import { UsageError } from '../errors.js';
import { type Layout, detectLayout, fieldsOf } from './layout.js';
import type { Ids, Pairs } from './pairs.js';

const SAMPLE_LINES = 200;

/** Streams a file's lines (`.gz` unpacked), in batches, without their ends. */
export async function* lineBatches(file: string): AsyncGenerator<string[]> {
  let rest = '';
  const content = contentOf(file);
  content.setEncoding('utf8');
  try {
    for await (const chunk of content as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield lines;
    }
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (rest !== '') yield [rest];
}

function contentOf(file: string): Readable {
  const bytes = createReadStream(file, { highWaterMark: 1 << 20 });
  if (!file.endsWith('.gz')) return bytes;
  // pipeline passes an error on to the last stream, whose reader meets it
  return pipeline(bytes, createGunzip(), () => undefined);
}

/** Layout of a file by its first lines. */
export async function layoutOf(file: string): Promise<Layout> {
  for await (const lines of lineBatches(file)) return detectLayout(file, lines.slice(0, SAMPLE_LINES));
  return detectLayout(file, []);
}

/**
 * Reads a file of pairs into `pairs`. Throws, naming file, line and field, when a rating or timestamp is no number or an id
 * is empty.
 */
export async function readPairs(
  file: string,
  layout: Layout,
  { viewers, films }: { viewers: Ids; films: Ids },
  pairs: Pairs,
): Promise<void> {
  let lineNumber = 0;
  const fail = (what: string, line: string): never => {
    throw new UsageError(`${file}, line ${lineNumber}: ${what}; got "${line.slice(0, 80)}"`);
  };
  const number = (field: string | undefined, name: string, fallback: number, line: string): number => {
    if (field === undefined || field === '') return fallback;
    const value = Number(field);
    return Number.isFinite(value) ? value : fail(`${name} must be a number`, line);
  };

  const readRow = (line: string, { separator, columns }: Extract<Layout, { kind: 'table' }>) => {
    const fields = fieldsOf(line, separator);
    const viewer = fields[columns.viewer];
    const film = fields[columns.film];
    if (!viewer || !film) return fail('expected a viewer and a film', line);
    const rating = fields[columns.rating];
    pairs.hasRatings ||= rating !== undefined && rating !== '';
    pairs.push(
      viewers.numberOf(viewer),
      films.numberOf(film),
      number(rating, 'rating', 1, line),
      number(fields[columns.at], 'timestamp', 0, line),
    );
  };

  for await (const lines of lineBatches(file)) {
    for (const raw of lines) {
      lineNumber++;
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line === '' || (layout.kind === 'table' && layout.header && lineNumber === 1)) continue;
      if (layout.kind === 'table') {
        readRow(line, layout);
      } else {
        const [viewer, ...list] = fieldsOf(line, layout.separator);
        if (!viewer) fail('expected a viewer and its films', line);
        const row = viewers.numberOf(viewer ?? '');
        for (const film of list) if (film !== '') pairs.push(row, films.numberOf(film), 1, 0);
      }
    }
  }
}

/** A line of a negatives file: `(viewer,film)` of the test pair, then films to rank it against. */
export async function readNegatives(
  file: string,
  onLine: (viewer: string, film: string, negatives: string[]) => void,
): Promise<void> {
  let lineNumber = 0;
  for await (const lines of lineBatches(file)) {
    for (const line of lines) {
      lineNumber++;
      if (line.trim() === '') continue;
      const [pair = '', ...negatives] = line.trimEnd().split('\t');
      const match = /^\((.+?),(.+)\)$/.exec(pair);
      if (match === null) {
        throw new UsageError(
          `${file}, line ${lineNumber}: expected (viewer,film), a tab and films; got "${pair.slice(0, 80)}"`,
        );
      }
      onLine(match[1] ?? '', match[2] ?? '', negatives);
    }
  }
}
