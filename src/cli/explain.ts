import type { Command } from 'commander';
import type { Why } from '../contracts/api.js';
import { openOffline } from '../api/offline.js';
import { cachedPids } from '../api/pids.js';
import { HttpProblem } from '../api/problem.js';
import { loadSettings } from '../config.js';
import { homePaths, pidKey } from '../embedded/home.js';
import { openStore } from './api.js';
import { UsageError } from './errors.js';
import { NOTHING_RELEASED, printBody, printTable, titleOf, warnOf } from './lists-output.js';

/** `matinee explain VIEWER FILM`: why a film is, or is not, in a viewer's list, from the release itself. */
export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description("print why a film is, or is not, in a viewer's list; needs no server")
    .argument('<viewer>', 'profile id in the operational store')
    .argument('<film>', 'film id in the catalogue')
    .option('--json', 'print the HTTP body')
    .action(async (viewer: string, film: string, options: { json?: true }, command: Command) => {
      const settings = loadSettings();
      const offline = await openOffline(settings, warnOf(command));
      const store = await openStore(settings);
      try {
        if (!offline.hasReleases()) throw new UsageError(NOTHING_RELEASED);
        const { key } = await pidKey(homePaths(settings.home));
        const viewers = { pidOf: cachedPids(key), store: store ?? undefined };
        const why = await offline.why(viewer, film, viewers);
        if (why === null) throw new UsageError(`There is no film ${JSON.stringify(film)} in the catalogue.`);
        if (options.json) printBody(JSON.stringify(why));
        else printWhy(why);
      } catch (error) {
        throw error instanceof HttpProblem ? new UsageError(error.message) : error;
      } finally {
        await store?.close();
        await offline.close();
      }
    });
}

function printWhy(why: Why): void {
  const { userId, movieId, title, year, release, score, parts, rank, reason } = why;
  const { contributions, others, decisions } = why;
  const film = title === null ? movieId : titleOf(title, year);
  process.stdout.write(`${film} for viewer ${userId}, release ${release ?? 'none'}: ${why.summary}\n`);
  if (reason !== null) process.stdout.write(`Reason shown: ${reason.text}\n`);
  if (score !== null) {
    const place = rank === null ? '' : `, place ${rank} of all films by score`;
    const of =
      parts === null
        ? ''
        : `: taste ${signed(parts.taste)}, watched now ${signed(parts.now)}, genres ${signed(parts.genres)}`;
    process.stdout.write(`Score ${score.toFixed(4)}${place}${of}\n`);
  }
  const rows = contributions.map((each) => [
    each.contribution.toFixed(4),
    `${(100 * each.share).toFixed(1)} %`,
    `${each.kind} ${each.title}`,
  ]);
  if (others.films > 0) {
    rows.push([others.contribution.toFixed(4), '', `${others.films} other films of the history`]);
  }
  if (rows.length > 0) printTable(rows);
  process.stdout.write('\n');
  printTable(decisions.map(({ filter, passed, text }) => [passed ? 'passes' : 'FAILS', filter, text]));
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
}
