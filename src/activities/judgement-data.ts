import { certificatesSchema } from '../contracts/index.js';
import type { Config } from '../contracts/index.js';
import { filmMinAge, isAllowed } from '../core/age-gate/index.js';
import { sharedFloat64, sharedInt32 } from '../core/als/cells.js';
import { type FilmLists, groupSorted, listOf, packLists } from '../core/metrics/film-lists.js';
import { formulaScores } from '../core/metrics/formula-scores.js';
import type { JudgementInput } from '../core/metrics/judgement.js';
import { type Blend, createBlend, genreTasteOf } from '../core/ranking/blend.js';
import { isHeldIn } from '../core/ranking/catalogue.js';
import type { Session } from './deps.js';
import type { SplitParts } from './split-parts.js';
import {
  type TrainingData,
  countOf,
  loadTrainingData,
  materialise,
  streamColumns,
} from './training-cells.js';

/** Window of the popularity baseline, as of the cut. */
const POPULARITY_DAYS = 28;

/** All that judging one split needs; the model is still to be fitted. */
export interface JudgementData {
  training: TrainingData;
  /** Films of the catalogue at the cut. */
  catalogue: number;
  /** Row of each catalogue film in the model, or −1. */
  rowOfFilm: Int32Array;
  /** Row of each measured viewer in the model. */
  rowOfViewer: Int32Array;
  lists: Pick<JudgementInput, 'relevant' | 'seen' | 'classOf' | 'hidden'>;
  popularity: Float64Array;
  formula: Float64Array;
  testPairs: number;
  /** The served order, and each measured viewer's genres in it (viewers × genres). */
  blend: Blend;
  genreTaste: Float64Array;
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
}

interface ViewerRow {
  viewer_row: number;
  market: string;
  max_age: number;
}

/** Reads a split's parts into numbered arrays. `viewers`: files of feat_viewer. */
export async function loadJudgementData(
  session: Session,
  parts: SplitParts,
  input: { films: string[]; viewers: string[]; config: Config },
): Promise<JudgementData> {
  const { config } = input;
  const training = await loadTrainingData(session, [parts.interactions], parts.cutAt, config);
  await session.view('films', input.films);
  await session.view('feat_viewer', input.viewers);
  await session.view('relevance', [parts.relevance]);
  await session.view('weighted_rating', [parts.weightedRating]);
  await session.set('cut_at', parts.cutAt, 'TIMESTAMP');
  await session.set('popularity_days', POPULARITY_DAYS, 'INTEGER');
  await session.set('min_train_positives', config.evaluate.minTrainPositives);
  await materialise(session, 'evaluate/catalogue');
  await materialise(session, 'evaluate/judged_viewers');

  const films = await session.rows<CatalogueRow>('FROM catalogue ORDER BY film');
  const viewers = await session.rows<ViewerRow>('FROM judged_viewers ORDER BY viewer');
  const relevant = await readLists(session, 'evaluate/relevant_pairs', viewers.length);
  const seen = await readLists(session, 'evaluate/seen_pairs', viewers.length);
  const classes = viewerClasses(viewers);
  const hidden = hiddenFilms(films, classes.classes, config);
  const kept = keepVisible({ relevant, seen, classOf: classes.classOf, hidden, films: films.length });
  const popular = popularityScores(films);
  const blend = blendOf(training, films, config);
  return {
    training,
    catalogue: films.length,
    rowOfFilm: shared(films.map((film) => film.film_row)),
    rowOfViewer: shared(kept.viewers.map((viewer) => viewers[viewer]!.viewer_row)),
    lists: {
      relevant: kept.relevant,
      seen: pick(seen, kept.viewers),
      classOf: shared(kept.viewers.map((viewer) => classes.classOf[viewer]!)),
      hidden,
    },
    popularity: popular.scores,
    formula: formulaScores(
      films.map(({ film_id, votes, rating_sum }) => ({ filmId: film_id, votes, ratingSum: rating_sum })),
      config.weightedRating,
    ),
    testPairs: kept.relevant.film.length,
    blend,
    genreTaste: await readGenreTastes(session, blend, films, kept.viewers),
    notes: popular.notes,
  };
}

function blendOf({ standing }: TrainingData, films: CatalogueRow[], config: Config): Blend {
  const genres = standing.map((): string[] => []);
  for (const film of films) if (film.film_row >= 0) genres[film.film_row] = film.genres ?? [];
  return createBlend(
    standing.map((film, row) => ({ ...film, genres: genres[row]! })),
    config.blend,
  );
}

/** From all that a viewer liked in the train part, films without factors too: as scoring reads it. */
async function readGenreTastes(
  session: Session,
  blend: Blend,
  films: CatalogueRow[],
  viewers: number[],
): Promise<Float64Array> {
  await session.model('evaluate/positive_pairs');
  const count = await countOf(session, 'positive_pairs');
  const [viewer, film, weightMicro] = [
    new Int32Array(count),
    new Int32Array(count),
    new Int32Array(count),
  ] as const;
  await streamColumns(
    session,
    'SELECT viewer, film, weight_micro FROM positive_pairs ORDER BY viewer, film',
    [viewer, film, weightMicro],
  );
  const liked = new Map<number, { genres: string[]; weightMicro: number }[]>();
  viewer.forEach((v, at) => {
    const pair = { genres: films[film[at]!]!.genres ?? [], weightMicro: weightMicro[at]! };
    const list = liked.get(v);
    if (list === undefined) liked.set(v, [pair]);
    else list.push(pair);
  });
  const genres = blend.genreNames.length;
  const tastes = sharedFloat64(viewers.length * genres);
  viewers.forEach((v, n) => {
    const taste = genreTasteOf(blend, liked.get(v) ?? []);
    if (taste !== null) tastes.set(taste, n * genres);
  });
  return tastes;
}

/** Viewers who may see the same films: one class per market and age limit. */
function viewerClasses(viewers: ViewerRow[]): { classOf: Int32Array; classes: ViewerRow[] } {
  const numbers = new Map<string, number>();
  const classes: ViewerRow[] = [];
  const classOf = Int32Array.from(viewers, (viewer) => {
    const name = `${viewer.max_age} ${viewer.market}`;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, classes.length);
    return classes.push(viewer) - 1;
  });
  return { classOf, classes };
}

/** classes × films: 1 where market or age keeps the film away. */
function hiddenFilms(films: CatalogueRow[], classes: ViewerRow[], { ages }: Config): Uint8Array {
  const hidden = new Uint8Array(classes.length * films.length);
  const certificates = films.map((film) => certificatesSchema.parse(JSON.parse(film.certificates ?? '{}')));
  classes.forEach(({ market, max_age }, c) => {
    films.forEach((row, film) => {
      const isOldEnough = isAllowed(max_age, filmMinAge(certificates[film] ?? {}, market, ages));
      hidden[c * films.length + film] = isHeldIn(row, market) && isOldEnough ? 0 : 1;
    });
  });
  return hidden;
}

/** Drops relevant films that are no candidates, then viewers without any left: a metric over them would mean nothing. */
function keepVisible({
  relevant,
  seen,
  classOf,
  hidden,
  films,
}: Pick<JudgementInput, 'relevant' | 'seen' | 'classOf' | 'hidden' | 'films'>): {
  viewers: number[];
  relevant: FilmLists;
} {
  const viewers: number[] = [];
  const lists: number[][] = [];
  classOf.forEach((group, viewer) => {
    const away = new Set(listOf(seen, viewer));
    const list = [...listOf(relevant, viewer)].filter(
      (film) => !away.has(film) && hidden[group * films + film] === 0,
    );
    if (list.length > 0) {
      viewers.push(viewer);
      lists.push(list);
    }
  });
  return { viewers, relevant: packLists(lists) };
}

/** Viewers with a positive interaction of the last 28 days; of all time where nobody had any. */
function popularityScores(films: CatalogueRow[]): { scores: Float64Array; notes: string[] } {
  const scores = sharedFloat64(films.length);
  const isRecent = films.some((film) => film.recent_positives > 0);
  films.forEach((film, n) => {
    scores[n] = isRecent ? film.recent_positives : film.positives;
  });
  return {
    scores,
    notes: isRecent
      ? []
      : [`popularity is of all time: nothing in the ${POPULARITY_DAYS} days before the cut`],
  };
}

async function readLists(session: Session, model: string, viewers: number): Promise<FilmLists> {
  await session.model(model);
  const relation = model.slice(model.lastIndexOf('/') + 1);
  const count = await countOf(session, relation);
  const viewer = new Int32Array(count);
  const film = sharedInt32(count);
  await streamColumns(session, `SELECT viewer, film FROM ${relation} ORDER BY viewer, film`, [viewer, film]);
  return groupSorted(viewers, viewer, film);
}

const pick = (lists: FilmLists, viewers: number[]): FilmLists =>
  packLists(viewers.map((v) => listOf(lists, v)));

function shared(values: number[]): Int32Array {
  const out = sharedInt32(values.length);
  out.set(values);
  return out;
}
