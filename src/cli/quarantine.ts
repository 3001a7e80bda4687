import type { Command } from 'commander';
import {
  listQuarantine,
  type QuarantineList,
  replayQuarantine,
  type ReplayReport,
} from '../activities/quarantine.js';
import { loadSettings } from '../config.js';
import { withStore } from './context.js';

interface Options {
  source?: string;
  json?: boolean;
}

export function registerQuarantine(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('rows that were refused: what they are and why, and what passes now');
  quarantine
    .command('list')
    .description('counts by source, day and reason, with sample rows')
    .option('--source <name>', 'only this source')
    .option('--json', 'print as JSON')
    .action(async ({ source, json }: Options) => {
      const list = await withStore(loadSettings(), (context) => listQuarantine(context, bySource(source)));
      print(json, list, describeQuarantine);
    });
  quarantine
    .command('replay')
    .description(
      "check refused events again by today's rules and catalogue; those that pass join the next night",
    )
    .option('--source <name>', 'only this source')
    .option('--json', 'print as JSON')
    .action(async ({ source, json }: Options) => {
      const report = await withStore(loadSettings(), (context) =>
        replayQuarantine(context, bySource(source)),
      );
      print(json, report, describeReplay);
    });
}

const bySource = (source: string | undefined) => (source === undefined ? {} : { source });

function print<T>(json: boolean | undefined, value: T, describe: (value: T) => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : describe(value));
}

export function describeQuarantine({ total, groups, samples }: QuarantineList): string {
  if (total === 0) return 'The quarantine is empty.\n';
  const lines = [`${total.toLocaleString('en')} rows in quarantine`];
  for (const { source, day, reason, rows } of groups) {
    lines.push(
      `  ${source.padEnd(18)} ${day}  ${reason.padEnd(22)} ${rows.toLocaleString('en').padStart(9)}`,
    );
  }
  lines.push('for example');
  for (const { source, reasons, file, line, fields, raw } of samples) {
    const where = [source, file, line === null ? null : `line ${line}`]
      .filter((part) => part !== null)
      .join(', ');
    lines.push(`  ${reasons.join(' ')}  (${where})`, `    ${shorten(raw ?? fields ?? '')}`);
  }
  lines.push('After a fix (a film added, a mapping changed): matinee quarantine replay', '');
  return lines.join('\n');
}

export function describeReplay({ replayed, remaining, bySource: sources }: ReplayReport): string {
  const lines = sources.map((s) => `  ${s.source}: ${s.replayed} pass now, ${s.remaining} remain`);
  return [`${replayed} rows pass now and join the next night, ${remaining} remain`, ...lines, ''].join('\n');
}

const shorten = (text: string) => (text.length > 160 ? `${text.slice(0, 159)}…` : text);
