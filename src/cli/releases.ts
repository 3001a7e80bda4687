import type { Command } from 'commander';
import type { ReleaseManifest } from '../contracts/release.js';
import type { ReleaseStore } from '../activities/deps.js';
import { kindOf } from '../activities/champion.js';
import { UsageError } from './errors.js';
import { openReleases, releaseNamed } from './named-release.js';
import { NOTHING_RELEASED, printTable } from './lists-output.js';
import { registerCard } from './card.js';
import { registerLineage } from './lineage.js';
import { registerVerdicts } from './verdicts.js';

/** `matinee releases list|show|card|lineage|verdict|accept|reject`: what has been released, from the warehouse alone. */
export function registerReleases(program: Command): void {
  const releases = program.command('releases').description('what has been released; needs no server');
  releases
    .command('list')
    .description('all releases, oldest first, and the channels that serve them')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const store = openReleases();
      const [found, channels] = await Promise.all([store.list(), channelsByRelease(store)]);
      if (found.length === 0) throw new UsageError(NOTHING_RELEASED);
      const rows = found.map((manifest) => summaryOf(manifest, channels));
      if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else printRows(rows);
    });
  releases
    .command('show')
    .description('the manifest of one release')
    .argument('<release>', 'release id, as `matinee releases list` prints it')
    .option('--json', 'print JSON')
    .action(async (releaseId: string, { json }: { json?: true }) => {
      const store = openReleases();
      const manifest = await releaseNamed(store, releaseId);
      if (json) process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
      else printCard(manifest, (await channelsByRelease(store)).get(releaseId) ?? []);
    });
  registerCard(releases);
  registerLineage(releases);
  registerVerdicts(releases);
}

interface Summary {
  releaseId: string;
  kind: ReleaseManifest['kind'];
  night: string;
  provisional: boolean;
  counts: ReleaseManifest['counts'];
  contentSha256: string;
  createdAt: string;
  /** Channels that serve it now. */
  channels: string[];
}

function summaryOf(manifest: ReleaseManifest, channels: Map<string, string[]>): Summary {
  const { releaseId, kind, night, provisional, counts, contentSha256, createdAt } = manifest;
  const serving = channels.get(releaseId) ?? [];
  return { releaseId, kind, night, provisional, counts, contentSha256, createdAt, channels: serving };
}

async function channelsByRelease(store: ReleaseStore): Promise<Map<string, string[]>> {
  const served = new Map<string, string[]>();
  for (const channel of (await store.channels()).sort()) {
    const entry = await store.current(channel);
    if (entry !== null) served.set(entry.releaseId, [...(served.get(entry.releaseId) ?? []), channel]);
  }
  return served;
}

function printRows(rows: Summary[]): void {
  printTable([
    ['RELEASE', 'KIND', 'NIGHT', 'VIEWERS', 'PERSONAL', 'FORMULA', 'NONE', 'FILMS', 'SERVED ON'],
    ...rows.map(({ releaseId, kind, night, provisional, counts, channels }) => [
      releaseId,
      provisional ? `${kind}, provisional` : kind,
      night,
      ...[counts.viewers, counts.personal, counts.formula, counts.none, counts.films].map(String),
      channels.join(', '),
    ]),
  ]);
}

function printCard(manifest: ReleaseManifest, channels: string[]): void {
  const { counts, model, verdict, audit } = manifest;
  const lines: [string, string | undefined][] = [
    ['release', manifest.releaseId],
    ['kind', manifest.provisional ? `${manifest.kind}, provisional` : manifest.kind],
    ['night', `${manifest.night} (up to ${manifest.asOf})`],
    ['served on', channels.join(', ') || 'no channel'],
    [
      'viewers',
      `${counts.viewers}: ${counts.personal} personal, ${counts.formula} formula, ${counts.none} none`,
    ],
    ['none because', countsOf(counts.noneReasons)],
    ['films', String(counts.films)],
    [
      'model',
      model === null
        ? undefined
        : `${model.recipe}, ${kindOf(model)}${model.k === undefined ? '' : `, k ${model.k}`}`,
    ],
    ['formula', manifest.formulaRelease ?? undefined],
    ['verdict', verdict === null ? undefined : `${verdict.kind}: ${verdict.reasons.join('; ')}`],
    ['age audit', `${audit.pairs} pairs, ${audit.violations} violations`],
    ['content', `sha256 ${manifest.contentSha256}`],
    ['inputs', `sha256 ${manifest.inputSha256}`],
    ['made', manifest.createdAt],
  ];
  for (const [name, value] of lines) {
    if (value !== undefined) process.stdout.write(`${name.padEnd(13)} ${value}\n`);
  }
}

function countsOf(reasons: Record<string, number>): string | undefined {
  const entries = Object.entries(reasons);
  return entries.length === 0 ? undefined : entries.map(([reason, n]) => `${reason} (${n})`).join(', ');
}
