import type { CatalogueFilm } from '../contracts/index.js';
import { emptyTable, placeSimilar } from '../core/similar/similar-table.js';
import type { ActivityDeps } from './deps.js';
import { permanentFailure } from './failures.js';
import { type SimilarJob, UNIT_FILMS } from './similar-units.js';

/** The neighbours of every film, in formula artefacts and in releases. */
export const SIMILAR_FILE = 'similar.u32';

/** Units that are worth a thread of their own: starting one takes as long as some hundred films. */
const UNITS_PER_THREAD = 8;

/**
 * The films most like each film of a formula artefact, by taste where the model knows both and by their facts; every neighbour is
 * looked at again before the table is returned. Bytes do not depend on the number of threads: a film's neighbours depend on
 * nothing but the input.
 */
export async function similarFilms(
  { threads, config }: Pick<ActivityDeps, 'threads' | 'config'>,
  { films, ...job }: Omit<SimilarJob, 'table'> & { films: readonly CatalogueFilm[] },
  signal: AbortSignal,
): Promise<Uint32Array<ArrayBuffer>> {
  const table = emptyTable(films.length);
  const units = Math.ceil(films.length / UNIT_FILMS);
  if (units === 0) return table.slice();
  const crew = await threads.crew({
    module: new URL('./similar-units.js', import.meta.url),
    data: { ...job, table } satisfies SimilarJob,
    threads: Math.max(1, Math.min(config.ials.threads, Math.floor(units / UNITS_PER_THREAD))),
    signal,
  });
  const problems: string[] = [];
  try {
    await crew.run('find', units, {
      onResult: (unit, entries) => placeSimilar(table, entries as Uint32Array, unit * UNIT_FILMS),
    });
    await crew.run('audit', units, {
      onResult: (_unit, found) => problems.push(...((found as string[] | undefined) ?? [])),
    });
  } finally {
    await crew.stop();
  }
  const first = problems.sort()[0];
  if (first !== undefined) {
    throw permanentFailure(
      'ArtifactCorrupt',
      `similar films: ${problems.length} are not true, expected 0; e.g. ${first}`,
    );
  }
  return table.slice(); // memory of its own: files are not written from memory that threads share
}
