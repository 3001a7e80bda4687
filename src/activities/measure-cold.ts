import type { ColdFilmsReport } from '../contracts/index.js';
import { coldRecall, type ColdFilms } from '../core/metrics/cold-films.js';
import { packLists } from '../core/metrics/film-lists.js';
import { meanOf } from '../core/metrics/judgement.js';
import type { ActivityDeps } from './deps.js';
import type { Fit } from './fit-scorer.js';
import type { JudgementData } from './judgement-data.js';
import { pause } from './pause.js';

/** The depth that is asked about; of a small pool a quarter, for half of everything says little. */
const K = 50;
const depthOf = (size: number) => (size < 2 * K ? Math.ceil(size / 4) : K);
/** Viewers between two turns of others on the event loop. */
const VIEWERS_AT_ONCE = 50;

/**
 * How well facts alone place the films that the train part cannot know: those below the floor of viewers at the cut, and of
 * these the ones that came in the last days or after it. Pools without anything wanted are not in it.
 */
export async function measureCold(
  { config, judge }: Pick<ActivityDeps, 'config' | 'judge'>,
  data: JudgementData,
  twin: Fit,
  signal: AbortSignal,
): Promise<ColdFilmsReport> {
  const { content } = data.training;
  if (content === null || twin.cold === null) return [];
  const { films } = content.cold;
  const atCut = new Set(data.filmIds);
  const input: ColdFilms = {
    scores: twin.cold,
    genrePopularity: genrePopularity(data, content.cold.genres),
    wanted: packLists(wantedBy(data)),
  };
  const pools: [string, (film: number) => boolean][] = [
    ['below the floor', () => true],
    ['new', (film) => films[film]!.isNew || !atCut.has(films[film]!.filmId)],
  ];
  const found: ColdFilmsReport = [];
  for (const [pool, isInPool] of pools) {
    const size = films.reduce((n, _, film) => n + Number(isInPool(film)), 0);
    const k = depthOf(size);
    const {
      facts,
      genrePopularity: byGenre,
      pairs,
    } = await coldRecall(input, isInPool, k, async (viewer) => {
      if (viewer % VIEWERS_AT_ONCE === 0) await pause();
    });
    if (pairs === 0) continue;
    const { bootstrap, seed } = config.evaluate;
    const options = { seed, resamples: bootstrap, threads: config.ials.threads, signal };
    const { mean, lower, upper } = await judge.interval(
      facts.map((value, n) => value - byGenre[n]!),
      options,
    );
    found.push({
      pool,
      films: size,
      viewers: facts.length,
      pairs,
      k,
      recall: { facts: meanOf(facts), genrePopularity: meanOf(byGenre), chance: k / size },
      lead: { mean, lower, upper },
    });
  }
  return found;
}

/** Σ over the film's n genres of the mean positives of the learnt films of that genre, over √n. */
function genrePopularity(data: JudgementData, genresOf: readonly (readonly string[])[]): Float64Array {
  const { rowOfFilm, blend, training } = data;
  const sums = new Map<string, { positives: number; films: number }>();
  rowOfFilm.forEach((row, film) => {
    if (row < 0) return;
    for (const genre of blend.genresOf[film]!) {
      const sum = sums.get(genre) ?? { positives: 0, films: 0 };
      sum.positives += training.standing[row]!.positives;
      sum.films += 1;
      sums.set(genre, sum);
    }
  });
  return Float64Array.from(genresOf, (genres) =>
    genres.reduce((sum, genre) => {
      const { positives, films } = sums.get(genre) ?? { positives: 0, films: 1 };
      return sum + positives / films / Math.sqrt(genres.length);
    }, 0),
  );
}

function wantedBy({ pids, coldPairs }: JudgementData): number[][] {
  const numbers = new Map(pids.map((pid, n) => [pid, n]));
  const lists: number[][] = pids.map(() => []);
  for (const { pid, cold } of coldPairs) lists[numbers.get(pid) ?? -1]?.push(cold);
  return lists;
}
