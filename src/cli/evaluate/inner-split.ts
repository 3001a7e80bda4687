import { below, randomOf } from '../../core/random/random.js';
import { packLists } from '../../core/metrics/film-lists.js';
import type { Experiment } from './experiment.js';
import { Pairs, groupBy } from './pairs.js';

/** Least and greatest share of a viewer's train pairs that is held back for a full ranking; a viewer of fewer than five keeps all. */
const HELD_BACK = [0.1, 0.25] as const;
const FEWEST = 5;
/** With sampled negatives a viewer has one test pair; so few lists tell settings apart badly that more of the newest pairs are used. */
const NEWEST = 3;
/** Viewers that pairs are held back from, drawn when there are more: enough to tell settings apart, and the rest trains whole. */
const MOST_VIEWERS = 5000;

/**
 * A split of the train part itself, so that the test part chooses nothing, measured as the test will be. Full ranking: of each
 * viewer's pairs as large a share is held back, seeded, as the test part is of all pairs (`heldShare`). With sampled negatives: the newest pairs (of pairs without times drawn
 * ones), each on its own beside as many films that the viewer has no pair with.
 */
export function innerSplit(experiment: Experiment, seed: number): Experiment {
  const { train, viewerCount, films, candidates } = experiment;
  const { start, order } = groupBy(train.viewer, train.count, viewerCount);
  const kept = new Pairs();
  kept.hasRatings = train.hasRatings;
  const share = candidates === null ? heldShare(experiment) : HELD_BACK[1];
  const isDrawn = drawViewers(viewerCount, seed);
  const viewers: number[] = [];
  const relevant: Int32Array[] = [];
  const sampled: Int32Array[] = [];
  const negatives = candidates === null ? 0 : Number(/\d+$/.exec(experiment.protocol)?.[0]);
  for (let viewer = 0; viewer < viewerCount; viewer++) {
    const own = order.slice(start[viewer], start[viewer + 1]);
    const random = randomOf('inner-split', seed, viewer);
    for (let n = own.length - 1; n > 0; n--) {
      const other = random.next() % (n + 1);
      [own[n], own[other]] = [own[other]!, own[n]!];
    }
    if (candidates !== null) own.sort((a, b) => train.at[b]! - train.at[a]!); // keeps drawn order among equal times
    const most = own.length < FEWEST ? 0 : Math.max(1, Math.floor(own.length * share));
    const held = isDrawn[viewer] === 0 ? 0 : candidates === null ? most : Math.min(most, NEWEST);
    const heldFilms = own.subarray(0, held).map((pair) => train.film[pair]!);
    const pairsOf = new Set(own.map((pair) => train.film[pair]!));
    for (const list of candidates === null
      ? [heldFilms.sort()]
      : Array.from(heldFilms, (film) => Int32Array.of(film))) {
      if (list.length === 0) continue;
      viewers.push(viewer);
      relevant.push(list);
      if (candidates !== null) sampled.push(withNegatives(list, pairsOf, negatives, films.length, random));
    }
    for (const pair of own.subarray(held).sort()) {
      kept.push(viewer, train.film[pair]!, train.rating[pair]!, train.at[pair]!);
    }
  }
  return {
    train: kept,
    viewerCount,
    films,
    viewers: Int32Array.from(viewers),
    relevant: packLists(relevant),
    candidates: candidates === null ? null : packLists(sampled),
    seen: experiment.seen,
    protocol: experiment.protocol,
    facts: experiment.facts,
  };
}

/**
 * Of the test part its size alone counts. What is held back is not trained on, and models differ in how much they need: with a
 * fifth held back where the test is a tenth, ALS looked better than EASE, which was better by 4 % on the test part
 * (docs/decisions/039).
 */
function heldShare({ train, relevant }: Experiment): number {
  const [least, greatest] = HELD_BACK;
  const tested = relevant.film.length;
  return Math.min(greatest, Math.max(least, tested / (tested + train.count)));
}

/** 1 for up to MOST_VIEWERS viewers, seeded. */
function drawViewers(count: number, seed: number): Uint8Array {
  const drawn = new Uint8Array(count);
  const random = randomOf('inner-viewers', seed);
  let [left, wanted] = [count, Math.min(MOST_VIEWERS, count)];
  for (let viewer = 0; viewer < count; viewer++, left--) {
    if (below(random, left) >= wanted) continue;
    drawn[viewer] = 1;
    wanted--;
  }
  return drawn;
}

/** The relevant films and `count` others that the viewer has no pair with, fewer where there are fewer; ascending. */
function withNegatives(
  relevant: Int32Array,
  pairsOf: ReadonlySet<number>,
  count: number,
  films: number,
  random: ReturnType<typeof randomOf>,
): Int32Array {
  const list = new Set(relevant);
  const wanted = relevant.length + Math.min(count, films - pairsOf.size);
  while (list.size < wanted) {
    const film = below(random, films);
    if (!pairsOf.has(film)) list.add(film);
  }
  return Int32Array.from(list).sort();
}
