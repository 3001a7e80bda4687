// Data sets for bench/train.js and bench/score.js as compressed rows in binary files: NAME.start (viewers + 1) and NAME.column
// (interactions), both int32, which both programs read. Made once per folder.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** 138k × 27k × 11 M: the shape of MovieLens 20M, drawn by the generator below. */
export const LARGE = { viewers: 138_000, films: 27_000, draws: 12_900_000 };

const BASE = { viewers: 20_000, films: 5_000, draws: 1_500_000 };

/** Sets to see growth by, the base first: [label, data set, k]. Four times as much of one thing each, and other k. */
export function growthSets(folder) {
  const base = dataSet(folder, 'base', BASE);
  const grown = {
    'viewers × 4': dataSet(folder, 'viewers-x4', { ...BASE, viewers: 4 * BASE.viewers }),
    'films × 4': dataSet(folder, 'films-x4', { ...BASE, films: 4 * BASE.films }),
    'interactions × 4': dataSet(folder, 'cells-x4', { ...BASE, draws: 4 * BASE.draws }),
  };
  return [
    ['base, k 64', base, 64],
    ...Object.entries(grown).map(([label, data]) => [`${label}, k 64`, data, 64]),
    ...[32, 128, 256].map((k) => [`base, k ${k}`, base, k]),
  ];
}

/** Reads or makes a data set; `from` is the folder of ml-1m-ge3 or a shape to generate. */
export function dataSet(folder, name, from) {
  mkdirSync(folder, { recursive: true });
  const file = (part) => join(folder, `${name}.${part}`);
  if (!existsSync(file('json'))) {
    const { films, start, column } = typeof from === 'string' ? readLists(from) : generate(from);
    writeFileSync(file('start'), new Uint8Array(start.buffer));
    writeFileSync(file('column'), new Uint8Array(column.buffer, 0, column.byteLength));
    const text = JSON.stringify({ name, viewers: start.length - 1, films, cells: column.length });
    writeFileSync(file('json.part'), text);
    renameSync(file('json.part'), file('json'));
  }
  return { ...JSON.parse(readFileSync(file('json'), 'utf8')), start: file('start'), column: file('column') };
}

/** An int32 file. */
export function readInts(path) {
  const bytes = readFileSync(path);
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** train.txt and valid.txt of ml-1m-ge3: lines of viewer film film … */
function readLists(folder) {
  const rows = [];
  for (const file of ['train.txt', 'valid.txt']) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const [viewer, ...films] = line.trim().split(/\s+/).map(Number);
      if (!Number.isInteger(viewer)) continue;
      rows[viewer] ??= new Set();
      for (const film of films) rows[viewer].add(film);
    }
  }
  const lists = Array.from(rows, (set) => Int32Array.from(set ?? []).sort());
  const films = 1 + lists.reduce((most, list) => list.reduce((a, b) => Math.max(a, b), most), 0);
  return { films, ...pack(lists) };
}

/**
 * Viewers with log-normal activity and a few of 60 topics each; films with Zipf popularity and a few topics; a draw picks a
 * topic of the viewer, then a film of the topic. Repeated pairs fall away, so that there are fewer cells than draws.
 */
export function generate({ viewers, films, draws, seed = 7, topics = 60 }) {
  const random = mulberry32(seed);
  const activity = Float64Array.from({ length: viewers }, () => Math.exp(1.05 * gauss(random)));
  const total = activity.reduce((a, b) => a + b, 0);
  const popularity = shuffled(
    Float64Array.from({ length: films }, (_, n) => 1 / (n + 12) ** 0.95),
    random,
  );
  const filmsOf = Array.from({ length: topics }, () =>
    cumulative(popularity.map((p) => p * gammaish(0.12, random))),
  );
  const lists = [];
  for (let u = 0; u < viewers; u++) {
    const own = cumulative(Float64Array.from({ length: topics }, () => gammaish(0.08, random)));
    const count = Math.round(Math.min(films * 0.4, Math.max(8, (activity[u] * draws) / total)));
    const row = new Set();
    for (let n = 0; n < count; n++) row.add(pick(filmsOf[pick(own, random())], random()));
    lists.push(Int32Array.from(row).sort());
  }
  return { films, ...pack(lists) };
}

function pack(lists) {
  const start = new Int32Array(lists.length + 1);
  lists.forEach((list, u) => (start[u + 1] = start[u] + list.length));
  const column = new Int32Array(start[lists.length]);
  lists.forEach((list, u) => column.set(list, start[u]));
  return { start, column };
}

function cumulative(weights) {
  const out = new Float64Array(weights.length);
  let sum = 0;
  for (let n = 0; n < weights.length; n++) out[n] = sum += weights[n];
  return out.map((value) => value / sum);
}

/** First index whose cumulative share is above x. */
function pick(shares, x) {
  let low = 0;
  let high = shares.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shares[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Gamma(shape < 1) by Ahrens & Dieter's rejection. */
function gammaish(shape, random) {
  for (;;) {
    const b = 1 + shape / Math.E;
    const p = b * random();
    const x = p <= 1 ? p ** (1 / shape) : -Math.log((b - p) / shape);
    if (random() < (p <= 1 ? Math.exp(-x) : x ** (shape - 1))) return x;
  }
}

function gauss(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function shuffled(values, random) {
  for (let n = values.length - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    [values[n], values[other]] = [values[other], values[n]];
  }
  return values;
}

function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
