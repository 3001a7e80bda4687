import { type CreateServedOrder, createPlainOrder } from '../ranking/served-order.js';
import { createTasteScores, type Score } from './taste-scores.js';
import { listOf } from './film-lists.js';
import { ndcg } from './definitions.js';
import { type Judgement, type Scorer, writeMetrics } from './judgement.js';

/** Depth of the lists that dislikes and the train resample are looked for in. */
const LIST_K = 10;

/** Viewers of one unit of work. */
export const VIEWERS_PER_UNIT = 32;

export function judgementUnits({ relevant }: Judgement): number {
  return Math.ceil((relevant.start.length - 1) / VIEWERS_PER_UNIT);
}

/** Ranks the candidates of a unit's viewers by every scorer. Results do not depend on who runs which unit. */
export function createViewerRanker(
  judgement: Judgement,
  createOrder: CreateServedOrder = createPlainOrder,
): (unit: number) => void {
  const scores = new Float64Array(judgement.films);
  const open = new Uint8Array(judgement.films);
  const largest = judgement.ks.at(-1) ?? 0;
  const viewers = judgement.relevant.start.length - 1;
  const byTaste = createTasteScores(judgement.scorers, viewers, createOrder);
  const scoreBy = judgement.scorers.map((scorer) => createScore(scorer, byTaste));

  return (unit) => {
    const end = Math.min((unit + 1) * VIEWERS_PER_UNIT, viewers);
    for (let viewer = unit * VIEWERS_PER_UNIT; viewer < end; viewer++) {
      const candidates = openCandidates(judgement, viewer, open);
      judgement.scorers.forEach((_scorer, s) => {
        scoreBy[s]!(viewer, scores, open);
        const relevant = listOf(judgement.relevant, viewer);
        const placed = placesOf(relevant, scores, open);
        writeMetrics(
          judgement,
          judgement.values[s]!,
          viewer,
          placed.map(({ rank }) => rank),
          candidates,
        );
        keepRanks(judgement, s, viewer, relevant, placed);
        const top = topFilms(scores, open, largest);
        judgement.tops[s]!.set(top, viewer * largest);
        markCovered(judgement, judgement.covered[s]!, top);
        lookAtTrain(judgement, s, viewer, scores, open, top);
      });
    }
  };
}

/** open[i] = 1 where film i is a candidate; returns how many are. */
function openCandidates(judgement: Judgement, viewer: number, open: Uint8Array): number {
  if (judgement.candidates !== null) {
    open.fill(0);
    const list = listOf(judgement.candidates, viewer);
    for (const film of list) open[film] = 1;
    return list.length;
  }
  const from = judgement.classOf[viewer]! * judgement.films;
  for (let i = 0; i < open.length; i++) open[i] = 1 - judgement.hidden[from + i]!;
  for (const film of listOf(judgement.seen, viewer)) open[film] = 0;
  let count = 0;
  for (const bit of open) count += bit;
  return count;
}

function createScore(scorer: Scorer, byTaste: ReturnType<typeof createTasteScores>): Score {
  switch (scorer.kind) {
    case 'shared':
      return (_viewer, out) => out.set(scorer.scores);
    case 'grouped':
      return (viewer, out) => {
        const from = scorer.groupOf[viewer]! * out.length;
        out.set(scorer.scores.subarray(from, from + out.length));
      };
    case 'factors':
    case 'items':
    case 'blend':
      return byTaste(scorer);
  }
}

interface Place {
  film: number;
  /** Among candidates, 1-based. */
  rank: number;
}

/** Wanted films up to which counting for each beats one binary search a candidate, whose branches nobody can foresee. */
const FEW = 12;

/** Ranks of candidates among all candidates, ascending. Never a full sort. */
function placesOf(wanted: Int32Array, scores: Float64Array, open: Uint8Array): Place[] {
  const ordered = Array.from(wanted).sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (ordered.length <= FEW)
    return ordered.map((film) => ({ film, rank: 1 + countAhead(film, scores, open) }));
  const ahead = new Int32Array(ordered.length + 1); // ahead[n]: candidates between wanted n−1 and n
  for (let film = 0; film < scores.length; film++) {
    if (open[film] === 1) ahead[placeOf(film, ordered, scores)]!++;
  }
  let above = 0;
  return ordered.map((film, n) => {
    above += ahead[n]!; // a wanted film counts itself here, which makes the rank 1-based
    return { film, rank: above };
  });
}

/** Candidates that come before this one. */
function countAhead(film: number, scores: Float64Array, open: Uint8Array): number {
  const score = scores[film]!;
  let ahead = 0;
  for (let other = 0; other < film; other++) ahead += open[other]! & Number(scores[other]! >= score);
  for (let other = film + 1; other < scores.length; other++)
    ahead += open[other]! & Number(scores[other]! > score);
  return ahead;
}

function keepRanks(
  { relevant, ranks }: Judgement,
  scorer: number,
  viewer: number,
  list: Int32Array,
  placed: Place[],
): void {
  const from = relevant.start[viewer]!;
  for (const { film, rank } of placed) ranks[scorer]![from + list.indexOf(film)] = rank;
}

/** What the filters hide: dislikes that the model would list, and how well it ranks what it learnt from. */
function lookAtTrain(
  { disliked, resample, dislikedRaw, resampled }: Judgement,
  scorer: number,
  viewer: number,
  scores: Float64Array,
  open: Uint8Array,
  top: number[],
): void {
  if (disliked !== undefined) {
    dislikedRaw[scorer]![viewer] = countInTop(listOf(disliked, viewer), top.slice(0, LIST_K), scores);
  }
  const drawn = resample === undefined ? [] : listOf(resample, viewer);
  if (drawn.length === 0) return;
  for (const film of drawn) open[film] = 1;
  const ranks = placesOf(Int32Array.from(drawn), scores, open).map(({ rank }) => rank);
  resampled[scorer]![viewer] = ndcg(ranks, LIST_K);
  for (const film of drawn) open[film] = 0;
}

/** How many of `added` are among the first LIST_K when they compete with the list `top` (best first). */
function countInTop(added: Int32Array, top: number[], scores: Float64Array): number {
  const best = Array.from(added).sort((a, b) => (isBefore(a, b, scores) ? -1 : 1));
  const isIn = (film: number, ahead: number) =>
    Number.isFinite(scores[film]) && ahead + placeOf(film, top, scores) < LIST_K;
  return best.filter(isIn).length;
}

/** How many of `ordered` come strictly before `film`. */
function placeOf(film: number, ordered: number[], scores: Float64Array): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(ordered[middle]!, film, scores)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Higher score first; then the lower film number. */
function isBefore(a: number, b: number, scores: Float64Array): boolean {
  return scores[a]! > scores[b]! || (scores[a] === scores[b] && a < b);
}

/** The best `size` candidates in order, by insertion: after a few films most are turned away by one comparison. */
function topFilms(scores: Float64Array, open: Uint8Array, size: number): number[] {
  const top: number[] = [];
  for (let film = 0; film < scores.length; film++) {
    if (open[film] === 0) continue;
    if (top.length === size && !isBefore(film, top[size - 1]!, scores)) continue;
    let at = top.length < size ? top.push(film) - 1 : size - 1;
    while (at > 0 && isBefore(film, top[at - 1]!, scores)) {
      top[at] = top[at - 1]!;
      at--;
    }
    top[at] = film;
  }
  return top;
}

/** Threads may write the same 1: no order matters. */
function markCovered({ ks, films }: Judgement, covered: Uint8Array, top: number[]): void {
  ks.forEach((k, at) => {
    for (const film of top.slice(0, k)) covered[at * films + film] = 1;
  });
}
