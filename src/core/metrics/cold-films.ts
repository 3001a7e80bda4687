import { selectTop } from '../ranking/select-top.js';
import { recall } from './definitions.js';
import { type FilmLists, listOf } from './film-lists.js';

/** Films that a model knows by their facts alone (science I.2), and what viewers went on to want of them. */
export interface ColdFilms {
  /** Writes what facts make of each film for a viewer. */
  scores: (viewer: number, out: Float64Array) => void;
  /** What the popularity of its genres says of each film, for everybody. */
  genrePopularity: Float64Array;
  /** Of each viewer, numbers of films. */
  wanted: FilmLists;
}

/** Per viewer who wanted a film of the pool. */
export interface ColdRecall {
  facts: Float64Array;
  genrePopularity: Float64Array;
  /** Films of the pool that were wanted, over all viewers. */
  pairs: number;
}

/**
 * Recall@k of the wanted films of a pool among all films of the pool: by what facts say, and by the popularity of genres. Ties to the
 * lower number. A ranking by chance has k / |pool|. `afterViewer` may wait: a pool of ten thousand films takes a millisecond.
 */
export async function coldRecall(
  { scores: scoresOf, genrePopularity, wanted }: ColdFilms,
  isInPool: (film: number) => boolean,
  k: number,
  afterViewer: (viewer: number) => Promise<void>,
): Promise<ColdRecall> {
  const scores = new Float64Array(genrePopularity.length);
  const byGenre = placesOf(selectTop(genrePopularity, isInPool, k));
  const found: ColdRecall = { facts: new Float64Array(0), genrePopularity: new Float64Array(0), pairs: 0 };
  const [facts, genres]: number[][] = [[], []];
  for (let viewer = 0; viewer < wanted.start.length - 1; viewer++) {
    const list = Array.from(listOf(wanted, viewer)).filter(isInPool);
    if (list.length === 0) continue;
    scoresOf(viewer, scores);
    const byFacts = placesOf(selectTop(scores, isInPool, k));
    facts!.push(recall(ranksOf(list, byFacts), k));
    genres!.push(recall(ranksOf(list, byGenre), k));
    found.pairs += list.length;
    await afterViewer(viewer);
  }
  return { ...found, facts: Float64Array.from(facts!), genrePopularity: Float64Array.from(genres!) };
}

const placesOf = (top: readonly number[]) => new Map(top.map((film, at) => [film, at + 1]));
const ranksOf = (list: readonly number[], places: ReadonlyMap<number, number>) =>
  list.map((film) => places.get(film) ?? Infinity).sort((a, b) => a - b);
