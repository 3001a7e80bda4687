import type { Command } from 'commander';
import { movieListSchema, type MovieList } from '../contracts/api.js';
import { LONGEST_PAGE } from '../api/formula-pages.js';
import { openOffline } from '../api/offline.js';
import { loadSettings } from '../config.js';
import { UsageError } from './errors.js';
import { countUpTo, NOTHING_RELEASED, printBody, printTable, titleOf, warnOf } from './lists-output.js';

/** `matinee top`: the Top list of the formula release, from the warehouse alone. */
export function registerTop(program: Command): void {
  program
    .command('top')
    .description('print the films with the highest weighted rating; needs no server')
    .option('-n, --limit <n>', `films to print, 1 to ${LONGEST_PAGE}`, countUpTo(LONGEST_PAGE), 50)
    .option('--json', 'print the HTTP body of /v1/movies/top, byte for byte')
    .action(async (options: { limit: number; json?: true }, command: Command) => {
      const offline = await openOffline(loadSettings(), warnOf(command));
      try {
        const body = offline.top(options.limit);
        if (body === null) throw new UsageError(NOTHING_RELEASED);
        if (options.json) printBody(body);
        else printTop(movieListSchema.parse(JSON.parse(body)));
      } finally {
        await offline.close();
      }
    });
}

function printTop({ release, provisional, items }: MovieList): void {
  process.stdout.write(
    `Release ${release}${provisional ? ', provisional: too few films have enough votes' : ''}\n`,
  );
  printTable(
    items.map(({ rank, title, year, weightedRating, votes }) => [
      String(rank),
      titleOf(title, year),
      weightedRating.toFixed(2),
      `${votes} ${votes === 1 ? 'vote' : 'votes'}`,
    ]),
  );
}
