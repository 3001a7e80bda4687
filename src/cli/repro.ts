import type { Command } from 'commander';
import { missingOf, readLineage } from '../activities/read-lineage.js';
import { type Settings, loadSettings } from '../config.js';
import { type Config, type Lineage, type ReleaseManifest, configSchema } from '../contracts/index.js';
import { composeWarehouse } from '../worker/compose.js';
import { UsageError } from './errors.js';
import { openReleases, releaseNamed } from './named-release.js';
import { createProgress } from './progress.js';
import { type Reproduction, reproduce } from '../activities/repro/reproduce.js';

/** `matinee repro RELEASE`: the release once more from its snapshot, config and seed; from the warehouse alone. */
export function registerRepro(program: Command): void {
  program
    .command('repro')
    .description(
      'make a release once more from its snapshot, config, seed and start, and compare factors and lists byte by byte; changes nothing, needs no server',
    )
    .argument('<release>', 'release id, as `matinee releases list` prints it')
    .option('--json', 'print JSON')
    .action(async (releaseId: string, { json }: { json?: true }) => {
      const settings = loadSettings();
      const manifest = await releaseNamed(openReleases(), releaseId);
      const deps = composeWarehouse(settings, configOf(settings, manifest));
      const lineage = await lineageOf(deps.artifacts, manifest);
      const progress = createProgress();
      const stopped = new AbortController();
      const stop = () => stopped.abort(new UsageError('stopped; nothing was changed'));
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
      const found = await reproduce(deps, {
        manifest,
        lineage,
        say: progress.work,
        signal: stopped.signal,
        ...(json ? {} : { onMade: (made) => void process.stdout.write(describeMade(made)) }),
      }).finally(() => {
        progress.clear();
        for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop);
      });
      process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : describe(found));
      if (!found.same) process.exitCode = 1;
    });
}

/** The release's own; on how many threads, and with how much memory, is today's. */
function configOf({ config }: Settings, { releaseId, config: then }: ReleaseManifest): Config {
  const parsed = configSchema.safeParse(then);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `release ${releaseId} cannot be made again by this version: its config has ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const { threads } = config.ials;
  return { ...parsed.data, warehouse: config.warehouse, ials: { ...parsed.data.ials, threads } };
}

async function lineageOf(
  artifacts: ReturnType<typeof composeWarehouse>['artifacts'],
  manifest: ReleaseManifest,
): Promise<Lineage> {
  const { releaseId, kind } = manifest;
  const lineage = await readLineage(artifacts, manifest);
  if (lineage === null) {
    throw new UsageError(
      kind === 'formula'
        ? `${releaseId} is a release of the formula: its lists are a sum over votes, and no model made them`
        : `release ${releaseId} cannot be made again: the version that made it wrote no lineage`,
    );
  }
  const missing = await missingOf(artifacts, lineage);
  if (missing.length > 0) {
    throw new UsageError(
      `release ${releaseId} cannot be made again: ${missing.length} parts of its snapshot are gone, first ${missing[0]}`,
    );
  }
  return lineage;
}

function describeMade(made: Reproduction['made']): string {
  if (made.length === 0) return 'made by this very program: code, packages, versions\n';
  const short = (text: string) => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text);
  return made
    .map(({ what, was, is }) => `other ${what} than then: ${short(was)} then, ${short(is)} now\n`)
    .join('');
}

function describe({ releaseId, same, remade }: Reproduction): string {
  return [
    ...remade.flatMap(({ what, same: isSame, expected, seen, differences }) => [
      isSame
        ? `${what.padEnd(13)} the same, sha256 ${expected.slice(0, 12)}`
        : `${what.padEnd(13)} NOT the same: sha256 ${expected.slice(0, 12)} then, ${seen.slice(0, 12)} now`,
      ...differences.map((line) => `  ${line}`),
    ]),
    same
      ? `release ${releaseId} was made again, byte for byte`
      : `release ${releaseId} came out otherwise; it began with the ${remade.find((each) => !each.same)?.what}`,
    '',
  ].join('\n');
}
