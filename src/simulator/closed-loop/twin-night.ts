import type { CatalogueFilm, Config, Film, FormulaLists, Profile, ServedBy } from '../../contracts/index.js';
import { CONSENT } from '../../contracts/films.js';
import { profileMaxAge } from '../../core/age-gate/index.js';
import { buildCells, createCellList } from '../../core/als/cells.js';
import type { AlsKernel } from '../../core/als/kernels.js';
import { soloTeam } from '../../core/als/phases.js';
import { type FilmFactors, startFilms } from '../../core/als/start.js';
import { trainIals } from '../../core/als/train.js';
import { createWorkspace, publishedFactors } from '../../core/als/workspace.js';
import { ageDays, decayTable } from '../../core/feedback/index.js';
import { EVIDENCE_KINDS } from '../../core/explain/reason.js';
import { createCatalogue } from '../../core/ranking/catalogue.js';
import type { Standing } from '../../core/ranking/blend.js';
import type { Model } from '../../core/ranking/personal-list.js';
import { createListMaker } from '../../core/ranking/viewer-list.js';
import type { Interaction as ListInteraction } from '../../core/ranking/viewer.js';
import { formulaLists, meanVote, priorVotes, weightedRating } from '../../core/weighted-rating/index.js';
import type { Histories, Pair } from './histories.js';

/** What one night made. Lists are made when they are asked for: most viewers do not come on a day. */
export interface TwinRelease {
  releaseId: string;
  /** A viewer's list; personal or, where the model knows too little, the formula's. */
  personal(profileId: string): ServedList;
  /** The formula's Top list, seen or not, as a profile of that age and market may see it. */
  top(profileId: string): ServedList;
  /** Positive interactions of each viewer, in the order of profiles. */
  positives(): Int32Array;
}
export interface ServedList {
  servedBy: ServedBy;
  filmIds: string[];
}

export interface TwinOptions {
  films: readonly Film[];
  profiles: readonly Profile[];
  histories: Histories;
  config: Config;
  createKernel: (memory: WebAssembly.Memory, k: number) => AlsKernel;
  /** Order of the model's viewers: the product's is by bucket and pseudonym. It decides only the last bits of sums. */
  orderKey?: (profileId: string) => string;
  /** false: the formula's lists alone, for an audience that is shown nothing else. */
  isTrained: boolean;
}

/**
 * A night in this process: the product's own feedback (core/feedback), weighted rating, trainer (core/als, warm
 * start) and list maker (core/ranking: filters, fallback, reasons). Left out: Temporal, the warehouse's SQL (core/feedback is
 * its oracle), the gate, buckets, threads, release files, the API.
 */
export function createTwin(options: TwinOptions) {
  const { films, profiles, histories, config } = options;
  let earlier: FilmFactors | undefined;
  const placeOf = new Map(profiles.map(({ profileId }, at) => [profileId, at]));

  return {
    async night(asOfMs: number): Promise<TwinRelease> {
      const asOf = new Date(asOfMs).toISOString();
      const formula = formulaAt(options, asOfMs, asOf);
      const pairs = once(() => histories.interactions(asOfMs));
      const model = options.isTrained ? await train(options, pairs(), asOfMs, earlier) : null;
      if (model !== null) earlier = { k: model.hyper.k, filmIds: [...model.filmIds], factors: model.factors };

      const catalogue = createCatalogue(formula, config.ages);
      const makeLists = createListMaker(catalogue, model, config);
      const indexOf = films.map(({ filmId }) => catalogue.indexOf(filmId) ?? -1);
      const pairsOf = once(() => groupByViewer(pairs(), profiles.length));
      const year = new Date(asOfMs - 1).getUTCFullYear();
      const listFor = (profileId: string, isOwn: boolean): ServedList => {
        const at = placeOf.get(profileId) ?? -1;
        const profile = profiles[at];
        if (profile === undefined) return { servedBy: 'none', filmIds: [] };
        const [list] = makeLists([
          {
            market: profile.market,
            maxAge: profileMaxAge(profile, year, config.ages),
            isPersonal: isOwn && (profile.consent & CONSENT.personalisation) !== 0,
            history: isOwn ? historyOf(pairsOf()[at] ?? [], indexOf) : [],
          },
        ]);
        const { servedBy, items } = list!;
        return { servedBy, filmIds: items.map(({ film }) => catalogue.films[film]?.filmId ?? '') };
      };
      return {
        releaseId: `twin-${asOf.slice(0, 10)}`,
        personal: (profileId) => listFor(profileId, true),
        top: (profileId) => listFor(profileId, false),
        positives: () =>
          Int32Array.from(
            pairsOf(),
            (own) => own.filter(({ interaction }) => interaction.preference === 1).length,
          ),
      };
    },
  };
}

/** What the list maker asks of a viewer's history: ascending films, signed weights. */
function historyOf(own: readonly Pair[], indexOf: number[]): ListInteraction[] {
  return own
    .map(({ film, interaction }) => ({
      film: indexOf[film] ?? -1,
      weightMicro: (interaction.preference === 0 ? -1 : 1) * interaction.wMicro,
      isSeen: interaction.isSeen,
      isDisliked: interaction.isDisliked,
      isHidden: false,
      kind: interaction.kind === null ? -1 : EVIDENCE_KINDS.indexOf(interaction.kind),
    }))
    .sort((a, b) => a.film - b.film);
}

function groupByViewer(pairs: readonly Pair[], viewers: number): Pair[][] {
  const groups: Pair[][] = Array.from({ length: viewers }, () => []);
  for (const pair of pairs) groups[pair.viewer]?.push(pair);
  return groups;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function formulaAt({ films, histories, config }: TwinOptions, asOfMs: number, asOf: string): FormulaLists {
  const votes = histories.votes(asOfMs);
  const m = priorVotes(votes, config.weightedRating);
  const c = meanVote(votes, config.weightedRating.c);
  const rated = films.map((film, at): CatalogueFilm => {
    const { votes: count, ratingSum } = votes[at] ?? { votes: 0, ratingSum: 0 };
    const { filmId, title, genres, actors, directors, runtimeMin, countries, languages, markets } = film;
    return {
      filmId,
      title,
      year: film.releaseYear,
      genres,
      actors,
      directors,
      runtimeMin,
      countries,
      languages,
      markets,
      certificates: film.certificates,
      addedAt: film.addedAt,
      votes: count,
      averageRating: count === 0 ? null : ratingSum / count,
      weightedRating: weightedRating(count, ratingSum, m, c),
    };
  });
  const total = votes.reduce((sum, { votes: count }) => sum + count, 0);
  return formulaLists(rated, { m, c, votes: total }, asOf, config);
}

/** Eligible films and viewers, cells, epochs: cold the first time, warm from the night before. null: nothing to learn from. */
async function train(
  { films, profiles, config, createKernel, orderKey = (id) => id }: TwinOptions,
  pairs: readonly Pair[],
  asOfMs: number,
  earlier: FilmFactors | undefined,
): Promise<Model | null> {
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
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, hyper);
  startFilms(workspace, filmIds, config.ials, earlier);
  await trainIals(workspace, soloTeam(workspace, createKernel(workspace.memory, k)), {
    epochs: earlier === undefined ? epochsCold : epochsWarm,
    solver,
  });
  return {
    factors: publishedFactors(workspace, workspace.films),
    filmIds,
    standing: standingOf(observed, rowOf, filmIds.length, asOfMs, config),
    hyper,
  };
}

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
