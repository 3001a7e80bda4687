import { type Command, InvalidArgumentError } from 'commander';

export const NOTHING_RELEASED = 'nothing has been released yet; run: matinee nightly --wait';

/** A body as it is; only a terminal gets a line break after it. */
export function printBody(body: string | Uint8Array): void {
  process.stdout.write(body);
  if (process.stdout.isTTY) process.stdout.write('\n');
}

export const titleOf = (title: string, year: number | null) => (year === null ? title : `${title} (${year})`);

/** Columns padded to their widest cell; the last one is left ragged, and the first, a number, is set right. */
export function printTable(rows: string[][]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      if (column === 0) return cell.padStart(width);
      return column === row.length - 1 ? cell : cell.padEnd(width);
    });
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}

/** Says on stderr which release could not be opened. */
export function warnOf(command: Command): (channel: string, error: unknown) => void {
  return (channel, error) => {
    const message = error instanceof Error ? error.message : String(error);
    command.configureOutput().writeErr?.(`warning: channel ${channel}: ${message}\n`);
  };
}

/** A whole number of items. */
export function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
    if (count < 1 || count > max)
      throw new InvalidArgumentError(`a whole number from 1 to ${max} is wanted.`);
    return count;
  };
}
