import type { Analysis } from '../../contracts/index.js';
import { overlapAt } from '../metrics/agreement.js';
import { exposureOf } from '../metrics/exposure.js';
import { listOf } from '../metrics/film-lists.js';
import { standardDeviation } from '../metrics/inference.js';
import { type Judgement, meanOf, topOf, valuesOf } from '../metrics/judgement.js';
import type { SliceOutcome } from '../metrics/slice-tests.js';
import { POPULARITY_THIRDS, slicesOf, type ViewerFacts } from '../metrics/slices.js';
import { type MissFacts, type MissType, countMisses, genreConfusion, missesOf, topErrors } from './misses.js';

const DEPTH = 50;
const LIST_K = 10;
const WORST_SLICES = 10;
const WORST_VIEWERS = 50;
const CHANGES = 20;
const FILMS = 10;
/** History films that are shown of a viewer. */
const HISTORY = 20;
/** A film must have been wanted, or shown, about so often before its ratio says anything. */
const EXPOSURE_PRIOR = 5;

export interface AnalysisInput {
  judgement: Judgement;
  candidate: number;
  /** null = nothing to compare with. */
  champion: number | null;
  facts: MissFacts;
  viewers: readonly ViewerFacts[];
  slices: readonly SliceOutcome[];
  /** Viewers that a slice must have to be shown. */
  showFloor: number;
  titles: readonly string[];
  genreNames: readonly string[];
  /** What a viewer is called in this report. */
  nameOf: (viewer: number) => string;
}

/** Where the candidate fails, and for whom (science C.10). `pause` is awaited between parts: all of it takes seconds. */
export async function analyse(input: AnalysisInput, pause: () => Promise<void>): Promise<Analysis> {
  const { judgement, candidate, facts } = input;
  const types = await missesOf(judgement, candidate, facts, DEPTH, pause);
  const counts = countMisses(types, facts);
  const apart = async <T>(part: () => T): Promise<T> => {
    await pause();
    return part();
  };
  const slices = await apart(() => allSlices(input));
  return {
    viewers: judgement.relevant.start.length - 1,
    topErrors: topErrors(counts),
    misses: counts,
    slices,
    worstSlices: await apart(() => worstSlices(slices)),
    thirds: await apart(() => thirdsOf(input)),
    worstViewers: await apart(() => worstViewers(input, types)),
    confusion: await apart(() => confusionOf(input, types)),
    exposure: await apart(() => exposureErrors(input)),
    biggestChanges: await apart(() => biggestChanges(input)),
  };
}

function ndcgOf({ judgement }: AnalysisInput, scorer: number): Float64Array {
  return valuesOf(judgement, scorer, judgement.ks.indexOf(LIST_K), 'ndcg');
}

type Slices = NonNullable<Analysis['slices']>;

function allSlices(input: AnalysisInput): Slices {
  const ndcg = ndcgOf(input, input.candidate);
  const compared = new Map(input.slices.map((slice) => [`${slice.dimension} ${slice.value}`, slice]));
  return slicesOf(input.viewers)
    .filter(({ viewers }) => viewers.length >= input.showFloor)
    .map(({ dimension, value, viewers }) => {
      const own = Float64Array.from(viewers, (viewer) => ndcg[viewer]!);
      const error = standardDeviation(own) / Math.sqrt(own.length);
      const found = compared.get(`${dimension} ${value}`);
      const difference =
        found === undefined ? null : { mean: found.mean, lower: found.lower, upper: found.upper, p: found.p };
      return { dimension, value, viewers: viewers.length, ndcg: meanOf(own), error, difference };
    });
}

function worstSlices(slices: Slices): Analysis['worstSlices'] {
  return slices
    .map(({ dimension, value, viewers, ndcg, difference }) => ({
      slice: `${dimension} ${value}`,
      viewers,
      ndcg,
      difference:
        difference == null
          ? null
          : { mean: difference.mean, lower: difference.lower, upper: difference.upper },
    }))
    .sort((a, b) => (a.difference?.mean ?? a.ndcg) - (b.difference?.mean ?? b.ndcg))
    .slice(0, WORST_SLICES);
}

function thirdsOf({ judgement, candidate, champion, facts, showFloor }: AnalysisInput): Analysis['thirds'] {
  const { relevant, ranks } = judgement;
  return POPULARITY_THIRDS.map((third, number) => {
    let [pairs, viewers, ours, theirs] = [0, 0, 0, 0];
    for (let viewer = 0; viewer + 1 < relevant.start.length; viewer++) {
      const before = pairs;
      for (let pair = relevant.start[viewer]!; pair < relevant.start[viewer + 1]!; pair++) {
        if (facts.thirds[relevant.film[pair]!] !== number) continue;
        pairs++;
        ours += Number(ranks[candidate]![pair]! <= DEPTH);
        if (champion !== null) theirs += Number(ranks[champion]![pair]! <= DEPTH);
      }
      viewers += Number(pairs > before);
    }
    const isShown = pairs > 0 && viewers >= showFloor;
    return {
      third,
      pairs,
      viewers,
      recall: isShown ? ours / pairs : null,
      champion: isShown && champion !== null ? theirs / pairs : null,
    };
  });
}

function worstViewers(input: AnalysisInput, types: readonly (MissType | null)[]): Analysis['worstViewers'] {
  const { judgement, candidate, champion, facts, titles, nameOf } = input;
  const { relevant } = judgement;
  const ndcg = ndcgOf(input, candidate);
  const theirs = champion === null ? null : ndcgOf(input, champion);
  const difference = (viewer: number) => (theirs === null ? null : ndcg[viewer]! - theirs[viewer]!);
  const misses = (viewer: number) => {
    const missed: { film: string; type: string }[] = [];
    for (let pair = relevant.start[viewer]!; pair < relevant.start[viewer + 1]!; pair++) {
      const type = types[pair];
      if (type != null) missed.push({ film: titles[relevant.film[pair]!]!, type });
    }
    return missed;
  };
  return Array.from(ndcg, (_, viewer) => viewer)
    .sort((a, b) => (difference(a) ?? ndcg[a]!) - (difference(b) ?? ndcg[b]!) || a - b)
    .slice(0, WORST_VIEWERS)
    .map((viewer) => ({
      name: nameOf(viewer),
      ndcg: ndcg[viewer]!,
      difference: difference(viewer),
      history: Array.from(listOf(facts.history, viewer).subarray(0, HISTORY), (film) => titles[film]!),
      list: titlesOf(input, candidate, viewer),
      missed: misses(viewer),
    }));
}

function titlesOf({ judgement, titles }: AnalysisInput, scorer: number, viewer: number): string[] {
  return Array.from(topOf(judgement, scorer, viewer).subarray(0, LIST_K), (film) => titles[film]!);
}

function confusionOf(
  { judgement, candidate, facts, genreNames }: AnalysisInput,
  types: readonly (MissType | null)[],
): Analysis['confusion'] {
  const flat = genreConfusion(judgement, candidate, facts, types);
  const n = genreNames.length;
  const rows = genreNames.map((_, g) => Array.from(flat.subarray(g * n, (g + 1) * n)));
  return { genres: [...genreNames], wantedByGiven: rows };
}

/** Shown ÷ wanted, each as a share of all, with a prior so that rare films do not lead. */
function exposureErrors({ judgement, candidate, titles }: AnalysisInput): Analysis['exposure'] {
  const viewers = judgement.relevant.start.length - 1;
  const lists = Array.from({ length: viewers }, (_, viewer) => topOf(judgement, candidate, viewer));
  const shown = exposureOf(lists, LIST_K, judgement.films);
  const wanted = new Float64Array(judgement.films);
  for (const film of judgement.relevant.film) wanted[film]!++;
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const scale = sum(wanted) / Math.max(sum(shown), 1);
  const ratios = titles.map((film, n) => ({
    film,
    ratio: (shown[n]! * scale + EXPOSURE_PRIOR) / (wanted[n]! + EXPOSURE_PRIOR),
  }));
  ratios.sort((a, b) => b.ratio - a.ratio);
  return { over: ratios.slice(0, FILMS), under: ratios.slice(-FILMS).reverse() };
}

function biggestChanges(input: AnalysisInput): Analysis['biggestChanges'] {
  const { judgement, candidate, champion, nameOf } = input;
  if (champion === null) return [];
  return Array.from({ length: judgement.relevant.start.length - 1 }, (_, viewer) => ({
    viewer,
    overlap: overlapAt(topOf(judgement, candidate, viewer), topOf(judgement, champion, viewer), LIST_K),
  }))
    .sort((a, b) => a.overlap - b.overlap || a.viewer - b.viewer)
    .slice(0, CHANGES)
    .map(({ viewer, overlap }) => ({
      name: nameOf(viewer),
      overlap,
      now: titlesOf(input, candidate, viewer),
      before: titlesOf(input, champion, viewer),
    }));
}
