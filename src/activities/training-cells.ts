import type { Config } from '../contracts/index.js';
import type { Arena } from '../core/als/arena.js';
import {
  type CellList,
  type Cells,
  type Matrix,
  buildCellsInSteps,
  createCellList,
} from '../core/als/cells.js';
import type { FilmContent } from '../core/als/film-content.js';
import { decayTable } from '../core/feedback/index.js';
import type { Standing } from '../core/ranking/blend.js';
import type { ColumnChunk, Session } from './deps.js';
import { readContent } from './film-content.js';
import { pause } from './pause.js';

/** What a model is trained on. */
export interface TrainingData {
  /** Film of each row, ascending. */
  filmIds: string[];
  /** Of each row, as of T. */
  standing: Standing[];
  /** null = no content prior (config ials.priorGamma). */
  content: FilmContent | null;
  viewers: number;
  arena: Arena;
  byViewer: Cells;
  byFilm: Cells;
}

/** Half-lives after which nothing of a positive interaction is left in the trend: 2^−20 is less than a millionth. */
const TREND_HALF_LIVES = 20;

/**
 * Interactions → cells of eligible viewers and films (config `eligibility`), how the films stand at `asOf`, and what facts say
 * of all films. `films`: files with a row of facts per film. Leaves `interactions`, `films`, `eligible_films` and
 * `eligible_viewers` behind in the session.
 */
export async function loadTrainingData(
  session: Session,
  { interactions, films: filmFiles }: { interactions: string[]; films: string[] },
  asOf: string,
  config: Config,
): Promise<TrainingData> {
  await session.view('interactions', interactions);
  await session.view('films', filmFiles);
  await session.set('as_of', asOf, 'TIMESTAMP');
  const { nowHalfLifeDays } = config.blend;
  const trend = decayTable(nowHalfLifeDays, Math.ceil(TREND_HALF_LIVES * nowHalfLifeDays));
  await session.set('trend_micros', trend.map(String), 'BIGINT[]');
  await session.set('min_item_users', config.eligibility.minItemUsers);
  await session.set('min_user_pos', config.eligibility.minUserPos);
  await materialise(session, 'train/eligible_films');
  await materialise(session, 'train/eligible_viewers');
  await session.model('train/cells');
  const films = await session.rows<{ film_id: string; positives: number; trend_micro: number }>(
    'SELECT film_id, positives, trend_micro::DOUBLE AS trend_micro FROM eligible_films ORDER BY film_row',
  );
  const filmIds = films.map(({ film_id }) => film_id);
  const { priorGamma } = config.ials;
  const content = priorGamma === null ? null : await readContent(session, filmIds, priorGamma, config);
  const viewers = await countOf(session, 'eligible_viewers');
  const list = await streamCells(session, await countOf(session, 'cells'));
  const { arena, byRow, byColumn } = await built(buildCellsInSteps(viewers, films.length, list));
  return {
    filmIds,
    content,
    standing: films.map(({ positives, trend_micro }) => ({ positives, trendMicro: trend_micro })),
    viewers,
    arena,
    byViewer: byRow,
    byFilm: byColumn,
  };
}

/** With a turn of the event loop between two steps. */
async function built(steps: Generator<undefined, Matrix>): Promise<Matrix> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

/** A model's rows as a temporary table: read many times, computed once. */
export async function materialise(session: Session, model: string): Promise<void> {
  const name = model.slice(model.lastIndexOf('/') + 1);
  await session.model(model);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${name}_rows AS FROM ${name}`);
  await session.run(`CREATE OR REPLACE TEMP VIEW ${name} AS FROM ${name}_rows`);
}

export async function countOf(session: Session, relation: string): Promise<number> {
  const [row] = await session.rows<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${relation}`);
  return row?.n ?? 0;
}

async function streamCells(session: Session, count: number): Promise<CellList> {
  const list = createCellList(count);
  list.count = count;
  await streamColumns(session, 'SELECT viewer_row, film_row, weight_micro FROM cells', [
    list.row,
    list.column,
    list.weightMicro,
  ]);
  return list;
}

/** Streams INTEGER columns into arrays of the right length; throws when the rows do not fill them. */
export async function streamColumns(session: Session, sql: string, into: Int32Array[]): Promise<void> {
  let at = 0;
  await session.stream(sql, (columns: ColumnChunk[], rows) => {
    into.forEach((array, c) => array.set(columns[c]!, at));
    at += rows;
  });
  const length = into[0]?.length ?? 0;
  if (at !== length) throw new Error(`${sql}: ${at} rows came, expected ${length}`);
}
