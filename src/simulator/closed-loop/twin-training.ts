import type { Config, Film, Profile } from '../../contracts/index.js';
import { buildCells, createCellList } from '../../core/als/cells.js';
import { type FilmContent, coldFilmsOf, filmContent } from '../../core/als/film-content.js';
import type { FilmFacts } from '../../core/als/film-features.js';
import type { AlsKernel } from '../../core/als/kernels.js';
import { soloTeam } from '../../core/als/phases.js';
import { type FilmFactors, startFilms } from '../../core/als/start.js';
import { trainIals } from '../../core/als/train.js';
import { createWorkspace, publishedFactors } from '../../core/als/workspace.js';
import { DAY_MS, ageDays, decayTable } from '../../core/feedback/index.js';
import type { Standing } from '../../core/ranking/blend.js';
import type { AlsModel } from '../../core/ranking/model.js';
import type { Pair } from './histories.js';

/** Who and what a twin's model is about. */
export interface TwinTraining {
  films: readonly Film[];
  profiles: readonly Profile[];
  config: Config;
  createKernel: (memory: WebAssembly.Memory, k: number) => AlsKernel;
  /** Order of the model's viewers: the product's is by bucket and pseudonym. It decides only the last bits of sums. */
  orderKey?: (profileId: string) => string;
}

/**
 * Eligible films and viewers, cells, epochs: cold the first time, warm from the night before. null: nothing to learn from.
 * @throws Error when the config's model is another than ALS, which is all that a twin trains.
 */
export async function trainTwin(
  { films, profiles, config, createKernel, orderKey = (id) => id }: TwinTraining,
  pairs: readonly Pair[],
  asOfMs: number,
  earlier: FilmFactors | undefined,
): Promise<AlsModel | null> {
  if (config.model !== 'als')
    throw new Error(`model: ${config.model}: the closed loop trains ALS; set model: als for it`);
  const observed = pairs.filter(({ interaction }) => interaction.preference !== null);
  const raters = new Int32Array(films.length);
  for (const { film } of observed) raters[film]! += 1;
  const { minItemUsers, minUserPos } = config.eligibility;
  const filmIds = films
    .filter((_, at) => raters[at]! >= Math.max(1, minItemUsers))
    .map(({ filmId }) => filmId)
    .sort();
  const rowOfFilm = new Map(filmIds.map((filmId, row) => [filmId, row]));
  const rowOf = films.map(({ filmId }) => rowOfFilm.get(filmId) ?? -1);
  const positives = new Int32Array(profiles.length);
  for (const { viewer, film, interaction } of observed)
    if (interaction.preference === 1 && rowOf[film]! >= 0) positives[viewer]! += 1;
  const viewers = profiles
    .map(({ profileId }, at) => ({ at, key: orderKey(profileId) }))
    .filter(({ at }) => positives[at]! >= Math.max(1, minUserPos))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  if (filmIds.length < 2 || viewers.length < 2) return null;

  const rowOfViewer = new Int32Array(profiles.length).fill(-1);
  viewers.forEach(({ at }, row) => (rowOfViewer[at] = row));
  const cells = observed.filter(
    ({ viewer, film, interaction }) =>
      rowOfViewer[viewer]! >= 0 && rowOf[film]! >= 0 && interaction.wMicro > 0,
  );
  const list = createCellList(cells.length);
  cells.forEach(({ viewer, film, interaction }, n) => {
    list.row[n] = rowOfViewer[viewer]!;
    list.column[n] = rowOf[film]!;
    list.weightMicro[n] = interaction.preference === 1 ? interaction.wMicro : -interaction.wMicro;
  });
  list.count = cells.length;
  const { arena, byRow, byColumn } = buildCells(viewers.length, filmIds.length, list);
  const { k, alpha0, lambda, nu, solver, epochsCold, epochsWarm } = config.ials;
  const hyper = { k, alpha0, lambda, nu };
  const content = contentOf(films, filmIds, asOfMs, config);
  const workspace = createWorkspace(
    { arena, byViewer: byRow, byFilm: byColumn },
    hyper,
    content ?? undefined,
  );
  startFilms(workspace, filmIds, config.ials, earlier);
  await trainIals(workspace, soloTeam(workspace, createKernel(workspace.memory, k)), {
    epochs: earlier === undefined ? epochsCold : epochsWarm,
    solver,
  });
  return {
    kind: 'als',
    factors: publishedFactors(workspace, workspace.films),
    filmIds,
    standing: standingOf(observed, rowOf, filmIds.length, asOfMs, config),
    hyper,
    cold: coldFilmsOf(workspace.prior, content),
  };
}

/** What facts say of the model's films and of all others; which of these are new is the rule of train/film_facts.sql. */
function contentOf(
  films: readonly Film[],
  filmIds: readonly string[],
  asOfMs: number,
  { ials: { priorGamma }, blend: { newDays } }: Config,
): FilmContent | null {
  if (priorGamma === null) return null;
  const byId = new Map(films.map((film) => [film.filmId, film]));
  const learnt = new Set(filmIds);
  const isNew = ({ addedAt }: Film): boolean => {
    const addedMs = addedAt === null ? NaN : Date.parse(addedAt);
    return addedMs > asOfMs - newDays * DAY_MS && addedMs <= asOfMs;
  };
  const cold = films
    .filter(({ filmId }) => !learnt.has(filmId))
    .map((film) => ({ filmId: film.filmId, isNew: isNew(film), facts: factsOf(film) }))
    .sort((a, b) => (a.filmId < b.filmId ? -1 : 1));
  return filmContent(
    priorGamma,
    filmIds.map((filmId) => factsOf(byId.get(filmId)!)),
    cold,
  );
}

const factsOf = ({ releaseYear, ...facts }: Film): FilmFacts => ({ ...facts, year: releaseYear });

/** Half-lives after which nothing of a positive interaction is left in the trend, as where the model's cells are read. */
const TREND_HALF_LIVES = 20;

/** How the model's films stand at T: positives, and their trend (train/eligible_films.sql). */
function standingOf(
  observed: readonly Pair[],
  rowOf: readonly number[],
  films: number,
  asOfMs: number,
  { blend }: Config,
): Standing[] {
  const trend = decayTable(blend.nowHalfLifeDays, Math.ceil(TREND_HALF_LIVES * blend.nowHalfLifeDays));
  const standing = Array.from({ length: films }, () => ({ positives: 0, trendMicro: 0 }));
  for (const { film, interaction } of observed) {
    const of = standing[rowOf[film] ?? -1];
    if (of === undefined || interaction.preference !== 1) continue;
    of.positives += 1;
    of.trendMicro += trend[ageDays(interaction.lastAt, asOfMs)] ?? 0;
  }
  return standing;
}
