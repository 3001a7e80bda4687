import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Command } from 'commander';
import { CARD_PAGE } from '../activities/write-card.js';
import { loadSettings } from '../config.js';
import type { Card } from '../contracts/card.js';
import { gatesInShort } from '../core/card/gates-in-short.js';
import { inShort } from '../core/card/in-short.js';
import { knownLimits } from '../core/card/limits.js';
import { cardPage } from '../core/card/page.js';
import { UsageError } from './errors.js';
import { NOTHING_RELEASED, printTable } from './lists-output.js';
import { openReleases } from './named-release.js';

/** `matinee releases card [RELEASE]`: the model card, from the warehouse alone; also of releases that went. */
export function registerCard(releases: Command): void {
  releases
    .command('card')
    .description('the model card of a release: what it is for, how good, for whom, and its limits')
    .argument('[release]', 'release id; without one, the release that is served')
    .option('--json', 'print JSON')
    .option('--html', 'print the page')
    .action(async (named: string | undefined, { json, html }: { json?: true; html?: true }) => {
      const store = openReleases();
      const releaseId = named ?? (await store.current('default'))?.releaseId;
      if (releaseId === undefined) throw new UsageError(NOTHING_RELEASED);
      const card = await store.readCard(releaseId);
      if (card === null) {
        throw new UsageError(
          `release ${releaseId} has no card: there is none of that name, it is one of the formula, or of a version that wrote none`,
        );
      }
      if (json) process.stdout.write(`${JSON.stringify(card, null, 2)}\n`);
      else if (html) process.stdout.write(cardPage(card));
      else printCard(card, (await store.manifest(releaseId)) !== null);
    });
}

function printCard(card: Card, isKept: boolean): void {
  const { releaseId, night, verdict, report, audit, runs } = card;
  process.stdout.write(`Release ${releaseId}, night of ${night}\n${inShort(card)}\n\n`);
  const gates = verdict?.gates ?? [];
  printTable([
    ['verdict', verdict?.kind ?? 'none'],
    ...gates.map(({ gate, state }) => [gate, state]),
    ...(verdict === null || gates.length === 0 ? [] : [['gates', gatesInShort(verdict).join(' ')]]),
    ['age', `${audit.violations} violations in ${audit.pairs} films shown or cited`],
    ...(report?.differences ?? []).map(({ baseline, relative }) => [
      `beside ${baseline}`,
      `${relative < 0 ? '−' : '+'}${Math.abs(100 * relative).toFixed(1)} % NDCG@10`,
    ]),
    ['runs before', `${runs.finished}, of which ${runs.served} became a served release`],
  ]);
  process.stdout.write(
    `\nKnown limits:\n${knownLimits(card)
      .map((line) => `  ${line}\n`)
      .join('')}`,
  );
  if (!isKept) return;
  const page = join(loadSettings().warehouse, 'releases', releaseId, CARD_PAGE);
  process.stdout.write(`\nThe page: ${pathToFileURL(page).href}\n`);
}
