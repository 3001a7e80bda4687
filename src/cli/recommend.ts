import type { Command } from 'commander';
import { recommendationsSchema, type Recommendations } from '../contracts/api.js';
import { LONGEST_LIST } from '../api/list-body.js';
import { openOffline } from '../api/offline.js';
import { cachedPids } from '../api/pids.js';
import { HttpProblem } from '../api/problem.js';
import { loadSettings } from '../config.js';
import { homePaths, pidKey } from '../embedded/home.js';
import { openStore } from './api.js';
import { UsageError } from './errors.js';
import { countUpTo, NOTHING_RELEASED, printBody, printTable, titleOf, warnOf } from './lists-output.js';

/** `matinee recommend VIEWER`: what the API would send, from the warehouse alone. */
export function registerRecommend(program: Command): void {
  program
    .command('recommend')
    .description("print a viewer's list, as the API serves it; needs no server")
    .argument('<viewer>', 'profile id in the operational store')
    .option('-k, --limit <n>', `films to print, 1 to ${LONGEST_LIST}`, countUpTo(LONGEST_LIST), 5)
    .option('--json', 'print the HTTP body, byte for byte')
    .action(async (viewer: string, options: { limit: number; json?: true }, command: Command) => {
      const settings = loadSettings();
      const offline = await openOffline(settings, warnOf(command));
      const store = await openStore(settings);
      try {
        if (!offline.hasReleases()) throw new UsageError(NOTHING_RELEASED);
        const { key } = await pidKey(homePaths(settings.home));
        const viewers = { pidOf: cachedPids(key), store: store ?? undefined };
        const body = await offline.recommendations(viewer, options.limit, viewers);
        if (options.json) printBody(body);
        else printList(viewer, recommendationsSchema.parse(JSON.parse(body)));
      } catch (error) {
        throw error instanceof HttpProblem ? new UsageError(error.message) : error;
      } finally {
        await store?.close();
        await offline.close();
      }
    });
}

function printList(viewer: string, { release, servedBy, why, items }: Recommendations): void {
  process.stdout.write(
    `Viewer ${viewer}, release ${release}, served by ${servedBy}${why === undefined ? '' : ` (${why})`}\n`,
  );
  printTable(items.map(({ rank, title, year, reason }) => [String(rank), titleOf(title, year), reason.text]));
}
