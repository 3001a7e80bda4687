import pc from 'picocolors';
import type { BackfillProgress, NightResult } from '../contracts/night.js';

type Released = Extract<NightResult, { kind: 'released' }>;

/** The end of a night in a few lines: what is served now, and why. */
export function describeResult(result: NightResult): string {
  return [...headline(result), ...result.notes.map((note) => `  ${pc.yellow('note')} ${note}`), ''].join(
    '\n',
  );
}

function headline(result: NightResult): string[] {
  switch (result.kind) {
    case 'released': {
      const { personal, formula, none } = result.counts;
      return [
        `${pc.green('✓')} ${result.date}: release ${pc.bold(result.releaseId)}${result.provisional ? ' (provisional)' : ''}${CHANNEL[result.channel](result.serving)}`,
        `  ${count(personal)} personal lists, ${count(formula)} by the formula, ${count(none)} with nothing to show`,
        ...reasons(result.verdict.kind, result.verdict.reasons),
      ];
    }
    case 'held':
      return [
        `${pc.yellow('●')} ${result.date}: the candidate was not promoted; ${stays(result.serving)}`,
        ...reasons(result.verdict.kind, result.verdict.reasons),
      ];
    case 'blocked':
      return [
        `${pc.red('■')} ${result.date}: the data checks stopped the night; ${stays(result.serving)}`,
        ...reasons('blocked', result.reasons),
      ];
  }
}

const stays = (serving: string | null) =>
  serving === null || serving === '' ? 'nothing is served yet' : `${pc.bold(serving)} keeps serving`;

/** What became of the release, after its name. */
const CHANNEL: Record<Released['channel'], (serving: string | null) => string> = {
  flipped: () => ' is served',
  already: () => ' is served',
  superseded: (serving) => ` is stored; ${pc.bold(serving ?? '')} of a later night stays`,
  'not-asked': () => ' is stored, the channel stays',
};

const count = (n: number) => n.toLocaleString('en');
const reasons = (kind: string, list: string[]) => list.map((reason) => `  ${kind}: ${reason}`);

export function describeBackfill(progress: BackfillProgress): string {
  const lines = progress.done.map(
    (day) =>
      `  ${day.date}  ${day.kind.padEnd(8)} ${day.releaseId ?? day.error ?? ''}${day.verdict ? `  ${day.verdict}` : ''}`,
  );
  const published = progress.published;
  if (published !== undefined)
    lines.push(`  channel: ${published.releaseId ?? 'unchanged'} (${published.reason})`);
  return `${lines.join('\n')}\n`;
}
