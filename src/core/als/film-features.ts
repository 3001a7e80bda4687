import type { Arena } from './arena.js';

/** What is known of a film before anybody has seen it. */
export interface FilmFacts {
  genres: readonly string[];
  actors: readonly string[];
  directors: readonly string[];
  countries: readonly string[];
  languages: readonly string[];
  year: number | null;
  runtimeMin: number | null;
  /** Printed labels by scheme. */
  certificates: Readonly<Record<string, readonly string[]>>;
}

export const NOTHING_KNOWN: FilmFacts = {
  genres: [],
  actors: [],
  directors: [],
  countries: [],
  languages: [],
  year: null,
  runtimeMin: null,
  certificates: {},
};

/** f_i of each film in compressed rows: features of film r are feature[start[r]] … feature[start[r+1]−1], ascending. */
export interface FilmRows {
  start: Int32Array;
  feature: Int32Array;
  value: Float64Array;
}
export interface FilmFeatures extends FilmRows {
  names: string[];
}

/** Rows in memory that threads share. */
export function sharedRows(arena: Arena, { start, feature, value }: FilmRows): FilmRows {
  const rows = {
    start: arena.int32(start.length),
    feature: arena.int32(feature.length),
    value: arena.float64(value.length),
  };
  rows.start.set(start);
  rows.feature.set(feature);
  rows.value.set(value);
  return rows;
}

/** A name with fewer titles says nothing of its own; of people the rest share buckets (science I.2). */
const MIN_TITLES = 5;
const BUCKETS = 128;
/** Names of one kind with a feature of their own, those of most titles: the ridge costs the cube of their number. */
const MOST_NAMES = 400;
/** Upper ends of the bins of runtime, in minutes: shorts, featurettes, then quarters of an hour. */
const RUNTIMES = [40, 70, 85, 100, 115, 130, 150];

/** Of people, rare names are hashed; of other kinds they are left out. */
const KINDS = [
  'genre',
  'actor',
  'director',
  'country',
  'language',
  'decade',
  'runtime',
  'certificate',
] as const;
type Kind = (typeof KINDS)[number];
const HASHED: ReadonlySet<Kind> = new Set(['actor', 'director']);
/** Few by nature: each value counts however rare. */
const CLOSED: ReadonlySet<Kind> = new Set(['genre', 'decade', 'runtime']);

/**
 * Features of all films of a catalogue: 1 for being a film, and of each kind the film's n names at 1/√n, so that a long
 * cast weighs as much as a short one. Names are counted over the films given: equal films in any order, equal features.
 */
export function filmFeatures(films: readonly FilmFacts[]): FilmFeatures {
  const named = films.map(namesOf);
  const known = Object.fromEntries(KINDS.map((kind) => [kind, ownNames(named, kind)]));
  const rows = named.map((names) => rowOf(names, known as Record<Kind, Set<string>>));
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))].sort();
  const numbers = new Map(names.map((name, n) => [name, n]));
  const start = new Int32Array(films.length + 1);
  rows.forEach((row, n) => (start[n + 1] = start[n]! + row.size));
  const feature = new Int32Array(start[films.length]!);
  const value = new Float64Array(feature.length);
  rows.forEach((row, n) => {
    const cells = [...row].map(([name, v]) => [numbers.get(name)!, v] as const).sort(([a], [b]) => a - b);
    cells.forEach(([number, v], c) => {
      feature[start[n]! + c] = number;
      value[start[n]! + c] = v;
    });
  });
  return { names, start, feature, value };
}

type Names = Record<Kind, string[]>;

function namesOf(film: FilmFacts): Names {
  const distinct = (names: readonly string[]) => [...new Set(names)];
  const { year, runtimeMin } = film;
  return {
    genre: distinct(film.genres),
    actor: distinct(film.actors),
    director: distinct(film.directors),
    country: distinct(film.countries),
    language: distinct(film.languages),
    decade: year === null ? [] : [String(year - (year % 10))],
    runtime: runtimeMin === null ? [] : [`below ${RUNTIMES.find((end) => runtimeMin < end) ?? 'any'}`],
    certificate: distinct(
      Object.entries(film.certificates).flatMap(([scheme, labels]) =>
        labels.map((label) => `${scheme} ${label}`),
      ),
    ),
  };
}

function ownNames(films: readonly Names[], kind: Kind): Set<string> {
  const titles = new Map<string, number>();
  for (const film of films) for (const name of film[kind]) titles.set(name, (titles.get(name) ?? 0) + 1);
  const least = CLOSED.has(kind) ? 1 : MIN_TITLES;
  const own = [...titles].filter(([, count]) => count >= least);
  own.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return new Set(own.slice(0, MOST_NAMES).map(([name]) => name));
}

function rowOf(film: Names, known: Record<Kind, Set<string>>): Map<string, number> {
  const row = new Map([['film', 1]]);
  for (const kind of KINDS) {
    const share = 1 / Math.sqrt(film[kind].length);
    for (const name of film[kind]) {
      const isOwn = known[kind].has(name);
      if (!isOwn && !HASHED.has(kind)) continue;
      const feature = isOwn ? `${kind} ${name}` : `${kind} # ${bucketOf(name)}`;
      row.set(feature, (row.get(feature) ?? 0) + share);
    }
  }
  return row;
}

/** FNV-1a over UTF-16 units: the same on every engine. */
function bucketOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}
