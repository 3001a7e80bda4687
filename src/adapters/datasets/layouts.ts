import { existsSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { splitLine, type TableSpec } from './tables.js';

export const FAMILIES = ['movielens', 'movietweetings', 'csv'] as const;
export type Family = (typeof FAMILIES)[number];

/** A file of a layout, and how its columns map to ours (ours → theirs). */
export interface LayoutFile {
  spec: TableSpec;
  columns: Record<string, string>;
}

/** What a user's folder holds, and what its source is known to lack. */
export interface Layout {
  source: string;
  label: string;
  ratings: LayoutFile;
  /** null: films are known by id only. */
  films: LayoutFile | null;
  viewers: LayoutFile | null;
  /** Ages in years, in bands by their lower end (MovieLens 1M), or none. */
  ages: 'years' | 'bands' | 'none';
  /** Ratings of 0.5..5 stars, doubled; of 1..10; or to be seen from the greatest rating. */
  scale: 'five' | 'ten' | 'detect';
  /** Titles are written "Graduate, The". */
  isArticleLast: boolean;
}

/** A folder that is not what it was said to be; the message says what was looked for. */
export class LayoutError extends Error {}

const ML100K_GENRES = [
  'unknown',
  'Action',
  'Adventure',
  'Animation',
  "Children's",
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
];

export async function findLayout(family: Family, path: string): Promise<Layout> {
  const info = await stat(path).catch(() => null);
  if (info === null) throw new LayoutError(`${path} does not exist`);
  switch (family) {
    case 'movielens':
      return movielens(path);
    case 'movietweetings':
      return movietweetings(path);
    case 'csv':
      return plain(path, info.isDirectory());
  }
}

function movielens(dir: string): Layout {
  const has = (...names: string[]) => names.every((name) => existsSync(join(dir, name)));
  if (has('u.data', 'u.item')) {
    return {
      source: 'movielens-100k',
      label: 'MovieLens 100K',
      ratings: plainText(dir, 'u.data', '\t', ['user_id', 'film_id', 'value', 'ts']),
      films: {
        ...plainText(dir, 'u.item', '|', [
          'film_id',
          'title',
          'release',
          'video_release',
          'url',
          ...ML100K_GENRES,
        ]),
      },
      viewers: has('u.user')
        ? plainText(dir, 'u.user', '|', ['user_id', 'age', 'gender', 'occupation', 'zip'])
        : null,
      ages: has('u.user') ? 'years' : 'none',
      scale: 'five',
      isArticleLast: true,
    };
  }
  if (has('ratings.dat', 'movies.dat')) {
    return {
      source: 'movielens-1m',
      label: 'MovieLens 1M or 10M (.dat)',
      ratings: plainText(dir, 'ratings.dat', '::', ['user_id', 'film_id', 'value', 'ts']),
      films: plainText(dir, 'movies.dat', '::', ['film_id', 'title', 'genres']),
      viewers: has('users.dat')
        ? plainText(dir, 'users.dat', '::', ['user_id', 'gender', 'age', 'occupation', 'zip'])
        : null,
      ages: has('users.dat') ? 'bands' : 'none',
      scale: 'five',
      isArticleLast: true,
    };
  }
  if (has('ratings.csv', 'movies.csv')) {
    return {
      source: 'movielens',
      label: 'MovieLens latest, 20M, 25M or 32M (.csv)',
      ratings: {
        spec: commaSeparated(join(dir, 'ratings.csv')),
        columns: { user_id: 'userId', film_id: 'movieId', value: 'rating', ts: 'timestamp' },
      },
      films: { spec: commaSeparated(join(dir, 'movies.csv')), columns: { film_id: 'movieId' } },
      viewers: null,
      ages: 'none',
      scale: 'five',
      isArticleLast: true,
    };
  }
  throw new LayoutError(
    `${dir} is no MovieLens folder: expected u.data and u.item (100K), ratings.dat and movies.dat (1M, 10M), or ratings.csv and movies.csv (latest, 25M)`,
  );
}

function movietweetings(dir: string): Layout {
  if (!existsSync(join(dir, 'ratings.dat')) || !existsSync(join(dir, 'movies.dat'))) {
    throw new LayoutError(`${dir} is no MovieTweetings folder: expected ratings.dat and movies.dat`);
  }
  const films = plainText(dir, 'movies.dat', '::', ['film_id', 'title', 'genres']);
  return {
    source: 'movietweetings',
    label: 'MovieTweetings',
    ratings: plainText(dir, 'ratings.dat', '::', ['user_id', 'film_id', 'value', 'ts']),
    films: { ...films, spec: { ...films.spec, encoding: 'utf-8' } },
    viewers: null,
    ages: 'none',
    scale: 'ten',
    isArticleLast: false,
  };
}

const FILM_FILES = ['films.csv', 'movies.csv', 'items.csv'];
const SYNONYMS: Record<string, readonly string[]> = {
  user_id: ['user_id', 'userid', 'user', 'viewer', 'viewer_id', 'profile', 'profile_id', 'customer_id'],
  film_id: ['film_id', 'filmid', 'film', 'movie_id', 'movieid', 'movie', 'item_id', 'itemid', 'item', 'id'],
  value: ['value', 'rating', 'stars', 'score'],
  ts: ['ts', 'timestamp', 'time', 'date', 'rated_at', 'created_at'],
  title: ['title', 'name'],
  release_year: ['release_year', 'releaseyear', 'year'],
  genres: ['genres', 'genre'],
  actors: ['actors', 'cast'],
  directors: ['directors', 'director'],
  runtime_min: ['runtime_min', 'runtime'],
  certificates: ['certificates', 'certificate', 'mpa'],
  countries: ['countries', 'country'],
  languages: ['languages', 'language'],
};
const RATING_COLUMNS = ['user_id', 'film_id', 'value', 'ts'];

/** A folder with a ratings file and perhaps a films file, or the ratings file itself. */
async function plain(path: string, isFolder: boolean): Promise<Layout> {
  const dir = isFolder ? path : dirname(path);
  const names = await readdir(dir);
  const ratingsPath = isFolder ? join(dir, ratingsFileAmong(names, dir)) : path;
  const first = await firstLine(ratingsPath);
  const delimiter = delimiterOf(first);
  const header = splitLine(first, delimiter, true).map((cell) => cell.trim());
  const columns = recognise(header, RATING_COLUMNS);
  const isHeader = Object.keys(columns).length > 0;
  const missing = RATING_COLUMNS.filter((column) => !(column in columns));
  if (isHeader && missing.length > 0) {
    throw new LayoutError(
      `${ratingsPath}: no column for ${missing.join(', ')}; it has ${header.join(', ')} and should have viewer, film, rating, timestamp`,
    );
  }
  if (!isHeader && header.length < RATING_COLUMNS.length) {
    throw new LayoutError(`${ratingsPath}: expected viewer, film, rating, timestamp, found ${first}`);
  }
  const positions = header.map((_, i) => RATING_COLUMNS[i] ?? `column_${i + 1}`);
  const spec = { ...commaSeparated(ratingsPath), delimiter };
  const filmsFile = FILM_FILES.find((name) => names.includes(name));
  return {
    source: 'csv',
    label: `CSV (${basename(ratingsPath)}${isHeader ? '' : ', no header'})`,
    ratings: isHeader ? { spec, columns } : { spec: { ...spec, names: positions }, columns: {} },
    films: filmsFile === undefined ? null : await plainFilms(join(dir, filmsFile)),
    viewers: null,
    ages: 'none',
    scale: 'detect',
    isArticleLast: false,
  };
}

async function plainFilms(path: string): Promise<LayoutFile> {
  const first = await firstLine(path);
  const delimiter = delimiterOf(first);
  const header = splitLine(first, delimiter, true).map((cell) => cell.trim());
  const wanted = Object.keys(SYNONYMS).filter((column) => !['user_id', 'value', 'ts'].includes(column));
  return { spec: { ...commaSeparated(path), delimiter }, columns: recognise(header, wanted) };
}

function ratingsFileAmong(names: string[], dir: string): string {
  if (names.includes('ratings.csv')) return 'ratings.csv';
  const others = names.filter((name) => /\.(csv|tsv|txt)$/i.test(name) && !FILM_FILES.includes(name));
  if (others.length === 1 && others[0] !== undefined) return others[0];
  throw new LayoutError(
    `${dir}: expected ratings.csv, or one other .csv, .tsv or .txt file; found ${others.join(', ') || 'none'}`,
  );
}

/** Our column → their name, where a header's name is one that we know. */
export function recognise(header: string[], wanted: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const ours of wanted) {
    const theirs = (SYNONYMS[ours] ?? [])
      .map((synonym) => header.find((name) => name.toLowerCase() === synonym))
      .find((name) => name !== undefined);
    if (theirs !== undefined) found[ours] = theirs;
  }
  return found;
}

export function delimiterOf(line: string): string {
  const count = (delimiter: string) => line.split(delimiter).length;
  return ['::', '\t', ';', '|'].reduce((best, d) => (count(d) > count(best) ? d : best), ',');
}

export async function firstLine(path: string): Promise<string> {
  const file = await open(path);
  try {
    for await (const line of file.readLines()) return line.replace(/^\uFEFF/, '');
    throw new LayoutError(`${path} is empty`);
  } finally {
    await file.close();
  }
}

/** MovieLens and MovieTweetings text: no header, no quoting; MovieLens is Latin-1, of which its digits are a part. */
function plainText(dir: string, name: string, delimiter: string, names: string[]): LayoutFile {
  const spec: TableSpec = {
    path: join(dir, name),
    format: 'csv',
    delimiter,
    encoding: 'latin-1',
    isQuoted: false,
    names,
  };
  return { spec, columns: {} };
}

export function commaSeparated(path: string): TableSpec {
  return { path, format: 'csv', delimiter: ',', encoding: 'utf-8', isQuoted: true, names: null };
}
