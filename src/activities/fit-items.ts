import { ModelDiverged } from '../core/als/train.js';
import { scoresByFacts } from '../core/ease/facts.js';
import { type EaseWorkspace, publishedWeights } from '../core/ease/workspace.js';
import { type FilmLists, listOf, packLists } from '../core/metrics/film-lists.js';
import type { ItemScorer } from '../core/metrics/judgement.js';
import { type ItemWeights, tasteInto } from '../core/ranking/taste-source.js';
import type { Learnt } from '../core/ranking/model-files.js';
import type { Trainer } from './deps.js';
import type { Fit, FitOptions } from './fit-scorer.js';
import { FILMS_PER_TURN, pause } from './pause.js';
import { easeRefusal, easeWorkspaceOf, freshFilms } from './train-ease.js';
import type { TrainingData } from './training-cells.js';

type ItemOptions = Omit<FitOptions, 'kind'>;

/** Throws ModelDiverged where EASE cannot be fitted on this train part: it is judged as a fit that came to nothing. */
export async function fitItems(trainer: Trainer, options: ItemOptions): Promise<Fit> {
  const { name, config, training, rowOfFilm, signal, say } = options;
  const refusal = easeRefusal(training.filmIds.length, config);
  if (refusal !== null) throw new ModelDiverged(refusal);
  const workspace = easeWorkspaceOf(training, config.ease.lambda);
  await trainer.fitEase(workspace, {
    threads: config.ials.threads,
    signal,
    onProgress: (share) => say({ step: `${name}, EASE`, done: Math.floor(100 * share), of: 100, unit: '%' }),
  });
  const { matrix, films, size, facts } = workspace;
  const items: ItemWeights = {
    kind: 'items',
    weights: matrix,
    films,
    pitch: size,
    freshWeights: new Float32Array(),
    fresh: 0,
  };
  const scorer: ItemScorer = { kind: 'items', name, items, histories: historiesOf(options), rowOfFilm };
  const withFresh =
    facts === null ? items : { ...items, freshWeights: facts.weights, fresh: facts.freshFilms };
  return {
    kind: 'ease',
    scorer,
    films,
    width: films,
    learnt: (film) => matrix.subarray(film * size, film * size + films),
    published: () => publishedWeights(workspace),
    losses: [],
    fresh: {
      filmIds: freshFilms(training.content).map(({ filmId }) => filmId),
      scorer: { ...scorer, items: withFresh },
    },
    cold: coldScores(workspace, training.content, items, scorer.histories),
  };
}

/** B of other films in the rows of these. */
export async function foldItems(
  { name, training, rowOfFilm, ...options }: ItemOptions,
  { filmIds, width, numbers }: Learnt,
): Promise<Fit> {
  const rowOf = new Map(filmIds.map((filmId, row) => [filmId, row]));
  const rows = training.filmIds.map((filmId) => rowOf.get(filmId) ?? -1);
  const films = rows.length;
  const weights = new Float32Array(new SharedArrayBuffer(films * films * 4));
  for (const [j, from] of rows.entries()) {
    if (j % FILMS_PER_TURN === 0) await pause();
    if (from < 0) continue;
    const own = numbers.subarray(from * width, (from + 1) * width);
    for (let i = 0; i < films; i++) if (rows[i]! >= 0) weights[j * films + i] = own[rows[i]!]!;
  }
  const items: ItemWeights = {
    kind: 'items',
    weights,
    films,
    pitch: films,
    freshWeights: new Float32Array(),
    fresh: 0,
  };
  const histories = historiesOf({ ...options, training });
  const scorer: ItemScorer = { kind: 'items', name, items, histories, rowOfFilm };
  return {
    kind: 'ease',
    scorer,
    films,
    width: films,
    learnt: (film) => weights.subarray(film * films, (film + 1) * films),
    published: () => new Float32Array(weights),
    losses: [],
    fresh: { filmIds: [], scorer },
    cold: null,
  };
}

/** What each judged viewer liked in the train part. */
function historiesOf({ training, rowOfViewer }: Pick<ItemOptions, 'training' | 'rowOfViewer'>): FilmLists {
  const { start, column, weightMicro } = training.byViewer;
  return packLists(
    Array.from(rowOfViewer, (row) => {
      const liked: number[] = [];
      if (row < 0) return liked;
      for (let c = start[row]!; c < start[row + 1]!; c++) if (weightMicro[c]! > 0) liked.push(column[c]!);
      return liked;
    }),
  );
}

function coldScores(
  { facts, films }: EaseWorkspace,
  content: TrainingData['content'],
  items: ItemWeights,
  histories: FilmLists,
): Fit['cold'] {
  if (facts === null || content === null) return null;
  const scores = new Float64Array(films);
  return (viewer, out) => {
    const liked = listOf(histories, viewer);
    tasteInto(items, liked, scores);
    for (const row of liked) scores[row]! += 1;
    scoresByFacts(facts, scores, content.cold.features, out);
  };
}
