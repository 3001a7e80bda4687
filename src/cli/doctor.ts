import type { Command } from 'commander';
import pc from 'picocolors';
import { loadSettings } from '../config.js';
import { type Diagnosis, type Finding, diagnose } from '../embedded/diagnosis.js';

const MARKS: Record<Finding['status'], string> = {
  ok: pc.green('ok     '),
  warning: pc.yellow('warning'),
  missing: pc.red('missing'),
};

/** `matinee doctor`: what is there, what is missing and how to get it. Exit code 1 when something needed is missing. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check what Matinee needs on this machine, and say how to get what is missing')
    .option('--fetch', 'download the Temporal program now, so that `up` needs no network', false)
    .option('--json', 'print the findings as JSON', false)
    .action(async (options: { fetch: boolean; json: boolean }) => {
      const report = (line: string) => process.stderr.write(`${line}\n`);
      const diagnosis = await diagnose(loadSettings(), { fetch: options.fetch, report });
      process.stdout.write(
        options.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : describeDiagnosis(diagnosis),
      );
      if (diagnosis.findings.some(({ status }) => status === 'missing')) process.exitCode = 1;
    });
}

export function describeDiagnosis({ findings, sizes }: Diagnosis): string {
  const lines = findings.map(({ name, status, detail, fix }) => {
    const remedy = fix === undefined ? '' : `\n${' '.repeat(21)}→ ${fix}`;
    return `${MARKS[status]}  ${name.padEnd(10)}  ${detail.replaceAll('\n', `\n${' '.repeat(21)}`)}${remedy}`;
  });
  const used = sizes
    .filter(({ bytes }) => bytes > 0)
    .map(({ folder, bytes }) => `${mebibytes(bytes).padStart(12)}  ${folder}`);
  return `${[...lines, ...(used.length === 0 ? [] : ['', 'On disk:', ...used])].join('\n')}\n`;
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
