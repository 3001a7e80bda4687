import { readFileSync } from 'node:fs';
import { readLists } from '../../adapters/releases/list-reader.js';
import type { Config, FormulaLists } from '../../contracts/index.js';
import { createCatalogue } from '../../core/ranking/catalogue.js';
import type { Model } from '../../core/ranking/model.js';
import { createListCheck, type Offence } from '../../core/verify/check-list.js';

/** Lists of a release for the threads; each opens the file itself. */
export interface VerifyJob {
  folder: string;
  /** Film ids of the release, ascending. */
  films: string[];
  formulaPath: string;
  model: Model | null;
  config: Pick<Config, 'lists' | 'eligibility' | 'blend' | 'ages'>;
  pids: string[];
}

/** Lists of one unit of work. */
export const UNIT_LISTS = 64;

export interface VerifiedUnit {
  items: number;
  /** Films that lists show or cite: the pairs of the age audit. */
  shown: number;
  servedBy: Record<'personal' | 'formula' | 'none', number>;
  offences: Offence[];
}

/** Module of a thread crew: unit n = lists of viewers n·64 … n·64+63. */
export function createUnitRunner(job: VerifyJob): (phase: string, unit: number) => VerifiedUnit {
  const reader = readLists(job.folder, job.films);
  // The file's hash was compared with the release's before, so that a cast will do.
  const formula = JSON.parse(readFileSync(job.formulaPath, 'utf8')) as FormulaLists;
  const check = createListCheck(createCatalogue(formula, job.config.ages), job.model, job.config);
  return (_phase, unit) => {
    const found: VerifiedUnit = {
      items: 0,
      shown: 0,
      servedBy: { personal: 0, formula: 0, none: 0 },
      offences: [],
    };
    for (const pid of job.pids.slice(unit * UNIT_LISTS, (unit + 1) * UNIT_LISTS)) {
      const list = reader.get(pid);
      if (list === null) continue;
      found.items += list.items.length;
      for (const { reason } of list.items) found.shown += 1 + reason.movieIds.length;
      found.servedBy[list.servedBy]++;
      found.offences.push(...check(list));
    }
    return found;
  };
}
