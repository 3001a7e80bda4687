import { join } from 'node:path';
import { type ArtifactRef, formulaListsSchema } from '../contracts/index.js';
import type { Model } from '../core/ranking/model.js';
import type { FilmTastes } from '../core/similar/similar-films.js';
import { reorderSimilar } from '../core/similar/similar-table.js';
import { compareIds } from '../core/weighted-rating/index.js';
import type { ActivityDeps } from './deps.js';
import { FORMULA_FILE } from './formula.js';
import { readModel } from './model-files.js';
import { readJson } from './read-json.js';
import { similarFilms } from './similar.js';

/** Films like each film of a release, in the order of its films.json: by the model and by the formula's facts. */
export async function similarByTaste(
  deps: Pick<ActivityDeps, 'config' | 'artifacts' | 'threads'>,
  model: ArtifactRef,
  formula: ArtifactRef,
  signal: AbortSignal,
): Promise<Buffer> {
  const { films } = await readJson(deps.artifacts, formula, FORMULA_FILE, formulaListsSchema);
  const formulaPath = join(deps.artifacts.path(formula.uri), FORMULA_FILE);
  const job = { formulaPath, films, model: everyFilm(await readModel(deps, model)) };
  const table = await similarFilms(deps, job, signal);
  const inFormula = films.map(({ filmId }) => filmId);
  return Buffer.from(reorderSimilar(table, inFormula, inFormula.toSorted(compareIds)).buffer);
}

/** The films that the model has learnt, then those that have factors by their facts, in memory that threads share. */
function everyFilm(model: Model): FilmTastes {
  const { filmIds } = model;
  const learnt = filmIds.length;
  if (model.kind === 'ease') return { kind: 'items', weights: model.weights, filmIds, learnt };
  const { factors, cold } = model;
  const { k } = model.hyper;
  if (cold === undefined) return { kind: 'factors', factors, filmIds, k, learnt };
  const all = new Float32Array(new SharedArrayBuffer((factors.length + cold.factors.length) * 4));
  all.set(factors);
  all.set(cold.factors, factors.length);
  const allIds = [...filmIds, ...cold.films.map(({ filmId }) => filmId)];
  return { kind: 'factors', factors: all, filmIds: allIds, k, learnt };
}
