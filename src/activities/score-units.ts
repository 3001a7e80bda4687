import { readFileSync } from 'node:fs';
import type { Config, FormulaLists } from '../contracts/index.js';
import { type Allows, isAllowed } from '../core/age-gate/index.js';
import { createCatalogue } from '../core/ranking/catalogue.js';
import { readFlags } from '../core/ranking/history-flags.js';
import type { Model } from '../core/ranking/model.js';
import { createListMaker, type ScoredList } from '../core/ranking/viewer-list.js';
import type { Interaction, Viewer } from '../core/ranking/viewer.js';
import { createSimdOrder } from '../kernels/simd/served-order.js';

/** One bucket for the threads: viewers in pid order, their interactions in compressed rows, in shared memory. */
export interface ScoreJob {
  /** formula.json, read by each thread itself: parsing it never holds the event loop. */
  formulaPath: string;
  model: Model | null;
  config: Pick<Config, 'lists' | 'eligibility' | 'blend' | 'ages'>;
  pids: string[];
  markets: string[];
  maxAge: Int32Array;
  /** 1 = consents to personal lists. */
  isPersonal: Uint8Array;
  /** Interactions of viewer v: start[v] … start[v+1]−1, ascending film index. */
  start: Int32Array;
  film: Int32Array;
  /** Signed weight, see Interaction. */
  weightMicro: Int32Array;
  /** Bit 0 seen, bit 1 disliked, bit 2 hidden on request, from bit 3 the kind's index + 1. */
  flags: Int32Array;
}

/** Viewers of one unit of work. */
export const UNIT_VIEWERS = 64;

export interface ScoredUnit {
  /** NDJSON rows of the tables lists and viewers. */
  lists: string;
  viewers: string;
}

/** Module of a thread crew (deps.ts, CrewJob): unit n = viewers n·64 … n·64+63. */
export function createUnitRunner(
  job: ScoreJob,
  allows: Allows = isAllowed,
): (phase: string, unit: number) => ScoredUnit {
  // Written by buildFormula from checked rows, so that a cast will do.
  const formula = JSON.parse(readFileSync(job.formulaPath, 'utf8')) as FormulaLists;
  const catalogue = createCatalogue(formula, job.config.ages);
  const makeLists = createListMaker(catalogue, job.model, job.config, {
    allows,
    createOrder: createSimdOrder,
  });
  return (_phase, unit) => {
    const lists: string[] = [];
    const rows: string[] = [];
    const first = unit * UNIT_VIEWERS;
    const count = Math.min(UNIT_VIEWERS, job.pids.length - first);
    const viewers = Array.from({ length: count }, (_, n) => viewerOf(job, first + n));
    makeLists(viewers).forEach((list, n) => {
      const pid = job.pids[first + n]!;
      rows.push(viewerRow(pid, viewers[n]!, list));
      list.items.forEach(({ film, minAge, score, reason }, i) => {
        lists.push(
          JSON.stringify({
            pid,
            rank: i + 1,
            film_id: formula.films[film]!.filmId,
            score,
            min_age: minAge,
            reason_kind: reason.kind,
            reason_text: reason.text,
            reason_film_ids: reason.movieIds,
          }),
        );
      });
    });
    return { lists: lines(lists), viewers: lines(rows) };
  };
}

function viewerOf(job: ScoreJob, v: number): Viewer {
  const history: Interaction[] = [];
  for (let c = job.start[v]!; c < job.start[v + 1]!; c++) {
    history.push({
      film: job.film[c]!,
      weightMicro: job.weightMicro[c]!,
      ...readFlags(job.flags[c]!),
    });
  }
  return {
    market: job.markets[v]!,
    maxAge: job.maxAge[v]!,
    isPersonal: job.isPersonal[v] === 1,
    history,
  };
}

function viewerRow(pid: string, { market, maxAge }: Viewer, { servedBy, items, none }: ScoredList): string {
  return JSON.stringify({
    pid,
    served_by: servedBy,
    max_age: maxAge,
    market,
    why: none?.why ?? null,
    why_code: none?.code ?? null,
    items: items.length,
  });
}

function lines(rows: string[]): string {
  return rows.length === 0 ? '' : `${rows.join('\n')}\n`;
}
