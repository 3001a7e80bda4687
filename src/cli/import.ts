import { resolve } from 'node:path';
import { Argument, type Command, Option } from 'commander';
import { type ImportDeps, importFolder } from '../adapters/datasets/import-folder.js';
import type { ImportReport } from '../adapters/datasets/import-report.js';
import { FAMILIES, type Family, findLayout } from '../adapters/datasets/layouts.js';
import { loadSettings } from '../config.js';
import { withStore } from './store-context.js';

export interface ImportArguments {
  family: Family;
  paths: string[];
  certificates?: string;
  assumeAge: 'adult' | 'unknown';
}

export function registerImport(program: Command): void {
  program
    .command('import')
    .description("bring films, viewers and ratings of a user's own folder into the operational store")
    .addArgument(new Argument('<format>', 'what the folders hold').choices(FAMILIES))
    .argument('<dir...>', 'folders; for csv also a ratings file (viewer, film, rating, timestamp)')
    .option('--certificates <file>', 'CSV file: film_id,scheme,certificate or film_id,MPA[,BBFC,…]')
    .addOption(
      new Option('--assume-age <age>', 'what viewers are taken for when the source has no ages')
        .choices(['adult', 'unknown'])
        .default('adult'),
    )
    .option('--json', 'print the reports as JSON')
    .action(
      async (
        family: Family,
        paths: string[],
        options: { certificates?: string; assumeAge: 'adult' | 'unknown'; json?: boolean },
      ) => {
        const { json = false, ...given } = options;
        const note = (text: string) => process.stderr.write(`${text}\n`);
        // Before any server is started: most mistakes are in the path.
        for (const path of paths) await findLayout(family, resolve(path));
        const reports = await withStore(loadSettings(), async (context) => {
          const done = await runImport({ family, paths, ...given }, { ...context, onStep: note });
          await context.refreshFormula();
          return done;
        });
        process.stdout.write(
          json ? `${JSON.stringify(reports, null, 2)}\n` : reports.map(describeImport).join('\n'),
        );
      },
    );
}

/** Imports folder after folder; the first that cannot be imported ends it, those before it stay. */
export async function runImport(args: ImportArguments, deps: ImportDeps): Promise<ImportReport[]> {
  const reports: ImportReport[] = [];
  for (const path of args.paths) {
    const layout = await findLayout(args.family, resolve(path));
    deps.onStep?.(`${layout.label} in ${path}`);
    reports.push(
      await importFolder(deps, layout, {
        assumeAge: args.assumeAge,
        ...(args.certificates === undefined ? {} : { certificates: resolve(args.certificates) }),
      }),
    );
  }
  return reports;
}

const WARNINGS: Record<string, string> = {
  'title:duplicate': 'films share title and year with another; both were kept',
  'year:missing': 'films have no year; they were kept',
  'certificate:unknown-film': 'certificates are of films that the source does not have; they were ignored',
};

/** The summary that a person reads. */
export function describeImport(report: ImportReport): string {
  const { events, quarantined, span, warnings } = report;
  const n = (count: number) => count.toLocaleString('en');
  const lines = [
    `${report.label} → source "${report.source}"`,
    `  ${n(report.films)} films, ${n(report.profiles)} viewers, ${n(events.new)} new ratings` +
      (events.known > 0 ? `, ${n(events.known)} known already` : '') +
      (span === null ? '' : `, ${span.from} to ${span.to}`),
    '  taken for granted:',
    ...report.assumptions.map((assumption) => `    - ${assumption}`),
  ];
  for (const [code, count] of Object.entries(warnings)) {
    lines.push(`  note: ${n(count)} ${WARNINGS[code] ?? code} (${code})`);
  }
  if (quarantined.total > 0) {
    const reasons = Object.entries(quarantined.byReason).map(([reason, count]) => `${reason} ${n(count)}`);
    lines.push(
      `  refused: ${n(quarantined.total)} rows, kept in quarantine: ${reasons.join(', ')}`,
      '           see them with: matinee quarantine list',
    );
  }
  lines.push('  next: matinee nightly --wait, then: matinee recommend <viewer>', '');
  return lines.join('\n');
}
