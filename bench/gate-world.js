// A small audience with known tastes, and candidates with known faults, judged by the product's own code.
import { buildCells, createCellList } from '../dist/core/als/cells.js';
import { drawResample, listFactsOf, numberNames } from '../dist/activities/judgement-facts.js';
import { sha256 } from '../dist/core/identity/hash.js';
import { fitScorer } from '../dist/activities/fit-scorer.js';
import { blendScorer } from '../dist/activities/judgement-blend.js';
import { measureSplit } from '../dist/activities/measure-split.js';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { createJudge } from '../dist/adapters/threads/judge.js';
import { createTrainer } from '../dist/adapters/threads/trainer.js';
import { configSchema } from '../dist/contracts/config.js';
import { packLists } from '../dist/core/metrics/film-lists.js';
import { formulaScores } from '../dist/core/metrics/formula-scores.js';
import { below, normal, randomOf } from '../dist/core/random/random.js';
import { oneNotANumber, popularityAlone, silenced } from './spoiled-fits.js';

export const GENRES = ['Comedy', 'Crime', 'Drama', 'Horror', 'Musical', 'Western'];
const D = 6;
const TEST = 6;
const CHILD_SHARE = 0.1;
const signal = new AbortController().signal;
const say = () => {};
const threads = createThreads();
const trainer = createTrainer(threads);
const judge = createJudge(threads);

/** Config of the judged recipe: the defaults, but for the size of the world. */
export function configOf({ bootstrap = 500, permutations = 2000, seed = 1 } = {}) {
  return configSchema.parse({
    ials: { k: 16, seed, epochsCold: 6 },
    // taste alone: the trend and the genres would hide the faults
    blend: { nowWeight: 0, genreWeight: 0 },
    eligibility: { minItemUsers: 5 },
    evaluate: { bootstrap },
    gate: { permutations },
  });
}

/** Viewers choose films by taste, popularity (`pull`) and chance; the last few of a viewer's choices are the test week's. */
export function makeWorld({ viewers, films, seed, pull = 1.2 }) {
  const random = randomOf('gate-world', seed);
  const vector = (sd) => Array.from({ length: D }, () => sd * normal(random));
  const centres = GENRES.map(() => vector(1));
  const catalogue = Array.from({ length: films }, (_, film) => {
    const genre = below(random, GENRES.length);
    return {
      id: `film-${String(film).padStart(4, '0')}`,
      genre,
      taste: centres[genre].map((c) => c + 0.6 * normal(random)),
      pull: pull * normal(random),
      minAge: below(random, 5) === 0 ? 18 : 0,
    };
  });
  const people = Array.from({ length: viewers }, (_, n) => {
    const maxAge = n < CHILD_SHARE * viewers ? 10 : 18;
    const taste = vector(0.9);
    const wish = catalogue.map((film, row) => ({
      row,
      score:
        film.minAge > maxAge
          ? -Infinity
          : film.taste.reduce((sum, value, d) => sum + value * taste[d], film.pull) + 1.2 * gumbel(random),
    }));
    const chosen = wish.sort((a, b) => b.score - a.score).slice(0, 16 + TEST + below(random, 30));
    for (let i = chosen.length - 1; i > 0; i--) {
      const j = below(random, i + 1);
      [chosen[i], chosen[j]] = [chosen[j], chosen[i]];
    }
    const rows = chosen.filter(({ score }) => score > -Infinity).map(({ row }) => row);
    return { maxAge, train: rows.slice(TEST), test: rows.slice(0, TEST) };
  });
  return { catalogue, people, seed };
}

const gumbel = (random) => -Math.log(-Math.log((random.next() + 0.5) / 4294967296));
const sorted = (films) => Int32Array.from(films).sort();

/** Cells to learn from: what each viewer did, `films(person, n)` of it. */
function trainingOf({ catalogue, people }, films) {
  const lists = people.map((person, n) => films(person, n));
  const count = lists.reduce((sum, list) => sum + list.length, 0);
  const cells = createCellList(count);
  let at = 0;
  lists.forEach((list, viewer) => {
    for (const film of list) {
      cells.row[at] = viewer;
      cells.column[at] = film;
      cells.weightMicro[at++] = 1_000_000;
    }
  });
  cells.count = count;
  const { arena, byRow, byColumn } = buildCells(people.length, catalogue.length, cells);
  return {
    filmIds: catalogue.map(({ id }) => id),
    standing: catalogue.map(() => ({ positives: 1, trendMicro: 0 })),
    content: null,
    viewers: people.length,
    arena,
    byViewer: byRow,
    byFilm: byColumn,
  };
}

/** What a split's data is to judging: the truth of the world, whatever the candidate learns from. */
async function dataOf(world, training, config) {
  const { catalogue, people } = world;
  const films = catalogue.length;
  const history = packLists(people.map(({ train }) => sorted(train)));
  const relevant = packLists(people.map(({ test }) => sorted(test)));
  const positives = new Int32Array(films);
  for (const { train } of people) for (const film of train) positives[film]++;
  const genres = numberNames(catalogue.map(({ genre }) => [GENRES[genre]]));
  const rows = Int32Array.from({ length: films }, (_, film) => film);
  const minAges = Uint8Array.from([0, 1].flatMap(() => catalogue.map(({ minAge }) => minAge)));
  const hidden = Uint8Array.from(
    [10, 18].flatMap((age) => catalogue.map(({ minAge }) => Number(minAge > age))),
  );
  const shared = (values) => {
    const out = new Int32Array(new SharedArrayBuffer(values.length * 4));
    out.set(values);
    return out;
  };
  const filmRows = catalogue.map((film, row) => ({
    film_row: row,
    positives: positives[row],
    genres: [GENRES[film.genre]],
    languages: ['English'],
    is_fresh: false,
  }));
  const none = packLists(people.map(() => []));
  const popularity = new Float64Array(new SharedArrayBuffer(films * 8));
  popularity.set(positives);
  return {
    training,
    catalogue: films,
    rowOfFilm: shared(rows),
    rowOfViewer: shared(people.map((_, n) => n)),
    lists: {
      relevant,
      seen: history,
      classOf: shared(people.map(({ maxAge }) => (maxAge === 10 ? 0 : 1))),
      hidden,
      disliked: none,
      resample: await drawResample(history, relevant, () => true, config.evaluate.seed),
    },
    isOrganic: new Uint8Array(relevant.film.length).fill(1),
    isMature: new Uint8Array(relevant.film.length).fill(1),
    facts: listFactsOf(filmRows, genres, history, none),
    viewers: people.map(({ maxAge, train }, n) => ({
      tenureDays: n % 20,
      positives: train.length,
      maxAge,
      market: n % 3 === 0 ? 'KR' : 'default',
      language: 'English',
      genre: GENRES[catalogue[train[0]].genre],
      device: n % 4 === 0 ? 'tv' : 'phone',
    })),
    pids: people.map((_, n) => String(n)),
    filmIds: catalogue.map(({ id }) => id),
    titles: catalogue.map(({ id }) => id),
    genreNames: GENRES,
    minAges,
    blend: {
      filmIds: catalogue.map(({ id }) => id),
      genresOf: catalogue.map(({ genre }) => [GENRES[genre]]),
      liked: people.map(() => []),
    },
    recent: history,
    dropped: {},
    leftOut: { newViewers: 0, coldPairs: 0 },
    popularity: { scores: popularity, groupOf: shared(people.map(() => 0)) },
    formula: formulaScores(
      catalogue.map(({ id }, row) => ({ filmId: id, votes: positives[row], ratingSum: 7 * positives[row] })),
      config.weightedRating,
    ),
    testPairs: relevant.film.length,
    notes: [],
  };
}

const honest = (person) => person.train;

/** The champion's recipe refitted on the whole train part: whom every candidate is compared with. */
export async function championOf(world, config) {
  const data = await dataOf(world, trainingOf(world, honest), config);
  const fit = await fitScorer(trainer, { name: 'champion', kind: 'als', config, ...data, signal, say });
  return { factors: fit.published(), scorer: blendScorer(fit, data.training, data.blend, config) };
}

/** A trainer that harms the candidate's fit after it. */
const spoiled = (spoil) => ({
  async train(workspace, options) {
    const losses = await trainer.train(workspace, options);
    spoil(workspace);
    return losses;
  },
});

/**
 * Candidates by their fault. `films`: what it learns from each viewer; `trainer`: what happens to its fit; `data`: what
 * happens to judging's view; `conditions`: what is read off it; `wanted`: gates of which at least one must not pass.
 */
export const FAULTS = [
  {
    name: 'none: one day’s events fewer',
    films: ({ train }, n) => (n % 3 === 0 ? train.slice(1) : train),
    wanted: [],
  },
  { name: 'half the data', films: ({ train }) => train.slice(train.length / 2), wanted: ['G1'] },
  {
    name: 'films shuffled',
    films: ({ train }, n, films) => train.map((film) => (film * 7 + 3 * n) % films),
    wanted: ['G1', 'G2'],
  },
  { name: 'fitted with another seed', seed: 2, wanted: ['G10'] },
  {
    name: '14 days stale',
    films: ({ train }) => train.slice(2),
    conditions: { lagHours: 14 * 24 },
    wanted: ['G9'],
  },
  {
    name: 'a popularity clone',
    trainer: spoiled(popularityAlone),
    wanted: ['G2', 'G5', 'G6'],
  },
  { name: '−6 % quality', trainer: spoiled(silenced(0.06)), wanted: ['G1'] },
  { name: '−25 % quality', trainer: spoiled(silenced(0.25)), wanted: ['G1'] },
  { name: 'the test week leaked', films: ({ train, test }) => [...train, ...test], wanted: ['G9'] },
  {
    name: 'NaN in its factors',
    trainer: spoiled(oneNotANumber),
    wanted: ['G8'],
  },
  {
    name: 'an age bug',
    data: (data) => ({ ...data, lists: { ...data.lists, hidden: data.lists.hidden.map(() => 0) } }),
    wanted: ['G4'],
  },
];

/** Measures a candidate beside the champion: the report that the gate decides by, and each viewer's numbers. */
export async function judgeCandidate(world, fault, champion, config) {
  const films = fault.films ?? honest;
  const training = trainingOf(world, (person, n) => films(person, n, world.catalogue.length));
  const plain = await dataOf(world, training, config);
  const data = fault.data === undefined ? plain : fault.data(plain);
  const own = { ...config, ials: { ...config.ials, seed: fault.seed ?? config.ials.seed } };
  const fit = (recipe, by) =>
    fitScorer(by, { name: 'fit', kind: 'als', config: recipe, ...data, signal, say });
  const conditions = async (twin, seen) => {
    const factors = twin.published();
    // what a second fit of the recipe as it is written would give
    const again = fault.seed === undefined ? factors : (await fit(config, trainer)).published();
    return {
      ...seen,
      bytes: factors.byteLength,
      championBytes: champion.factors.byteLength,
      lagHours: 1,
      isOfThisNight: true,
      matureShare: 1,
      factors: sha256(new Uint8Array(factors.buffer)),
      refitted: sha256(new Uint8Array(again.buffer)),
      notFinite: factors.reduce((n, value) => n + Number(!Number.isFinite(value)), 0),
      envelope: { overlap: 1, normRatio: 1, lossRose: false },
      ...fault.conditions,
    };
  };
  return measureSplit(
    { config: own, trainer: fault.trainer ?? trainer, judge },
    { plan: { kind: 'last-7-days', cutoff: '2026-01-01T00:00:00.000Z' } },
    {
      kind: 'als',
      other: null,
      data,
      fit: () => fit(own, fault.trainer ?? trainer),
      opponent: async () => ({ scorer: champion.scorer, note: 'the champion, refitted' }),
      conditions,
      signal,
      say,
    },
  );
}
