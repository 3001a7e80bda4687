import { createHash } from 'node:crypto';
import type { Night } from '../../src/contracts/index.js';
import { bucketOf } from '../../src/core/identity/pid.js';

export const NIGHT: Night = {
  date: '2026-01-31',
  asOf: '2026-02-01T00:00:00.000Z',
  runId: '2026-01-31-run',
  warmStart: true,
  why: 'test',
};
export const BUCKETS = 2;

export interface FilmRow {
  film_id: string;
  title: string;
  release_year: number | null;
  genres: string[];
  actors: string[];
  directors: string[];
  runtime_min: number | null;
  certificates: string;
  countries: string[];
  languages: string[];
  markets: string[];
  added_at: string | null;
}
export interface ViewerRow {
  pid: string;
  bucket: number;
  market: string;
  birth_year: number | null;
  is_kids: boolean;
  is_adult_declared: boolean;
  consent: number;
  created_at: string | null;
  not_interested: string[];
  dont_use: string[];
}
export interface InteractionRow {
  bucket: number;
  pid: string;
  film_id: string;
  preference: number | null;
  w_micro: number;
  is_seen: boolean;
  is_disliked: boolean;
  kind: string | null;
  rating: number | null;
  last_at: string;
}
export interface WorldRows {
  films: FilmRow[];
  viewers: ViewerRow[];
  interactions: InteractionRow[];
  votes: { film_id: string; votes: number; rating_sum: number }[];
}

export function pidFor(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function viewerRow(name: string, facts: Partial<ViewerRow> = {}): ViewerRow {
  const pid = pidFor(name);
  return {
    pid,
    bucket: bucketOf(pid, BUCKETS),
    market: 'default',
    birth_year: 1980,
    is_kids: false,
    is_adult_declared: false,
    consent: 31,
    created_at: null,
    not_interested: [],
    dont_use: [],
    ...facts,
  };
}

export function filmRow(filmId: string, facts: Partial<FilmRow> = {}): FilmRow {
  return {
    film_id: filmId,
    title: `Film ${filmId}`,
    release_year: 1950,
    genres: ['Drama'],
    actors: ['Someone'],
    directors: [],
    runtime_min: 100,
    certificates: '{"MPA":["PG"]}',
    countries: [],
    languages: [],
    markets: ['*'],
    added_at: null,
    ...facts,
  };
}

export function interactionRow(
  viewer: ViewerRow,
  filmId: string,
  facts: Partial<InteractionRow> = {},
): InteractionRow {
  return {
    bucket: viewer.bucket,
    pid: viewer.pid,
    film_id: filmId,
    preference: 1,
    w_micro: 1_000_000,
    is_seen: true,
    is_disliked: false,
    kind: 'watched',
    rating: null,
    last_at: '2026-01-30 20:00:00',
    ...facts,
  };
}

/** A number in 0…1 that depends on the words alone. */
export function chance(...words: (string | number)[]): number {
  return createHash('md5').update(words.join('|')).digest().readUInt32LE(0) / 2 ** 32;
}

const CERTIFICATES = [
  '{"MPA":["G"]}',
  '{"MPA":["PG"]}',
  '{"MPA":["PG-13"],"BBFC":["12A"]}',
  '{"MPA":["Rated R"]}',
  '{}',
  '{"MPA":["NR"]}',
  '{"FSK":["6"],"KMRB":["18"]}',
];

/** 40 films under all kinds of certificates, 60 viewers of all ages, and what they did. */
export function smallWorld(): WorldRows {
  const genres = ['Drama', 'Comedy', 'Film-Noir', 'Western'];
  const films = Array.from({ length: 40 }, (_, i) =>
    filmRow(`f${String(i).padStart(2, '0')}`, {
      certificates: CERTIFICATES[i % CERTIFICATES.length] ?? '{}',
      genres: [genres[i % genres.length] ?? 'Drama'],
      markets: i % 9 === 8 ? ['US'] : ['*'],
      added_at: i >= 35 ? '2026-01-20 00:00:00' : null,
    }),
  );
  const births = [1980, 2008, 2012, 2018, null, null];
  const viewers = Array.from({ length: 60 }, (_, i) =>
    viewerRow(`viewer ${i}`, {
      birth_year: births[i % births.length] ?? null,
      is_kids: i % 6 === 5,
      market: ['default', 'US', 'GB', 'KR'][i % 4] ?? 'default',
      consent: i % 10 === 9 ? 0 : 31,
    }),
  );
  const interactions = viewers.flatMap((viewer, v) =>
    v % 7 === 6
      ? []
      : films
          .filter((film) => chance('saw', viewer.pid, film.film_id) < 0.3)
          .map((film) => {
            const isNegative = chance('bad', viewer.pid, film.film_id) < 0.2;
            return interactionRow(viewer, film.film_id, {
              preference: isNegative ? 0 : 1,
              w_micro: 200_000 + Math.floor(chance('w', viewer.pid, film.film_id) * 2_000_000),
              is_disliked: isNegative,
              kind: isNegative ? null : (['watched', 'liked', 'rated'][v % 3] ?? 'watched'),
            });
          }),
  );
  const votes = films
    .filter((_, i) => i < 35)
    .map((film, i) => ({
      film_id: film.film_id,
      votes: 10 + i * 30,
      rating_sum: (10 + i * 30) * (5 + (i % 5)),
    }));
  return { films, viewers, interactions, votes };
}
