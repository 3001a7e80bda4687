// Films that nobody knows yet: how well their facts place them, beside the popularity of their genres, the viewer's own genres,
// and chance. γ is chosen where it is not judged.
//   node bench/cold.js movielens <ml-100k folder>   a fifth of the films chooses γ, another fifth is judged; five draws
//   node bench/cold.js simulated [--viewers 4000] [--films 2000] [--days 60] [--seed 1]
//     films below the floor of viewers two weeks before the end choose γ by the week after, those of one week before are
//     judged by the last week, and by what the simulation knows of everybody's taste
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { createTrainer } from '../dist/adapters/threads/trainer.js';
import { audienceOf } from '../dist/cli/simulate/plan.js';
import { configSchema } from '../dist/contracts/index.js';
import { buildCells, createCellList } from '../dist/core/als/cells.js';
import { filmFeatures } from '../dist/core/als/film-features.js';
import { priorFactors } from '../dist/core/als/prior.js';
import { startFilms } from '../dist/core/als/start.js';
import { createWorkspace } from '../dist/core/als/workspace.js';
import { percentileInterval, resampleMeans } from '../dist/core/metrics/bootstrap.js';
import { simulateAudience } from '../dist/simulator/index.js';
import { seeded, table } from './stack.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    Object.entries({ viewers: '4000', films: '2000', days: '60', seed: '1' }).map(([name, value]) => [
      name,
      { type: 'string', default: value },
    ]),
  ),
});
const [kind, folder] = positionals;
const CONFIG = configSchema.parse({});
const { ials, eligibility } = CONFIG;
const GAMMAS = [0.3, 1, 3, 10, 30, 100, 300];
const K = 50;
const TOP = 10;
const DAY_MS = 86_400_000;
const RESAMPLES = 2000;

const NO_FACTS = { genres: [], actors: [], directors: [], countries: [], languages: [], year: null, runtimeMin: null, certificates: {} }; // prettier-ignore

if (kind === 'movielens' && folder !== undefined) await movielens();
else if (kind === 'simulated') await simulated();
else {
  console.error(
    'usage: node bench/cold.js movielens <folder> | simulated [--viewers N] [--films N] [--days N]',
  );
  process.exit(2);
}

async function movielens() {
  const genres = 'unknown Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical Mystery Romance Sci-Fi Thriller War Western'.split(' '); // prettier-ignore
  const lines = (file, encoding) => readFileSync(join(folder, file), encoding).trim().split('\n');
  const films = lines('u.item', 'latin1').map((line) => {
    const cells = line.split('|');
    const year = /\((\d{4})\)\s*$/.exec(cells[1])?.[1];
    return {
      id: cells[0],
      facts: { ...NO_FACTS, genres: genres.filter((_, g) => cells[5 + g] === '1'), year: year ? Number(year) : null },
    }; // prettier-ignore
  });
  const numbers = new Map(films.map(({ id }, n) => [id, n]));
  const rated = lines('u.data', 'utf8').map((line) => line.split('\t'));
  const raters = new Map();
  for (const [, film] of rated) raters.set(film, (raters.get(film) ?? 0) + 1);
  const pairs = rated
    .filter(([, , stars]) => Number(stars) >= 4)
    .map(([viewer, film]) => ({ viewer: Number(viewer) - 1, film: numbers.get(film) }));
  const known = films.flatMap(({ id }, n) => (raters.get(id) >= eligibility.minItemUsers ? [n] : []));
  const rows = [];
  for (let draw = 1; draw <= 5; draw++) {
    const random = seeded(draw);
    const part = new Map(known.map((film) => [film, random()]));
    const of = (from, to) => known.filter((film) => part.get(film) >= from && part.get(film) < to);
    const groups = { train: of(0.4, 1), choose: of(0, 0.2), judge: of(0.2, 0.4) };
    const isTrain = new Set(groups.train);
    const train = pairs.filter(({ film }) => isTrain.has(film));
    const fits = [];
    for (const gamma of GAMMAS)
      fits.push({ gamma, fit: await fitOf(films, groups.train, train, 943, gamma) });
    const chosen = best(fits, (fit) => recalls(films, fit, groups.choose, pairs).prior);
    rows.push({ draw, ...rowOf(films, chosen, groups.judge, pairs) });
  }
  console.log(table(rows));
}

async function simulated() {
  const plan = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
  const options = audienceOf(
    { ...plan, variant: 'dot-product', from: '2026-01-05' },
    CONFIG.ages,
    new Date(),
  );
  const audience = simulateAudience(options);
  const films = options.films.map(({ film }) => ({ id: film.filmId, facts: factsOf(film), film }));
  const numbers = new Map(films.map(({ id }, n) => [id, n]));
  const people = [...audience.truth.viewers()];
  const viewers = new Map(people.map(({ profile }, n) => [profile.profileId, n]));
  const pairs = positivesOf(audience, viewers, numbers, films);
  const until = options.until.getTime();
  const at = (days) => {
    const cut = until - days * DAY_MS;
    const train = pairs.filter((pair) => pair.at < cut);
    const raters = new Int32Array(films.length);
    for (const { film } of train) raters[film]++;
    const known = films.flatMap((_, n) => (raters[n] >= eligibility.minItemUsers ? [n] : []));
    const isKnown = new Set(known);
    return {
      known,
      train: train.filter(({ film }) => isKnown.has(film)),
      cold: films.flatMap((_, n) => (isKnown.has(n) ? [] : [n])),
      fresh: films.flatMap(({ film }, n) => {
        const added = Date.parse(film.addedAt);
        return !isKnown.has(n) && added > cut - CONFIG.blend.newDays * DAY_MS && added <= cut ? [n] : [];
      }),
      test: pairs.filter((pair) => pair.at >= cut && pair.at < cut + 7 * DAY_MS),
    };
  };
  const [choose, judge] = [at(14), at(7)];
  const fits = [];
  for (const gamma of GAMMAS) {
    fits.push({ gamma, fit: await fitOf(films, choose.known, choose.train, people.length, gamma) });
  }
  const gamma = best(fits, (fit) => recalls(films, fit, choose.cold, choose.test).prior).gamma;
  console.log(`γ by the week T−14 … T−7: ${gamma}; ${choose.known.length} films learnt`);
  const rows = [];
  for (const g of new Set([gamma, ials.priorGamma])) {
    const fit = { gamma: g, fit: await fitOf(films, judge.known, judge.train, people.length, g) };
    for (const [pool, group] of [
      ['below the floor', judge.cold],
      ['added in 30 days', judge.fresh],
    ]) {
      rows.push({ pool, ...rowOf(films, fit, group, judge.test), ...truthOf(audience, people, films, fit.fit, group) }); // prettier-ignore
    }
  }
  console.log(table(rows));
}

/** Each viewer's first play of half of the film, like, or rating of 7 and more, of each film. */
function positivesOf(audience, viewers, numbers, films) {
  const first = new Map();
  for (const batch of audience.events()) {
    for (const { userId, movieId, type, value, toSec, ts } of batch) {
      const film = numbers.get(movieId);
      if (film === undefined) continue;
      const runtime = (films[film].facts.runtimeMin ?? 100) * 60;
      const isPositive = type === 'like' || (type === 'rating' && value >= 7) || (toSec ?? 0) >= runtime / 2;
      const key = `${userId} ${film}`;
      if (isPositive && !first.has(key)) {
        first.set(key, { viewer: viewers.get(userId), film, at: Date.parse(ts) });
      }
    }
  }
  return [...first.values()];
}

/** The recipe's defaults on these films alone, with the prior; and what a viewer is to films that it does not know. */
async function fitOf(films, known, pairs, viewers, gamma) {
  const rowOf = new Map(known.map((film, row) => [film, row]));
  const list = createCellList(pairs.length);
  pairs.forEach(({ viewer, film }, n) => {
    list.row[n] = viewer;
    list.column[n] = rowOf.get(film);
    list.weightMicro[n] = 1_000_000;
  });
  list.count = pairs.length;
  const { arena, byRow, byColumn } = buildCells(viewers, known.length, list);
  const cold = films.map((_, n) => n).filter((n) => !rowOf.has(n));
  const { names, start, feature, value } = filmFeatures([...known, ...cold].map((n) => films[n].facts));
  const end = known.length;
  const features = { names, start: start.slice(0, end + 1), feature, value };
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, ials, { features, gamma });
  startFilms(workspace, known.map((n) => films[n].id), ials); // prettier-ignore
  const { epochsCold: epochs, solver, threads } = ials;
  await createTrainer(createThreads()).train(workspace, { epochs, solver, threads });
  return {
    y: new Map(cold.map((n, row) => [n, row])),
    factors: priorFactors(workspace.prior, { start: start.slice(end), feature, value }),
    x: workspace.viewers.factors.slice(),
    stride: workspace.stride,
    histories: Array.from({ length: viewers }, (_, u) =>
      [...byRow.column.subarray(byRow.start[u], byRow.start[u + 1])].map((row) => known[row]),
    ),
    counts: new Map(known.map((n, row) => [n, byColumn.start[row + 1] - byColumn.start[row]])),
  };
}

/** Scores of a group of films for a viewer, by each way. */
function scorersOf(films, { y, factors, x, stride, histories, counts }, group) {
  const { k } = ials;
  const genresOf = (n) => films[n].facts.genres;
  const byGenre = new Map();
  for (const [n, count] of counts) {
    for (const genre of genresOf(n)) byGenre.set(genre, (byGenre.get(genre) ?? 0) + count);
  }
  const titles = new Map();
  for (const n of counts.keys())
    for (const genre of genresOf(n)) titles.set(genre, (titles.get(genre) ?? 0) + 1);
  const mean = (n, of) =>
    genresOf(n).reduce((sum, genre) => sum + of(genre), 0) / Math.sqrt(genresOf(n).length || 1);
  const popularity = group.map((n) =>
    mean(n, (genre) => (byGenre.get(genre) ?? 0) / (titles.get(genre) ?? 1)),
  );
  return {
    prior: (u) =>
      group.map((n) => {
        let sum = 0;
        for (let j = 0; j < k; j++) sum += x[u * stride + j] * factors[y.get(n) * k + j];
        return sum;
      }),
    'genre popularity': () => popularity,
    'own genres': (u) => {
      const taste = new Map();
      for (const n of histories[u])
        for (const genre of genresOf(n)) taste.set(genre, (taste.get(genre) ?? 0) + 1);
      return group.map((n) => mean(n, (genre) => taste.get(genre) ?? 0));
    },
  };
}

/** Of a pool of fewer than a hundred films a quarter, as the report has it. */
function depthOf(group) {
  return group.length < 2 * K ? Math.ceil(group.length / 4) : K;
}

/** Mean Recall@k within the group over viewers with a history and something to find, and each viewer's. */
function recalls(films, fit, group, pairs) {
  const place = new Map(group.map((film, at) => [film, at]));
  const wanted = new Map();
  for (const { viewer, film } of pairs) {
    if (!place.has(film) || fit.histories[viewer].length === 0) continue;
    if (!wanted.has(viewer)) wanted.set(viewer, []);
    wanted.get(viewer).push(place.get(film));
  }
  const each = {};
  for (const [name, scoreOf] of Object.entries(scorersOf(films, fit, group))) {
    each[name] = [...wanted].map(([viewer, list]) => {
      const top = new Set(topOf(scoreOf(viewer), depthOf(group)));
      return list.filter((at) => top.has(at)).length / list.length;
    });
  }
  const means = Object.fromEntries(Object.entries(each).map(([name, list]) => [name, meanOf(list)]));
  return { ...means, each, viewers: wanted.size, random: depthOf(group) / group.length };
}

function rowOf(films, { gamma, fit }, group, pairs) {
  const found = recalls(films, fit, group, pairs);
  const differences = Float64Array.from(found.each.prior, (r, n) => r - found.each['genre popularity'][n]);
  const means = new Float64Array(RESAMPLES);
  resampleMeans(differences, 1, 0, RESAMPLES, means);
  const { lower, upper } = percentileInterval(differences, means);
  return {
    γ: gamma,
    films: group.length,
    k: depthOf(group),
    viewers: found.viewers,
    'Recall@k facts': found.prior.toFixed(3),
    'genre popularity': found['genre popularity'].toFixed(3),
    'own genres': found['own genres'].toFixed(3),
    random: found.random.toFixed(3),
    'facts − genre popularity': `${lower.toFixed(3)} … ${upper.toFixed(3)}`,
  };
}

/** How much of what is to be had the first ten films bring: true utility, 0 = a film at random, 1 = the best ten. */
function truthOf({ truth }, people, films, fit, group) {
  const vectors = group.map((n) => truth.film(films[n].id));
  const shares = {};
  for (const [name, scoreOf] of Object.entries(scorersOf(films, fit, group))) {
    const each = people.flatMap((person, u) => {
      if (fit.histories[u].length < 3 || u % 4 !== 0) return [];
      const utility = vectors.map((film) => truth.utility(person, film));
      const all = meanOf(utility);
      const gain = (order) => meanOf(order.map((at) => utility[at])) - all;
      return [gain(topOf(scoreOf(u), TOP)) / gain(topOf(utility, TOP))];
    });
    shares[`true gain, ${name}`] = meanOf(each).toFixed(3);
  }
  return shares;
}

function best(fits, measure) {
  const measured = fits.map(({ gamma, fit }) => ({ gamma, fit, value: measure(fit) }));
  console.log(measured.map(({ gamma, value }) => `γ ${gamma}: ${value.toFixed(4)}`).join('  '));
  return measured.reduce((a, b) => (b.value > a.value ? b : a));
}

function topOf(scores, size) {
  return [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, size);
}

function meanOf(list) {
  return list.reduce((sum, value) => sum + value, 0) / Math.max(list.length, 1);
}

function factsOf({ releaseYear, runtimeMin, genres, actors, directors, countries, languages, certificates }) {
  return { genres, actors, directors, countries, languages, year: releaseYear, runtimeMin, certificates };
}
