import type { Command } from 'commander';
import { missingOf, readLineage } from '../activities/read-lineage.js';
import { readOnlyArtifacts } from '../adapters/artifacts/artifact-store.js';
import { loadSettings } from '../config.js';
import type { Lineage } from '../contracts/index.js';
import { UsageError } from './errors.js';
import { printTable } from './lists-output.js';
import { openReleases, releaseNamed } from './named-release.js';

/** `matinee releases lineage RELEASE`: release → run → snapshot → days → segments, from the warehouse alone. */
export function registerLineage(releases: Command): void {
  releases
    .command('lineage')
    .description(
      'what a release was made from: run, snapshot, days and their raw segments, code, config, versions',
    )
    .argument('<release>', 'release id, as `matinee releases list` prints it')
    .option('--json', 'print JSON')
    .action(async (releaseId: string, { json }: { json?: true }) => {
      const { warehouse } = loadSettings();
      const artifacts = readOnlyArtifacts(warehouse);
      const lineage = await readLineage(artifacts, await releaseNamed(openReleases(), releaseId));
      if (lineage === null) {
        throw new UsageError(
          `release ${releaseId} has no lineage: it is one of the formula, or of a version that wrote none`,
        );
      }
      const missing = await missingOf(artifacts, lineage);
      if (json) process.stdout.write(`${JSON.stringify({ releaseId, ...lineage, missing }, null, 2)}\n`);
      else printLineage(releaseId, lineage, missing);
    });
}

const short = (sha256: string) => sha256.slice(0, 12);

function printLineage(releaseId: string, lineage: Lineage, missing: readonly string[]): void {
  const { runId, codeSha256, configSha256, toolchain, seed, snapshot, start, model, steps } = lineage;
  const { days, events, films, viewers } = snapshot;
  const segments = new Set(days.flatMap((day) => day.segments.map(({ uri }) => uri)));
  const from =
    start === null ? 'per-film seeds' : `model ${short(start.modelSha256)} of release ${start.releaseId}`;
  const lines: [string, string][] = [
    ['release', releaseId],
    ['run', runId],
    ['snapshot', `sha256 ${snapshot.sha256}`],
    [
      'events',
      `${events.rows} in ${days.length} days, ${days[0]?.day} to ${days.at(-1)?.day}, sha256 ${short(events.sha256)}`,
    ],
    ['films', `${films.rows}, sha256 ${short(films.sha256)}`],
    ['viewers', `${viewers.rows}, sha256 ${short(viewers.sha256)}`],
    ['segments', `${segments.size} raw`],
    ['model', model === null ? 'none: the formula’s lists' : `sha256 ${model.sha256}, started from ${from}`],
    ['code', `sha256 ${codeSha256}`],
    ['config', `sha256 ${configSha256}, seed ${seed}`],
    ['packages', `sha256 ${toolchain.lockSha256}`],
    ['versions', `Node ${toolchain.node}, DuckDB ${toolchain.duckdb}, ${toolchain.machine}`],
    ['repeatable', repeatable(releaseId, missing)],
  ];
  for (const [name, value] of lines) process.stdout.write(`${name.padEnd(10)} ${value}\n`);
  process.stdout.write('\n');
  printTable([
    ['DAY', 'ROWS', 'CONTENT', 'SEGMENTS'],
    ...days.map(({ day, rows, sha256, segments: own }) => [
      day,
      String(rows),
      short(sha256),
      own.map(({ uri }) => uri).join(', '),
    ]),
  ]);
  process.stdout.write('\n');
  printTable([
    ['MS', 'ROWS', 'STEP'],
    ...steps.map(({ uri, wallMs, rows }) => [String(Math.round(wallMs)), String(rows), uri]),
  ]);
}

const repeatable = (releaseId: string, missing: readonly string[]): string =>
  missing.length === 0
    ? `yes: matinee repro ${releaseId}`
    : `no: ${missing.length} parts of its snapshot are gone, ${missing.slice(0, 3).join(', ')}`;
