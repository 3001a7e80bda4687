import type { Trial, Tuning } from '../../contracts/index.js';
import { describeSplit } from '../../core/split/plans.js';
import type { Round } from '../../core/tune/halving.js';

/** Columns of a trial's line: name and width. */
const COLUMNS = [
  ['round', 5],
  ['fit', 7],
  ['k', 4],
  ['α₀', 7],
  ['λ', 8],
  ['ν', 4],
  ['half-lives', 10],
  ['NDCG@10', 8],
  ['taste', 7],
  ['best', 7],
  ['left', 8],
] as const;

const row = (cells: string[]) => cells.map((cell, n) => cell.padStart(COLUMNS[n]![1])).join(' ');

/** One line per fit on stderr; on a terminal what goes on inside a fit below them. */
export function createTrialView(
  { rounds, fits }: { rounds: Round[]; fits: number },
  out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
) {
  let done = 0;
  let best: Trial | null = null;
  const pace = createPace(rounds);
  const clear = () => {
    if (out.isTTY) out.write('\r\u001b[K');
  };
  return {
    head() {
      const plan = rounds.map(({ settings, epochs }) => `${settings} for ${epochs} epochs`).join(', then ');
      out.write(`${fits} fits: ${plan}\n${row(COLUMNS.map(([name]) => name))}\n`);
    },
    trial(trial: Trial, isNew: boolean) {
      done++;
      pace.add(trial);
      if (best === null || trial.round > best.round || (trial.ndcg ?? -1) > (best.ndcg ?? -1)) best = trial;
      const { round, setting, ndcg, taste } = trial;
      clear();
      out.write(
        `${row([
          `${round + 1}/${rounds.length}`,
          `${done}/${fits}`,
          String(setting.k),
          String(setting.alpha0),
          String(setting.lambda),
          String(setting.nu),
          `×${setting.halfLife}`,
          ndcg?.toFixed(4) ?? 'diverged',
          taste?.toFixed(4) ?? '',
          best.ndcg?.toFixed(4) ?? '',
          isNew ? durationText(pace.left()) : 'known',
        ])}\n`,
      );
    },
    step(text: string) {
      if (out.isTTY && text !== '') out.write(`\r\u001b[K${text}`);
    },
    clear,
  };
}

/** Seconds that are left: a fit costs about its epochs, and a constant that is worth four of them. */
export function createPace(rounds: readonly Round[]) {
  const costOf = (epochs: number) => epochs + 4;
  const total = rounds.reduce((sum, { settings, epochs }) => sum + settings * costOf(epochs), 0);
  let [seconds, cost] = [0, 0];
  return {
    add(trial: Pick<Trial, 'epochs' | 'seconds'>) {
      seconds += trial.seconds;
      cost += costOf(trial.epochs);
    },
    left: () => (cost === 0 ? 0 : (seconds / cost) * Math.max(0, total - cost)),
  };
}

export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** The config file that a setting goes into: the one in force, or the one to make where there is none. */
export interface ConfigFile {
  path: string;
  isThere: boolean;
}

/** What came out, in sentences. */
export function describeTuning(tuning: Tuning, { path, isThere }: ConfigFile): string {
  const { best, current, difference, popularity, viewers, split, cutoff, asOf } = tuning;
  const day = (instant: string) => instant.slice(0, 10);
  const when =
    cutoff === null
      ? `${describeSplit(split)} of the gate's train part`
      : `${day(cutoff)} up to ${day(asOf)}, which ends where the gate's test begins`;
  const lines = [
    '',
    `measured on ${viewers} viewers, ${when}`,
    `NDCG@10 best ${best.ndcg.toFixed(4)}, current ${current.ndcg.toFixed(4)}, popularity ${popularity.toFixed(4)}`,
  ];
  if (best.number === 0)
    return [...lines, 'the current setting is the best of them: nothing to change', ''].join('\n');
  const { mean, lower, upper } = difference;
  const proof = lower > 0 ? '' : '; that may be chance: the bounds hold 0';
  return [
    ...lines,
    `best − current ${signed(mean)}, bounds ${signed(lower)} … ${signed(upper)}${proof}`,
    'The best of many looks a little better here than it is; nights judge it by the gate, as a change of recipe.',
    '',
    isThere ? `To use it, put this into ${path}, beside what is there:` : `To use it, make ${path} of this:`,
    '',
    tuning.fragment,
  ].join('\n');
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
