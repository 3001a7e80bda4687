import type { Config } from '../contracts/index.js';
import type { Arena } from '../core/als/arena.js';
import { type CellList, type Cells, buildCells } from '../core/als/cells.js';
import type { ColumnChunk, Session } from './deps.js';

/** What a model is trained on. */
export interface TrainingData {
  /** Film of each row, ascending. */
  filmIds: string[];
  viewers: number;
  arena: Arena;
  byViewer: Cells;
  byFilm: Cells;
}

/**
 * Interactions → cells of eligible viewers and films (config `eligibility`). Leaves `interactions`, `eligible_films` and
 * `eligible_viewers` behind in the session.
 */
export async function loadTrainingData(
  session: Session,
  interactions: string[],
  config: Config,
): Promise<TrainingData> {
  await session.view('interactions', interactions);
  await session.set('min_item_users', config.eligibility.minItemUsers);
  await session.set('min_user_pos', config.eligibility.minUserPos);
  await materialise(session, 'train/eligible_films');
  await materialise(session, 'train/eligible_viewers');
  await session.model('train/cells');
  const films = await session.rows<{ film_id: string }>(
    'SELECT film_id FROM eligible_films ORDER BY film_row',
  );
  const viewers = await countOf(session, 'eligible_viewers');
  const list = await streamCells(session, await countOf(session, 'cells'));
  const { arena, byRow, byColumn } = buildCells(viewers, films.length, list);
  return { filmIds: films.map(({ film_id }) => film_id), viewers, arena, byViewer: byRow, byFilm: byColumn };
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
  const list: CellList = {
    count,
    row: new Int32Array(count),
    column: new Int32Array(count),
    weightMicro: new Int32Array(count),
  };
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
