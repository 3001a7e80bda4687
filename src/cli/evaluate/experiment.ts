import type { FilmFacts } from '../../core/als/film-features.js';
import { type FilmLists, packLists } from '../../core/metrics/film-lists.js';
import { UsageError } from '../errors.js';
import { Ids, Pairs, groupBy } from './pairs.js';
import { layoutOf, readNegatives, readPairs } from './read-pairs.js';

/** A train part and a test part, numbered: films in ascending id order, viewers in order of first appearance. */
export interface Experiment {
  train: Pairs;
  viewerCount: number;
  /** Ids of all train films, ascending. */
  films: string[];
  /** Measured viewers: in train, with at least one relevant test film. */
  viewers: Int32Array;
  /** Per measured viewer: test films of the train catalogue that the viewer has neither a train pair nor a seen one with. */
  relevant: FilmLists;
  /** 1+99 protocol: per measured viewer the films to rank. */
  candidates: FilmLists | null;
  /** Pairs that no list may hold, besides the train pairs. */
  seen: Pairs;
  /** "full", or e.g. "1+99". */
  protocol: string;
  /** By film id, for the content prior; null = none were given. */
  facts: ReadonlyMap<string, FilmFacts> | null;
}

export interface ExperimentFiles {
  train: string[];
  test: string[];
  negatives: string | undefined;
  /** Pairs that are neither trained on nor listed: a validation part. */
  seen?: string[];
  /** Test ratings below it are not relevant. */
  relevantFrom: number | undefined;
  /** What is known of films besides. */
  facts?: ReadonlyMap<string, FilmFacts> | null;
}

export async function loadExperiment(
  { train, test, negatives, seen = [], relevantFrom, facts = null }: ExperimentFiles,
  say: (text: string) => void,
): Promise<Experiment> {
  const ids = { viewers: new Ids(), films: new Ids() };
  const trainPairs = await readAll(train, ids, say);
  if (trainPairs.count === 0) throw new UsageError(`${train.join(', ')}: no pairs to train on`);
  const viewerCount = ids.viewers.names.length;
  const { films, rowOf } = ascending(ids.films.names);
  const trained = renumber(trainPairs, rowOf).newestOnly(viewerCount, films.length);

  // Ids that only the test part knows get numbers past the train ones: dropped by them.
  const testPairs = await readAll(test, ids, say);
  const tested = renumber(testPairs, rowOf, viewerCount).newestOnly(viewerCount, films.length);
  const hidden = renumber(await readAll(seen, ids, say), rowOf, viewerCount);
  const known = joined(trained, hidden).newestOnly(viewerCount, films.length);
  const relevant = relevantFilms(known, tested, films.length, viewerCount, relevantFrom ?? -Infinity);

  const ranked =
    negatives === undefined ? null : await candidateFilms(negatives, ids, rowOf, viewerCount, relevant, say);
  const viewers = Int32Array.from(
    [...relevant.keys()].filter((viewer) => ranked === null || ranked.lists.has(viewer)),
  );
  if (viewers.length === 0) {
    throw new UsageError(
      `${test.join(', ')}: no viewer of the train files has a relevant film that the train files know`,
    );
  }
  return {
    train: trained,
    viewerCount,
    films,
    viewers,
    relevant: listsOf(viewers, relevant),
    candidates: ranked === null ? null : listsOf(viewers, ranked.lists),
    seen: hidden,
    protocol: ranked === null ? 'full' : `1+${ranked.negatives}`,
    facts,
  };
}

async function readAll(
  files: string[],
  ids: { viewers: Ids; films: Ids },
  say: (text: string) => void,
): Promise<Pairs> {
  const pairs = new Pairs();
  for (const file of files) {
    const layout = await layoutOf(file);
    say(`reading ${file} (${layout.kind === 'table' ? 'table' : 'lines of viewer film film …'})`);
    await readPairs(file, layout, ids, pairs);
  }
  return pairs;
}

/** Film ids in ascending order, the product's tie order, and the place of each number. */
function ascending(names: string[]): { films: string[]; rowOf: Int32Array } {
  const order = Int32Array.from(names.keys()).sort((a, b) => (names[a]! < names[b]! ? -1 : 1));
  const rowOf = new Int32Array(names.length);
  order.forEach((number, row) => {
    rowOf[number] = row;
  });
  return { films: Array.from(order, (number) => names[number]!), rowOf };
}

/** Pairs of known viewers and films, films by row. */
function renumber(pairs: Pairs, rowOf: Int32Array, viewerCount = Infinity): Pairs {
  const out = new Pairs();
  out.hasRatings = pairs.hasRatings;
  for (let n = 0; n < pairs.count; n++) {
    const film = rowOf[pairs.film[n]!];
    if (film === undefined || pairs.viewer[n]! >= viewerCount) continue;
    out.push(pairs.viewer[n]!, film, pairs.rating[n]!, pairs.at[n]!);
  }
  return out;
}

function joined(...parts: Pairs[]): Pairs {
  const out = new Pairs();
  for (const part of parts) {
    for (let n = 0; n < part.count; n++)
      out.push(part.viewer[n]!, part.film[n]!, part.rating[n]!, part.at[n]!);
  }
  return out;
}

/** Test films per viewer, rated `from` or more, that the viewer has no known pair with; viewers without any have no entry. */
function relevantFilms(
  known: Pairs,
  test: Pairs,
  filmCount: number,
  viewerCount: number,
  from: number,
): Map<number, Int32Array> {
  const before = groupBy(known.viewer, known.count, viewerCount);
  const tested = groupBy(test.viewer, test.count, viewerCount);
  const seenBy = new Int32Array(filmCount).fill(-1);
  const out = new Map<number, Int32Array>();
  for (let viewer = 0; viewer < viewerCount; viewer++) {
    for (let n = before.start[viewer]!; n < before.start[viewer + 1]!; n++) {
      seenBy[known.film[before.order[n]!]!] = viewer;
    }
    const films = tested.order
      .subarray(tested.start[viewer]!, tested.start[viewer + 1]!)
      .filter((pair) => test.rating[pair]! >= from)
      .map((pair) => test.film[pair]!)
      .filter((film) => seenBy[film] !== viewer)
      .sort();
    if (films.length > 0) out.set(viewer, films);
  }
  return out;
}

/** The relevant films and the sampled negatives of each viewer; films that train does not know are dropped. */
async function candidateFilms(
  file: string,
  ids: { viewers: Ids; films: Ids },
  rowOf: Int32Array,
  viewerCount: number,
  relevant: Map<number, Int32Array>,
  say: (text: string) => void,
): Promise<{ lists: Map<number, Int32Array>; negatives: number }> {
  say(`reading ${file}`);
  const sets = new Map<number, Set<number>>();
  let negativesPerLine = 0;
  await readNegatives(file, (viewerId, _film, negatives) => {
    const viewer = ids.viewers.find(viewerId);
    if (viewer === undefined || viewer >= viewerCount) return;
    const set = sets.get(viewer) ?? new Set(relevant.get(viewer));
    for (const negative of negatives) {
      const row = rowOf[ids.films.find(negative) ?? -1];
      if (row !== undefined) set.add(row);
    }
    sets.set(viewer, set);
    negativesPerLine = Math.max(negativesPerLine, negatives.length);
  });
  const lists = new Map([...sets].map(([viewer, set]) => [viewer, Int32Array.from(set).sort()] as const));
  return { lists, negatives: negativesPerLine };
}

/** The viewers' lists, packed in shared memory. */
function listsOf(viewers: Int32Array, lists: Map<number, Int32Array>): FilmLists {
  return packLists(Array.from(viewers, (viewer) => lists.get(viewer) ?? new Int32Array()));
}
