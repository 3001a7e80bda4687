import { listOf } from '../metrics/film-lists.js';
import { type Judgement, topOf } from '../metrics/judgement.js';
import { genreShares, jensenShannon } from '../metrics/lists.js';
import type { ListFacts } from '../metrics/list-judgement.js';

/**
 * Why a film that a viewer wanted was not in the list of 50 (science C.10). The first that holds names the miss; what the
 * viewer could not be shown at all comes first.
 */
export const MISS_TYPES = [
  'not in the market',
  'above the age',
  'came after the cut',
  'seen earlier',
  'too few raters',
  'stale taste',
  'wrong genre',
  'popularity-crowded',
  'ranked 51 or lower',
] as const;
export type MissType = (typeof MISS_TYPES)[number];
export type MissCounts = Record<MissType, number>;

/** Jensen–Shannon divergence of the last weeks' genres from the whole history, in bits: from here on taste has moved. */
const STALE_TASTE = 0.2;

export interface MissFacts extends ListFacts {
  /** Relevant pairs that were no candidates. */
  dropped: Pick<MissCounts, 'not in the market' | 'above the age' | 'came after the cut' | 'seen earlier'>;
  /** Each viewer's train positives of the last 30 days. */
  recent: ListFacts['history'];
}

/** After so many viewers others get a turn. */
const VIEWERS_PER_TURN = 512;

/** The type of each missed pair by place in `relevant.film`; null where the film is in the top `depth`. */
export async function missesOf(
  judgement: Judgement,
  scorer: number,
  facts: MissFacts,
  depth: number,
  pause: () => Promise<void>,
): Promise<(MissType | null)[]> {
  const { relevant, ranks } = judgement;
  const types: (MissType | null)[] = [];
  for (let viewer = 0; viewer + 1 < relevant.start.length; viewer++) {
    if (viewer % VIEWERS_PER_TURN === 0) await pause();
    const judge = missJudge(judgement, scorer, facts, viewer, depth);
    for (let pair = relevant.start[viewer]!; pair < relevant.start[viewer + 1]!; pair++) {
      types.push(ranks[scorer]![pair]! <= depth ? null : judge(relevant.film[pair]!));
    }
  }
  return types;
}

function missJudge(
  judgement: Judgement,
  scorer: number,
  facts: MissFacts,
  viewer: number,
  depth: number,
): (film: number) => MissType {
  const genresOf = (film: number) => listOf(facts.genresOf, film);
  const list = topOf(judgement, scorer, viewer).subarray(0, depth);
  const listed = new Set(Array.from(list.subarray(0, 10)).flatMap((film) => Array.from(genresOf(film))));
  const counts = Array.from(list, (film) => facts.counts[film]!).sort((a, b) => a - b);
  const median = counts[counts.length >> 1] ?? 0;
  const shares = (films: ArrayLike<number>) => genreShares(films, genresOf, facts.genres);
  const recent = listOf(facts.recent, viewer);
  const isStale =
    recent.length > 0 && jensenShannon(shares(recent), shares(listOf(facts.history, viewer))) > STALE_TASTE;
  return (film) => {
    const genres = genresOf(film);
    if (facts.factors.rowOfFilm[film]! < 0) return 'too few raters';
    if (isStale) return 'stale taste';
    if (genres.length > 0 && !genres.some((genre) => listed.has(genre))) return 'wrong genre';
    return facts.counts[film]! < median / 2 ? 'popularity-crowded' : 'ranked 51 or lower';
  };
}

/** Misses of each type, those that were no candidates among them. */
export function countMisses(
  types: readonly (MissType | null)[],
  { dropped }: Pick<MissFacts, 'dropped'>,
): MissCounts {
  const counts = Object.fromEntries(MISS_TYPES.map((type) => [type, 0])) as MissCounts;
  for (const type of types) if (type !== null) counts[type]++;
  for (const [type, count] of Object.entries(dropped)) counts[type as keyof typeof dropped] += count;
  return counts;
}

/** The most frequent error types with their share of all misses. */
export function topErrors(
  counts: MissCounts,
  wanted = 3,
): { type: MissType; share: number; count: number }[] {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return MISS_TYPES.map((type) => ({ type, count: counts[type], share: all === 0 ? 0 : counts[type] / all }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || MISS_TYPES.indexOf(a.type) - MISS_TYPES.indexOf(b.type))
    .slice(0, wanted);
}

/** wanted × given: of missed pairs with genres, each spread over the film's genres and over those of the viewer's top 10. */
export function genreConfusion(
  judgement: Judgement,
  scorer: number,
  facts: Pick<ListFacts, 'genresOf' | 'genres'>,
  types: readonly (MissType | null)[],
): Float64Array {
  const { relevant } = judgement;
  const confusion = new Float64Array(facts.genres * facts.genres);
  const genresOf = (film: number) => listOf(facts.genresOf, film);
  for (let viewer = 0; viewer + 1 < relevant.start.length; viewer++) {
    const given = genreShares(topOf(judgement, scorer, viewer).subarray(0, 10), genresOf, facts.genres);
    for (let pair = relevant.start[viewer]!; pair < relevant.start[viewer + 1]!; pair++) {
      if (types[pair] === null) continue;
      const wanted = genresOf(relevant.film[pair]!);
      for (const genre of wanted) {
        for (let g = 0; g < facts.genres; g++) {
          confusion[genre * facts.genres + g]! += given[g]! / wanted.length;
        }
      }
    }
  }
  return confusion;
}
