import type { Config } from '../contracts/index.js';
import { sharedInt32 } from '../core/als/cells.js';
import { type FilmLists, groupSorted, listOf, packLists } from '../core/metrics/film-lists.js';
import { formulaScores } from '../core/metrics/formula-scores.js';
import type { JudgementInput } from '../core/metrics/judgement.js';
import type { ListFacts } from '../core/metrics/list-judgement.js';
import type { ViewerFacts } from '../core/metrics/slices.js';
import type { MissFacts } from '../core/analysis/misses.js';
import type { Session } from './deps.js';
import type { BlendFacts, Liked } from './judgement-blend.js';
import { type ClassRow, hiddenFilms, viewerClasses } from './judgement-classes.js';
import {
  type JudgedViewer,
  drawResample,
  listFactsOf,
  numberNames,
  readLists,
  groupMarked,
  readPairs,
  viewerFactsOf,
} from './judgement-facts.js';
import { type MarketPopularity, POPULARITY_DAYS, marketPopularity } from './market-popularity.js';
import { mapInTurns, pause } from './pause.js';
import type { SplitParts } from './split-parts.js';
import { type TrainingData, loadTrainingData, materialise } from './training-cells.js';

/** A film is fresh for so many days after it was added. */
const FRESH_DAYS = 90;
/** A viewer's recent taste, against all of it. */
const RECENT_DAYS = 30;

/** All that judging one split needs; the model is still to be fitted. */
export interface JudgementData {
  training: TrainingData;
  /** Films of the catalogue at the cut. */
  catalogue: number;
  /** Row of each catalogue film in the model, or −1. */
  rowOfFilm: Int32Array;
  /** Row of each measured viewer in the model. */
  rowOfViewer: Int32Array;
  lists: Pick<JudgementInput, 'relevant' | 'seen' | 'classOf' | 'hidden'> & {
    disliked: FilmLists;
    resample: FilmLists;
  };
  /** Per relevant pair: 1 = no recommendation caused it; 1 = settled at T. */
  isOrganic: Uint8Array;
  isMature: Uint8Array;
  facts: Omit<ListFacts, 'factors'>;
  viewers: ViewerFacts[];
  /** Pid of each measured viewer. */
  pids: string[];
  /** Films by number. */
  filmIds: string[];
  titles: string[];
  genreNames: string[];
  /** Each measured viewer's positives of the last weeks, and relevant pairs that were no candidates. */
  recent: FilmLists;
  dropped: MissFacts['dropped'];
  /** Age limit of each measured viewer, and classes × films: years, by the rule itself. */
  minAges: Uint8Array;
  leftOut: { newViewers: number; coldPairs: number };
  /** Relevant pairs on films that the train part cannot know, by number among those (FilmContent.cold). */
  coldPairs: { pid: string; cold: number }[];
  /** What the served order needs besides factors. */
  blend: BlendFacts;
  popularity: MarketPopularity;
  formula: Float64Array;
  testPairs: number;
  notes: string[];
}

interface CatalogueRow {
  film_id: string;
  film_row: number;
  positives: number;
  recent_positives: number;
  votes: number;
  rating_sum: number;
  certificates: string | null;
  markets: string[];
  genres: string[] | null;
  languages: string[] | null;
  is_fresh: boolean;
  title: string;
}

/** Reads a split's parts into numbered arrays. `viewers`: files of feat_viewer; `events`: all staged events. */
export async function loadJudgementData(
  session: Session,
  parts: SplitParts,
  input: { films: string[]; viewers: string[]; events: string[]; config: Config },
): Promise<JudgementData> {
  const { config } = input;
  const training = await loadTrainingData(
    session,
    { interactions: [parts.interactions], films: input.films },
    parts.cutAt,
    config,
  );
  await openViews(session, parts, input);
  const films = await session.rows<CatalogueRow>('FROM catalogue ORDER BY film');
  const viewers = await session.rows<JudgedViewer>(
    'SELECT * REPLACE (pid::VARCHAR AS pid) FROM judged_viewers ORDER BY viewer',
  );
  const pairs = await readPairs(session, 'evaluate/relevant_pairs', ['is_organic', 'is_mature']);
  const relevant = groupSorted(viewers.length, pairs.viewer, pairs.film);
  const seen = await readLists(session, 'evaluate/seen_pairs', viewers.length);
  const disliked = await readLists(session, 'evaluate/disliked_pairs', viewers.length);
  const positives = await readPairs(session, 'evaluate/positive_pairs', ['weight_micro', 'is_recent']);
  const history = groupSorted(viewers.length, positives.viewer, positives.film);
  const recent = groupMarked(viewers.length, positives, positives.flags[1]!);
  const classes = viewerClasses(viewers);
  const { hidden, minAges } = await hiddenFilms(films, classes.classes, config);
  await pause();
  const kept = keepVisible({ relevant, seen, ...classes, hidden, minAges, films: films.length });
  const leftOut = await leftOutOf(session);
  const coldPairs =
    training.content === null
      ? []
      : await session.rowsOf<{ pid: string; cold: number }>('evaluate/cold_pairs');
  const own = async (lists: FilmLists) => packLists(await mapInTurns(kept.viewers, (v) => listOf(lists, v)));
  const isVisible = (viewer: number, film: number) =>
    hidden[classes.classOf[viewer]! * films.length + film] === 0;
  const visible = async (lists: FilmLists) =>
    packLists(await mapInTurns(kept.viewers, (v) => listOf(lists, v).filter((film) => isVisible(v, film))));
  const genres = numberNames(films.map((film) => film.genres));
  const measured = kept.viewers.map((viewer) => viewers[viewer]!);
  const { notes, ...popularity } = await marketPopularity(
    session,
    films,
    measured.map(({ market }) => market),
  );
  const seenBy = await mapInTurns(kept.viewers, (viewer) => new Set(listOf(seen, viewer)));
  const resample = await drawResample(
    await visible(history),
    kept.relevant,
    (viewer, film) => seenBy[viewer]!.has(film),
    config.evaluate.seed,
  );
  const liked = await mapInTurns(kept.viewers, (viewer) =>
    likedBy(viewer, history, positives.flags[0]!, films),
  );
  const ownHistory = await own(history);
  const languages = numberNames(films.map((film) => film.languages));
  return {
    training,
    catalogue: films.length,
    rowOfFilm: shared(films.map((film) => film.film_row)),
    rowOfViewer: shared(measured.map((viewer) => viewer.viewer_row)),
    lists: {
      relevant: kept.relevant,
      seen: await own(seen),
      classOf: shared(kept.viewers.map((viewer) => classes.classOf[viewer]!)),
      hidden,
      disliked: await visible(disliked),
      resample,
    },
    isOrganic: Uint8Array.from(kept.pairs, (pair) => pairs.flags[0]![pair]!),
    isMature: Uint8Array.from(kept.pairs, (pair) => pairs.flags[1]![pair]!),
    facts: listFactsOf(films, genres, ownHistory, await own(disliked)),
    viewers: await viewerFactsOf(measured, ownHistory, genres, languages),
    pids: measured.map(({ pid }) => pid),
    filmIds: films.map(({ film_id }) => film_id),
    titles: films.map(({ title }) => title),
    genreNames: genres.names,
    minAges,
    blend: {
      filmIds: films.map(({ film_id }) => film_id),
      genresOf: films.map((film) => film.genres ?? []),
      liked,
    },
    leftOut,
    coldPairs,
    recent: await own(recent),
    dropped: { ...kept.dropped, 'came after the cut': leftOut.coldPairs },
    popularity,
    formula: formulaScores(
      films.map(({ film_id, votes, rating_sum }) => ({ filmId: film_id, votes, ratingSum: rating_sum })),
      config.weightedRating,
    ),
    testPairs: kept.relevant.film.length,
    notes,
  };
}

async function openViews(
  session: Session,
  parts: SplitParts,
  {
    films,
    viewers,
    events,
    config,
  }: { films: string[]; viewers: string[]; events: string[]; config: Config },
): Promise<void> {
  await session.view('films', films);
  await session.view('feat_viewer', viewers);
  await session.view('staged_events', events);
  await session.view('relevance', [parts.relevance]);
  await session.view('labels', [parts.labels]);
  await session.view('weighted_rating', [parts.weightedRating]);
  await session.set('cut_at', parts.cutAt, 'TIMESTAMP');
  await session.set('popularity_days', POPULARITY_DAYS, 'INTEGER');
  await session.set('fresh_days', FRESH_DAYS, 'INTEGER');
  await session.set('recent_days', RECENT_DAYS, 'INTEGER');
  await session.set('min_train_positives', config.evaluate.minTrainPositives);
  await materialise(session, 'evaluate/catalogue');
  await materialise(session, 'evaluate/judged_viewers');
}

function likedBy(viewer: number, history: FilmLists, weightMicro: Int32Array, films: CatalogueRow[]): Liked {
  return Array.from(listOf(history, viewer), (film, n) => ({
    genres: films[film]!.genres ?? [],
    weightMicro: weightMicro[history.start[viewer]! + n]!,
  }));
}

async function leftOutOf(session: Session): Promise<JudgementData['leftOut']> {
  const [row] = await session.rowsOf<{ new_viewers: number; cold_pairs: number }>('evaluate/left_out');
  return { newViewers: row?.new_viewers ?? 0, coldPairs: row?.cold_pairs ?? 0 };
}

/** Drops relevant films that are no candidates, then viewers without any left: a metric over them would mean nothing. */
function keepVisible({
  relevant,
  seen,
  classOf,
  hidden,
  classes,
  minAges,
  films,
}: Pick<JudgementInput, 'relevant' | 'seen' | 'classOf' | 'hidden' | 'films'> & {
  classes: ClassRow[];
  minAges: Uint8Array;
}): {
  viewers: number[];
  relevant: FilmLists;
  /** Place of each kept pair among all. */
  pairs: number[];
  dropped: Omit<MissFacts['dropped'], 'came after the cut'>;
} {
  const viewers: number[] = [];
  const lists: number[][] = [];
  const pairs: number[] = [];
  const dropped = { 'not in the market': 0, 'above the age': 0, 'seen earlier': 0 };
  classOf.forEach((group, viewer) => {
    const away = new Set(listOf(seen, viewer));
    const list: number[] = [];
    listOf(relevant, viewer).forEach((film, n) => {
      const at = group * films + film;
      if (hidden[at] !== 0) {
        dropped[minAges[at]! > classes[group]!.max_age ? 'above the age' : 'not in the market']++;
        return;
      }
      if (away.has(film)) {
        dropped['seen earlier']++;
        return;
      }
      list.push(film);
      pairs.push(relevant.start[viewer]! + n);
    });
    if (list.length > 0) {
      viewers.push(viewer);
      lists.push(list);
    }
  });
  return { viewers, relevant: packLists(lists), pairs, dropped };
}

function shared(values: number[]): Int32Array {
  const out = sharedInt32(values.length);
  out.set(values);
  return out;
}
