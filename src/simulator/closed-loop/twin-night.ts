import type { CatalogueFilm, FormulaLists, ServedBy } from '../../contracts/index.js';
import { CONSENT } from '../../contracts/films.js';
import { isAllowed, profileMaxAge, yearOf } from '../../core/age-gate/index.js';
import type { FilmFactors } from '../../core/als/start.js';
import { DAY_MS } from '../../core/feedback/index.js';
import { EVIDENCE_KINDS } from '../../core/explain/reason.js';
import { createCatalogue } from '../../core/ranking/catalogue.js';
import { createListMaker } from '../../core/ranking/viewer-list.js';
import type { Interaction as ListInteraction } from '../../core/ranking/viewer.js';
import { formulaLists, meanVote, priorVotes, weightedRating } from '../../core/weighted-rating/index.js';
import type { Histories, Pair } from './histories.js';
import { popularAt } from './twin-popularity.js';
import { type TwinTraining, trainTwin } from './twin-training.js';

/** What one night made. Lists are made when they are asked for: most viewers do not come on a day. */
export interface TwinRelease {
  releaseId: string;
  /** A viewer's list; personal or, where the model knows too little, what is popular and the formula's. */
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

export interface TwinOptions extends TwinTraining {
  histories: Histories;
  /** false: the formula's lists alone, for an audience that is shown nothing else. */
  isTrained: boolean;
}

/**
 * A night in this process: the product's own feedback (core/feedback), weighted rating, trainer (core/als: warm start, films'
 * prior) and list maker (core/ranking: filters, new films, fallback, reasons); lists are shown as the API shows them. Left out:
 * Temporal, the warehouse's SQL (core/feedback is its oracle), the gate, buckets, threads, release files, the API.
 */
export function createTwin(options: TwinOptions) {
  const { films, profiles, histories, config } = options;
  let earlier: FilmFactors | undefined;
  const placeOf = new Map(profiles.map(({ profileId }, at) => [profileId, at]));
  const placeOfFilm = new Map(films.map(({ filmId }, at) => [filmId, at]));

  return {
    async night(asOfMs: number): Promise<TwinRelease> {
      const asOf = new Date(asOfMs).toISOString();
      const pairs = once(() => histories.interactions(asOfMs));
      const filmIds = films.map(({ filmId }) => filmId);
      const formula = {
        ...formulaAt(options, asOfMs, asOf),
        ...(options.isTrained ? { popular: popularAt(filmIds, profiles, pairs(), asOfMs, config) } : {}),
      };
      const model = options.isTrained ? await trainTwin(options, pairs(), asOfMs, earlier) : null;
      if (model !== null) earlier = { k: model.hyper.k, filmIds: [...model.filmIds], factors: model.factors };

      const catalogue = createCatalogue(formula, config.ages);
      const makeLists = createListMaker(catalogue, model, config);
      const indexOf = films.map(({ filmId }) => catalogue.indexOf(filmId) ?? -1);
      const pairsOf = once(() => groupByViewer(pairs(), profiles.length));
      const year = yearOf(asOfMs);
      const idOf = (index: number) => catalogue.films[index]?.filmId ?? '';
      const personal = (profileId: string): ServedList => {
        const at = placeOf.get(profileId) ?? -1;
        const profile = profiles[at];
        if (profile === undefined) return { servedBy: 'none', filmIds: [] };
        const [list] = makeLists([
          {
            market: profile.market,
            maxAge: profileMaxAge(profile, year, config.ages),
            isPersonal: (profile.consent & CONSENT.personalisation) !== 0,
            history: historyOf(pairsOf()[at] ?? [], indexOf),
          },
        ]);
        const { servedBy, items } = list!;
        const gone = histories.goneSince(at, asOfMs - DAY_MS);
        const left = items.map(({ film }) => idOf(film)).filter((id) => !gone.has(placeOfFilm.get(id) ?? -1));
        return { servedBy, filmIds: left };
      };
      const top = (profileId: string): ServedList => {
        const profile = profiles[placeOf.get(profileId) ?? -1];
        if (profile === undefined) return { servedBy: 'none', filmIds: [] };
        const { isHeld, minAge } = catalogue.shelf(profile.market);
        const maxAge = profileMaxAge(profile, year, config.ages);
        const shown = [...catalogue.top].filter(
          (index) => isHeld[index] === 1 && isAllowed(maxAge, minAge[index]!),
        );
        return { servedBy: 'formula', filmIds: shown.slice(0, config.lists.size).map(idOf) };
      };
      return {
        releaseId: `twin-${asOf.slice(0, 10)}`,
        personal,
        top,
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
