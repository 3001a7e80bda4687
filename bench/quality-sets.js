// Public data sets of bench/quality.js, their protocols, and the figures that others published for them. Data is never part
// of the project: each set is read from your own copy.
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { below, randomOf } from '../dist/core/random/random.js';
import { generate } from './als-data.js';

/**
 * `metric`@`k` is the figure with a `target`. `published`: figures of it on the same files or, for a random split, the same
 * protocol. `parts`: files of a fixed split, or a function that makes one from (folder, seed).
 */
export const SETS = [
  {
    name: 'ml-100k u1',
    folder: 'ml-100k',
    needs: 'u1.base',
    parts: fixed({ train: ['u1.base'], test: ['u1.test'] }),
    k: 10,
    metric: 'ndcg',
    target: 0.55,
    published: 'popularity .325, Gorse .493, EASE(400) .566',
  },
  {
    name: 'ml-100k 75/25',
    folder: 'ml-100k',
    needs: 'u.data',
    parts: (at, seed, out) =>
      written(out, seed, parted(readTable(at('u.data'), '\t'), [0.25], `75/25 ${seed}`), ['train', 'test']),
    isRandom: true,
    k: 10,
    metric: 'ndcg',
    target: 0.475,
    published: 'BiVAE .4751, BPR .4420, LightGCN .4198, EASE(400) .4805',
  },
  {
    name: 'ml-1m-ge3 10-core 8:1:1',
    folder: 'ml-1m-ge3',
    needs: 'train.txt',
    parts: async (at, seed, out) => {
      const files = ['train.txt', 'valid.txt', 'test.txt'];
      const pairs = await readAdjacency(files.map(at));
      return written(out, seed, parted(core(pairs, 10), [0.1, 0.1], `8:1:1 ${seed}`), [
        'train',
        'seen',
        'test',
      ]);
    },
    isRandom: true,
    k: 10,
    metric: 'ndcg',
    target: 0.2805,
    published: 'EASE .2865, SLIM .2782, MultiVAE .2523, LightGCN .2476, BPR .2407, ItemKNN .2389',
    others: {
      recall: 'EASE .2139, SLIM .2035',
      hit: 'EASE .7837, SLIM .7638',
      precision: 'EASE .2082, SLIM .2015',
    },
  },
  {
    name: 'ml-1m-ge3 fixed',
    folder: 'ml-1m-ge3',
    needs: 'train.txt',
    parts: fixed({ train: ['train.txt', 'valid.txt'], test: ['test.txt'] }),
    k: 20,
    metric: 'recall',
    target: 0.25,
    published: 'popularity .1181, Gorse .226, EASE(500) .2538',
  },
  {
    name: 'ml-1m-ge3 fixed, train alone',
    folder: 'ml-1m-ge3',
    needs: 'train.txt',
    parts: fixed({ train: ['train.txt'], seen: ['valid.txt'], test: ['test.txt'] }),
    k: 20,
    metric: 'recall',
    target: 0.25,
    published: 'popularity .1181, Gorse .226, EASE(500) .2538',
  },
  {
    name: 'ml-1m-ncf 1+99',
    folder: 'ml-1m-ncf',
    needs: 'train.reconstructed.tsv.gz',
    parts: fixed({
      train: ['train.reconstructed.tsv.gz'],
      test: ['ml-1m.test.rating'],
      negatives: 'ml-1m.test.negative.gz',
    }),
    k: 10,
    metric: 'hit',
    target: 0.72,
    published: 'NeuMF .6725–.7093, iALS .7111, SLIM .7162, MF .7294',
  },
  {
    // of the whole file's films most have one or two pairs, and EASE is minutes a fit
    name: 'movietweetings 10-core 80/20',
    folder: 'movietweetings',
    needs: 'ratings.dat',
    parts: (at, seed, out) =>
      written(
        out,
        seed,
        parted(core(readTable(at('ratings.dat'), '::'), 10), [0.2], `10-core 80/20 ${seed}`),
        ['train', 'test'],
      ),
    isRandom: true,
    k: 10,
    metric: 'ndcg',
    published: '',
  },
  {
    name: 'movietweetings 80/20',
    folder: 'movietweetings',
    needs: 'ratings.dat',
    parts: (at, seed, out) =>
      written(out, seed, parted(readTable(at('ratings.dat'), '::'), [0.2], `80/20 ${seed}`), [
        'train',
        'test',
      ]),
    isRandom: true,
    k: 10,
    metric: 'ndcg',
    published: '',
  },
  {
    // the shape of MovieLens latest-small: 610 viewers, 9,700 films, 100,000 ratings
    name: 'generated, latest-like 80/20',
    folder: '',
    parts: (_at, seed, out) =>
      written(
        out,
        seed,
        parted(generated({ viewers: 610, films: 9_700, draws: 115_000 }), [0.2], `latest ${seed}`),
        ['train', 'test'],
      ),
    isRandom: true,
    k: 10,
    metric: 'ndcg',
    published: '',
  },
  {
    // of its films those with at least five viewers, for the same reason
    name: 'generated, latest-like 5-core 80/20',
    folder: '',
    parts: (_at, seed, out) =>
      written(
        out,
        seed,
        parted(
          core(generated({ viewers: 610, films: 9_700, draws: 115_000 }), 5),
          [0.2],
          `latest 5-core ${seed}`,
        ),
        ['train', 'test'],
      ),
    isRandom: true,
    k: 10,
    metric: 'ndcg',
    published: '',
  },
];

function fixed({ train, test, seen = [], negatives }) {
  return (at) => ({
    train: train.map(at),
    test: test.map(at),
    seen: seen.map(at),
    ...(negatives === undefined ? {} : { negatives: at(negatives) }),
  });
}

/** Pairs [viewer, film] of a file of viewer, film, rating …; the ratings do not count. */
function readTable(file, separator) {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => line.split(separator).slice(0, 2));
}

function generated(shape) {
  const { start, column } = generate(shape);
  return Array.from({ length: start.length - 1 }, (_, viewer) =>
    Array.from(column.subarray(start[viewer], start[viewer + 1]), (film) => [String(viewer), String(film)]),
  ).flat();
}

async function readAdjacency(files) {
  const pairs = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const [viewer, ...films] = line.trim().split(' ');
      for (const film of films) pairs.push([viewer, film]);
    }
  }
  return pairs;
}

/** The k-core: viewers and films with fewer than `least` pairs go, until none is left. */
function core(pairs, least) {
  for (let kept = pairs; ;) {
    const counts = [new Map(), new Map()];
    for (const pair of kept)
      pair.forEach((id, side) => counts[side].set(id, (counts[side].get(id) ?? 0) + 1));
    const next = kept.filter((pair) => pair.every((id, side) => counts[side].get(id) >= least));
    if (next.length === kept.length) return kept;
    kept = next;
  }
}

/**
 * Each viewer's pairs in random order: the last ⌊share · n⌋ (rounded for one share alone, as the stratified splits of that
 * protocol do) are the last part, and so on backwards; the first part has the rest.
 */
function parted(pairs, shares, key) {
  const byViewer = new Map();
  for (const [viewer, film] of pairs) {
    const own = byViewer.get(viewer);
    if (own === undefined) byViewer.set(viewer, [film]);
    else own.push(film);
  }
  const parts = Array.from({ length: shares.length + 1 }, () => []);
  const round = shares.length === 1 ? Math.round : Math.floor;
  for (const [viewer, films] of byViewer) {
    const random = randomOf('quality-split', key, viewer);
    for (let n = films.length - 1; n > 0; n--) {
      const other = below(random, n + 1);
      [films[n], films[other]] = [films[other], films[n]];
    }
    const cuts = shares.map((share) => round(share * films.length));
    let from = films.length - cuts.reduce((sum, cut) => sum + cut, 0);
    films.slice(0, from).forEach((film) => parts[0].push(`${viewer}\t${film}`));
    cuts.forEach((cut, n) => {
      films.slice(from, from + cut).forEach((film) => parts[n + 1].push(`${viewer}\t${film}`));
      from += cut;
    });
  }
  return parts;
}

function written(out, seed, parts, names) {
  return Object.fromEntries(
    parts.map((lines, n) => {
      const path = join(out, `${names[n]}-${seed}.tsv`);
      writeFileSync(path, lines.join('\n'));
      return [names[n], [path]];
    }),
  );
}
