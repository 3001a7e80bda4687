import type { Config } from '../contracts/index.js';
import type { FilmContent } from '../core/als/film-content.js';
import { ModelDiverged } from '../core/als/train.js';
import {
  type EaseWorkspace,
  createEaseWorkspace,
  easeBytes,
  publishedWeights,
} from '../core/ease/workspace.js';
import type { ActivityDeps } from './deps.js';
import { startEffort } from './effort.js';
import { permanentFailure } from './failures.js';
import type { Training, TrainedModel } from './trained-model.js';
import type { TrainingData } from './training-cells.js';

/** Matrices of weights that judging holds at most, as it was measured (bench/ease.js). */
const NIGHT_MATRICES = 6;

/** Why a catalogue is not for EASE; null = it is. Asked before any memory is taken. */
export function easeRefusal(films: number, { ease }: Pick<Config, 'ease'>): string | null {
  if (films <= ease.maxFilms) return null;
  return (
    `EASE holds a weight for each pair of films: ${films} films would take ${mebibytes(easeBytes(films))} MiB, a night ` +
    `${NIGHT_MATRICES} times that while it judges, and ease.maxFilms allows ${ease.maxFilms} (${mebibytes(easeBytes(ease.maxFilms))} MiB)`
  );
}

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/** Train cells as EASE takes them: what was liked counts 1. Of films that nobody knows, new ones get columns. */
export function easeWorkspaceOf(
  { byViewer, byFilm, content }: Pick<TrainingData, 'byViewer' | 'byFilm' | 'content'>,
  lambda: number,
): EaseWorkspace {
  const facts = content === null ? null : { ...content, fresh: freshFacts(content) };
  return createEaseWorkspace({ byRow: byViewer, byColumn: byFilm }, lambda, facts);
}

/** Films of the content that may be listed, in its order. */
export const freshFilms = (content: FilmContent | null) =>
  content?.cold.films.filter(({ isNew }) => isNew) ?? [];

function freshFacts({ cold }: FilmContent): FilmContent['cold']['features'] {
  const { start, feature, value } = cold.features;
  const rows = cold.films.flatMap(({ isNew }, row) => (isNew ? [row] : []));
  const cells = rows.map((row) => [start[row]!, start[row + 1]!] as const);
  const ends = [0];
  for (const [from, to] of cells) ends.push(ends.at(-1)! + to - from);
  return {
    start: Int32Array.from(ends),
    feature: Int32Array.from(cells.flatMap(([from, to]) => Array.from(feature.subarray(from, to)))),
    value: Float64Array.from(cells.flatMap(([from, to]) => Array.from(value.subarray(from, to)))),
  };
}

/** One sweep over all pairs of films; from nothing, and the same bytes for any number of threads. */
export async function trainEase(
  { config, trainer }: Pick<ActivityDeps, 'config' | 'trainer'>,
  { data, recipe, signal, say }: Training,
): Promise<TrainedModel> {
  const { lambda } = config.ease;
  const workspace = easeWorkspaceOf(data, lambda);
  const of = 100;
  const effort = startEffort(config.ials.threads);
  try {
    await trainer.fitEase(workspace, {
      threads: config.ials.threads,
      signal,
      onProgress: (share) => say({ step: 'EASE', done: Math.floor(of * share), of, unit: '%' }),
    });
  } catch (error) {
    if (error instanceof ModelDiverged) throw permanentFailure('ModelDiverged', error.message);
    throw error;
  } finally {
    effort.stop();
  }
  return {
    effort: effort.soFar(),
    record: {
      kind: 'ease',
      lambda,
      users: data.viewers,
      films: data.filmIds.length,
      recipe,
      warmFrom: null,
    },
    numbers: publishedWeights(workspace),
    cold: { films: freshFilms(data.content), numbers: new Float32Array(workspace.facts?.weights ?? []) },
  };
}
