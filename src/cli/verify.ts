import { join } from 'node:path';
import type { Command } from 'commander';
import { readOnlyArtifacts } from '../adapters/artifacts/artifact-store.js';
import { createWarehouse } from '../adapters/duckdb/warehouse.js';
import { createThreads } from '../adapters/threads/crew.js';
import { loadSettings } from '../config.js';
import { openReleases, releaseNamed } from './named-release.js';
import { createProgress } from './progress.js';
import { type Verification, verifyRelease } from './verify/verify-release.js';

/** `matinee verify RELEASE`: is a release what was written, and is every list right? From the warehouse alone. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'check a release: every file and hash, and every list against its factors and the rules (seen, disliked, excluded, market, age), ages and rights against the snapshot; needs no server',
    )
    .argument('<release>', 'release id, as `matinee releases list` prints it')
    .option('--json', 'print JSON')
    .action(async (releaseId: string, { json }: { json?: true }) => {
      const { warehouse, config, projectRoot } = loadSettings();
      const releases = openReleases();
      const manifest = await releaseNamed(releases, releaseId);
      const deps = {
        releases,
        artifacts: readOnlyArtifacts(warehouse),
        threads: createThreads(),
        warehouse: createWarehouse({ models: join(projectRoot, 'warehouse'), ...config.warehouse }),
      };
      const progress = createProgress();
      const found = await verifyRelease(deps, manifest, {
        threads: config.ials.threads,
        say: progress.work,
      }).finally(progress.clear);
      process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : describe(found));
      if (!found.ok) process.exitCode = 1;
    });
}

function describe({ releaseId, ok, checked, problems, first, notChecked }: Verification): string {
  const { files, lists, items } = checked;
  const looked = `${files} files, ${lists} lists with ${items} films`;
  const more = problems > first.length ? [`and ${problems - first.length} more`] : [];
  return [
    ok
      ? `release ${releaseId} is as it was written: ${looked}`
      : `release ${releaseId} is NOT as it must be: ${problems} problems in ${looked}`,
    ...first.map(({ check, about, says }) => `  ${check.padEnd(8)} ${about}: ${says}`),
    ...more.map((line) => `  ${line}`),
    ...notChecked.map((what) => `  not checked: ${what}`),
    '',
  ].join('\n');
}
