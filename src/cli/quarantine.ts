import type { Command } from 'commander';
import {
  listQuarantine,
  type QuarantineList,
  replayQuarantine,
  type ReplayReport,
} from '../activities/quarantine.js';
import { decideOn, type Decision, UnknownSegment } from '../activities/suspect-segments.js';
import { loadSettings } from '../config.js';
import { UsageError } from './errors.js';
import { withStore } from './store-context.js';

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
  registerDecision(
    quarantine,
    'accept',
    'learn from the rows that passed, though too many others of the segment were refused',
  );
  registerDecision(
    quarantine,
    'discard',
    'learn nothing from a segment; its rows stay where they are, unread',
  );
}

function registerDecision(quarantine: Command, decision: Decision['decision'], description: string): void {
  quarantine
    .command(decision)
    .description(description)
    .argument('<segment>', 'as `matinee quarantine list` calls it: <source>/day=<day>/<name>')
    .requiredOption('--reason <text>', 'why, for whoever asks later')
    .option('--json', 'print as JSON')
    .action(async (segment: string, { reason, json }: { reason: string; json?: boolean }) => {
      const made = await withStore(loadSettings(), async (context) => {
        try {
          return await decideOn(context, { segment, decision, reason });
        } catch (error) {
          throw error instanceof UnknownSegment ? new UsageError(error.message) : error;
        }
      });
      print(json, made, describeDecision);
    });
}

export function describeDecision({ segment, decision }: Decision): string {
  return decision === 'accept'
    ? `${segment} is accepted: the next night learns from the rows of it that passed\n`
    : `${segment} is discarded: no night learns from it; \`matinee quarantine accept\` takes that back\n`;
}

const bySource = (source: string | undefined) => (source === undefined ? {} : { source });

function print<T>(json: boolean | undefined, value: T, describe: (value: T) => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : describe(value));
}

export function describeQuarantine({ total, groups, samples, suspects }: QuarantineList): string {
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
  for (const { segment, rows, refused } of suspects) {
    lines.push(
      `${segment} waits for a decision: ${refused.toLocaleString('en')} of ${(refused + rows).toLocaleString('en')} rows refused; the rest is not learnt from`,
      `  matinee quarantine accept|discard ${segment} --reason "…"`,
    );
  }
  lines.push('After a fix (a film added, a mapping changed): matinee quarantine replay', '');
  return lines.join('\n');
}

export function describeReplay({ replayed, remaining, bySource: sources }: ReplayReport): string {
  const lines = sources.map((s) => `  ${s.source}: ${s.replayed} pass now, ${s.remaining} remain`);
  return [`${replayed} rows pass now and join the next night, ${remaining} remain`, ...lines, ''].join('\n');
}

const shorten = (text: string) => (text.length > 160 ? `${text.slice(0, 159)}…` : text);
