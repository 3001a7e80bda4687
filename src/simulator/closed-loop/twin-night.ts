import type { CatalogueFilm, FormulaLists, ServedBy } from '../../contracts/index.js';
import { CONSENT } from '../../contracts/films.js';
import { profileMaxAge } from '../../core/age-gate/index.js';
import type { FilmFactors } from '../../core/als/start.js';
import { EVIDENCE_KINDS } from '../../core/explain/reason.js';
import { createCatalogue } from '../../core/ranking/catalogue.js';
import { createListMaker } from '../../core/ranking/viewer-list.js';
import type { Interaction as ListInteraction } from '../../core/ranking/viewer.js';
import { formulaLists, meanVote, priorVotes, weightedRating } from '../../core/weighted-rating/index.js';
import type { Histories, Pair } from './histories.js';
import { type TwinTraining, trainTwin } from './twin-training.js';

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

export interface TwinOptions extends TwinTraining {
  histories: Histories;
  /** false: the formula's lists alone, for an audience that is shown nothing else. */
  isTrained: boolean;
}

/**
 * A night in this process: the product's own feedback (core/feedback), weighted rating, trainer (core/als: warm start, films'
 * prior) and list maker (core/ranking: filters, new films, fallback, reasons). Left out: Temporal, the warehouse's SQL (core/feedback is
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
      const model = options.isTrained ? await trainTwin(options, pairs(), asOfMs, earlier) : null;
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
