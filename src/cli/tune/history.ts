import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Trial, trialSchema } from '../../contracts/index.js';

/** The fits of a search, one JSON line each, so that a search that was killed goes on where it was. */
export interface History {
  /** Fits of earlier runs of this search, then of this one. */
  readonly trials: readonly Trial[];
  find(round: number, number: number): Trial | undefined;
  add(trial: Trial): Promise<void>;
}

/** Opens a file of trials, or begins one. A last line that a killed process left unfinished goes. */
export async function openHistory(path: string): Promise<History> {
  await mkdir(dirname(path), { recursive: true });
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
  const trials = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => trialSchema.parse(JSON.parse(line)));
  return {
    trials,
    find: (round, number) => trials.find((trial) => trial.round === round && trial.number === number),
    async add(trial) {
      await appendFile(path, `${JSON.stringify(trial)}\n`);
      trials.push(trial);
    },
  };
}
