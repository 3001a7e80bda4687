import type { ListMetrics } from '../../contracts/index.js';
import { sharedFloat64 } from '../als/cells.js';
import { catalogueCoverage, exposureOf, gini, shownFilms } from './exposure.js';
import { type FilmLists, listOf } from './film-lists.js';
import { type Judgement, type TasteScorer, meanOf, topOf } from './judgement.js';
import {
  averagePopularity,
  cosineDistance,
  genreShares,
  intraListDiversity,
  jaccardDistance,
  miscalibration,
  novelty,
  shareOf,
} from './lists.js';

/** What the lists of a judgement are held against; films and viewers numbered as there. */
export interface ListFacts {
  /** Ascending genre numbers of each film. */
  genresOf: FilmLists;
  genres: number;
  /** Viewers with a positive interaction, per film, and their sum. */
  counts: Int32Array;
  countTotal: number;
  /** 1 = added in the days before the cut. */
  isFresh: Uint8Array;
  /** 0 head, 1 mid, 2 tail, −1 unknown to the model. */
  thirds: Int8Array;
  /** Each viewer's train positives. */
  history: FilmLists;
  disliked: FilmLists;
  /** The candidate's numbers of each film, for every scorer's lists alike. */
  factors: { stride: number; films: Float32Array; rowOfFilm: Int32Array };
}

const LIST_K = 10;
const DEEP_K = 50;
/** What is measured of each viewer's list. */
export const LIST_COLUMNS = [
  'novelty',
  'popularity',
  'ild',
  'ildFactors',
  'miscalibration',
  'freshness',
  'disliked',
  'tailShare',
] as const;
type Column = (typeof LIST_COLUMNS)[number];

export interface ListJudgement {
  judgement: Judgement;
  facts: ListFacts;
  /** Out, per scorer: viewers × LIST_COLUMNS; NaN = the list has no such value. */
  values: Float64Array[];
}

/** What a model has learnt of each film: its factors, or its weights for all the others. */
export function vectorsOf(taste: TasteScorer): ListFacts['factors'] {
  const { rowOfFilm } = taste;
  if (taste.kind === 'factors') return { stride: taste.stride, films: taste.films, rowOfFilm };
  return { stride: taste.items.pitch, films: taste.items.weights, rowOfFilm };
}

export function createListJudgement(judgement: Judgement, facts: ListFacts): ListJudgement {
  const viewers = judgement.relevant.start.length - 1;
  return {
    judgement,
    facts,
    values: judgement.scorers.map(() => sharedFloat64(viewers * LIST_COLUMNS.length)),
  };
}

/** Viewers of one unit of work. */
const VIEWERS_PER_UNIT = 128;

export function listUnits({ judgement }: ListJudgement): number {
  return Math.ceil((judgement.relevant.start.length - 1) / VIEWERS_PER_UNIT);
}

/** Measures the ranked lists of a unit's viewers, every scorer's. */
export function createListMeter({ judgement, facts, values }: ListJudgement): (unit: number) => void {
  const viewers = judgement.relevant.start.length - 1;
  const genresOf = (film: number) => listOf(facts.genresOf, film);
  return (unit) => {
    const end = Math.min((unit + 1) * VIEWERS_PER_UNIT, viewers);
    for (let viewer = unit * VIEWERS_PER_UNIT; viewer < end; viewer++) {
      const taste = genreShares(listOf(facts.history, viewer), genresOf, facts.genres);
      const disliked = new Set(listOf(facts.disliked, viewer));
      judgement.scorers.forEach((_, s) => {
        const deep = topOf(judgement, s, viewer).subarray(0, DEEP_K);
        const row = measureList(deep, taste, disliked, facts);
        LIST_COLUMNS.forEach((column, c) => {
          values[s]![viewer * LIST_COLUMNS.length + c] = row[column];
        });
      });
    }
  };
}

function measureList(
  deep: Int32Array,
  taste: Float64Array,
  disliked: ReadonlySet<number>,
  facts: ListFacts,
): Record<Column, number> {
  const { counts, countTotal, isFresh, thirds, genres, factors } = facts;
  const list = deep.subarray(0, LIST_K);
  const genresOf = (film: number) => listOf(facts.genresOf, film);
  const known = list.filter((film) => factors.rowOfFilm[film]! >= 0);
  const withGenres = list.filter((film) => genresOf(film).length > 0);
  const hasTaste = taste.some((share) => share > 0);
  return {
    novelty: novelty(list, counts, countTotal),
    popularity: averagePopularity(list, counts),
    ild: intraListDiversity(withGenres, (a, b) => jaccardDistance(genresOf(a), genresOf(b))),
    ildFactors: intraListDiversity(known, (a, b) =>
      cosineDistance(factors.films, factors.stride, factors.rowOfFilm[a]!, factors.rowOfFilm[b]!),
    ),
    miscalibration:
      hasTaste && withGenres.length > 0
        ? miscalibration(taste, genreShares(withGenres, genresOf, genres))
        : Number.NaN,
    freshness: shareOf(list, (film) => isFresh[film] === 1),
    disliked: shareOf(list, (film) => disliked.has(film)),
    tailShare: shareOf(deep, (film) => thirds[film] === 2),
  };
}

/** Means over the viewers that have a value, and what all lists together do to the catalogue. */
export function summariseLists(
  { judgement, facts, values }: ListJudgement,
  scorer: number,
  catalogue: number,
): ListMetrics {
  const viewers = judgement.relevant.start.length - 1;
  const lists = Array.from({ length: viewers }, (_, viewer) => topOf(judgement, scorer, viewer));
  const eligible = facts.factors.rowOfFilm.reduce((n, row) => n + Number(row >= 0), 0);
  const shown = shownFilms(lists, DEEP_K, judgement.films);
  const mean = (column: Column) => {
    const found = listValues({ values }, scorer, column);
    return found.length === 0 ? null : meanOf(found);
  };
  const raw = judgement.dislikedRaw[scorer]!.reduce((sum, count) => sum + count, 0);
  return {
    coverage50: catalogueCoverage(shown, catalogue),
    eligibleCoverage50: catalogueCoverage(shown, eligible, (film) => facts.factors.rowOfFilm[film]! >= 0),
    tailShare: mean('tailShare'),
    popularity: mean('popularity'),
    gini: gini(exposureOf(lists, LIST_K, judgement.films)),
    novelty: mean('novelty'),
    ild: mean('ild'),
    ildFactors: mean('ildFactors'),
    miscalibration: mean('miscalibration'),
    freshness: mean('freshness'),
    disliked: mean('disliked') ?? 0,
    dislikedRaw: viewers === 0 ? 0 : raw / (viewers * LIST_K),
  };
}

/** One column of the viewers that have a value. */
export function listValues(
  { values }: Pick<ListJudgement, 'values'>,
  scorer: number,
  column: Column,
): Float64Array {
  const all = values[scorer]!;
  const at = LIST_COLUMNS.indexOf(column);
  const found = Float64Array.from(
    { length: all.length / LIST_COLUMNS.length },
    (_, n) => all[n * LIST_COLUMNS.length + at]!,
  );
  return found.filter((value) => !Number.isNaN(value));
}
