import type { Config } from '../contracts/index.js';
import { CELL_FILMS } from '../core/ranking/popular.js';
import type { Session } from './deps.js';
import type { ParquetFile } from './interactions.js';

/** What viewers of each market and age band came to like lately. Reads `interactions`, `viewers` and `age_limits` of the session. */
export async function copyPopularity(
  session: Session,
  { popularity }: Config,
  outPath: string,
): Promise<ParquetFile> {
  await session.set('age_bands', popularity.ageBands.map(String), 'INTEGER[]');
  await session.set('cell_min_viewers', popularity.minViewers, 'INTEGER');
  await session.set('cell_min_film_viewers', popularity.minFilmViewers, 'INTEGER');
  await session.set('cell_films', CELL_FILMS, 'INTEGER');
  return session.copyModel('marts/mart_popularity', outPath);
}
