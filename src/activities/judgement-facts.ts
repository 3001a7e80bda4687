import { randomOf, below } from '../core/random/random.js';
import { sharedInt32 } from '../core/als/cells.js';
import { type FilmLists, groupSorted, listOf, packLists } from '../core/metrics/film-lists.js';
import type { ListFacts } from '../core/metrics/list-judgement.js';
import { type ViewerFacts, popularityThirds } from '../core/metrics/slices.js';
import type { Session } from './deps.js';
import { mapInTurns } from './pause.js';
import { countOf, streamColumns } from './training-cells.js';

interface FilmFactsRow {
  film_row: number;
  positives: number;
  genres: string[] | null;
  languages: string[] | null;
  is_fresh: boolean;
}

/** Names by number, ascending, and the numbers of each film, ascending. */
interface Names {
  names: string[];
  of: FilmLists;
}

export function numberNames(lists: readonly (readonly string[] | null)[]): Names {
  const names = [...new Set(lists.flatMap((list) => list ?? []))].sort();
  const numbers = new Map(names.map((name, n) => [name, n]));
  return {
    names,
    of: packLists(
      lists.map((list) => [...new Set(list ?? [])].map((name) => numbers.get(name)!).sort((a, b) => a - b)),
    ),
  };
}

/** All of a list's facts but the factors, which a fit brings. */
export function listFactsOf(
  films: readonly FilmFactsRow[],
  genres: Names,
  history: FilmLists,
  disliked: FilmLists,
): Omit<ListFacts, 'factors'> {
  const counts = sharedInt32(films.length);
  counts.set(films.map(({ positives }) => positives));
  return {
    genresOf: genres.of,
    genres: genres.names.length,
    counts,
    countTotal: counts.reduce((sum, count) => sum + count, 0),
    isFresh: Uint8Array.from(films, ({ is_fresh }) => Number(is_fresh)),
    thirds: popularityThirds(counts, (film) => films[film]!.film_row >= 0),
    history,
    disliked,
  };
}

/** The name that most of a viewer's films carry; of equals the first by name; null when none does. */
export function dominantName({ names, of }: Names, history: Int32Array): string | null {
  const counts = new Int32Array(names.length);
  for (const film of history) for (const name of listOf(of, film)) counts[name]!++;
  let best = -1;
  counts.forEach((count, name) => {
    if (count > 0 && (best < 0 || count > counts[best]!)) best = name;
  });
  return names[best] ?? null;
}

/** A row of evaluate/judged_viewers. */
export interface JudgedViewer {
  pid: string;
  viewer_row: number;
  market: string;
  max_age: number;
  tenure_days: number;
  positives: number;
  device: string | null;
}

export function viewerFactsOf(
  viewers: readonly JudgedViewer[],
  history: FilmLists,
  genres: Names,
  languages: Names,
): Promise<ViewerFacts[]> {
  return mapInTurns(viewers, ({ market, max_age, tenure_days, positives, device }, n) => ({
    tenureDays: tenure_days,
    positives,
    maxAge: max_age,
    market,
    language: dominantName(languages, listOf(history, n)),
    genre: dominantName(genres, listOf(history, n)),
    device,
  }));
}

/**
 * As many of each viewer's train positives as it has relevant films, drawn by the seed: a measure of how well the train part
 * itself is ranked. Only films that `mayDraw` allows: seen ones, so that they are no candidates, and visible to the viewer.
 */
export async function drawResample(
  history: FilmLists,
  relevant: FilmLists,
  mayDraw: (viewer: number, film: number) => boolean,
  seed: number,
): Promise<FilmLists> {
  const viewers = Array.from({ length: relevant.start.length - 1 }, (_, viewer) => viewer);
  return packLists(
    await mapInTurns(viewers, (viewer) => {
      const pool = Array.from(listOf(history, viewer)).filter((film) => mayDraw(viewer, film));
      const random = randomOf('resample', seed, viewer);
      const wanted = Math.min(listOf(relevant, viewer).length, pool.length);
      for (let n = 0; n < wanted; n++) {
        const other = n + below(random, pool.length - n);
        [pool[n], pool[other]] = [pool[other]!, pool[n]!];
      }
      return pool.slice(0, wanted).sort((a, b) => a - b);
    }),
  );
}

/** Pairs of a model as one list per viewer. */
export async function readLists(session: Session, model: string, viewers: number): Promise<FilmLists> {
  const { viewer, film } = await readPairs(session, model, []);
  return groupSorted(viewers, viewer, film);
}

/** Of sorted pairs those that `marks` has a 1 for, as one list per viewer. */
export function groupMarked(
  viewers: number,
  { viewer, film }: { viewer: Int32Array; film: Int32Array },
  marks: Int32Array,
): FilmLists {
  const isMarked = (_: number, pair: number) => marks[pair] === 1;
  const marked = film.filter(isMarked);
  const films = sharedInt32(marked.length);
  films.set(marked);
  return groupSorted(viewers, viewer.filter(isMarked), films);
}

/** Columns of a model over (viewer, film), sorted by them; `flags` are further INTEGER columns. */
export async function readPairs(
  session: Session,
  model: string,
  flags: string[],
): Promise<{ viewer: Int32Array; film: Int32Array; flags: Int32Array[] }> {
  await session.model(model);
  const relation = model.slice(model.lastIndexOf('/') + 1);
  const count = await countOf(session, relation);
  const viewer = new Int32Array(count);
  const film = sharedInt32(count);
  const found = flags.map(() => new Int32Array(count));
  const columns = ['viewer', 'film', ...flags].join(', ');
  await streamColumns(session, `SELECT ${columns} FROM ${relation} ORDER BY viewer, film`, [
    viewer,
    film,
    ...found,
  ]);
  return { viewer, film, flags: found };
}
