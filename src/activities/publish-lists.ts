import { z } from 'zod';
import {
  type Certificates,
  certificatesSchema,
  type Config,
  reasonSchema,
  servedBySchema,
} from '../contracts/index.js';
import { filmMinAge, isAllowed } from '../core/age-gate/index.js';
import type { Session, ViewerList } from './deps.js';
import { permanentFailure } from './failures.js';

/** What publishing knows of a film, read from the snapshot and not from the lists. */
export interface PublishedFilm {
  filmId: string;
  title: string;
  year: number | null;
  certificates: Certificates;
}

/** Rows per query: some milliseconds of the event loop each. */
const FILMS_PER_PAGE = 2000;
const VIEWERS_PER_PAGE = 100;

const filmSchema = z.object({
  film_id: z.string(),
  title: z.string(),
  release_year: z.number().int().nullable(),
  certificates: z.string().nullable(),
});

/** All films of view `films`, by id. */
export async function readFilms(session: Session): Promise<Map<string, PublishedFilm>> {
  await session.run(
    'CREATE TEMP TABLE listable AS SELECT film_id, title, release_year, certificates FROM films ORDER BY film_id',
  );
  const films = new Map<string, PublishedFilm>();
  for await (const row of pages(session, 'listable', FILMS_PER_PAGE)) {
    const { film_id: filmId, title, release_year: year, certificates } = filmSchema.parse(row);
    const printed = certificatesSchema.parse(JSON.parse(certificates ?? '{}'));
    films.set(filmId, { filmId, title, year, certificates: printed });
  }
  return films;
}

/** Makes `packed` of views lists and scored: one row per viewer, in pid order. */
export async function packLists(session: Session): Promise<void> {
  await session.model('publish/packed_lists');
  await session.run('CREATE TEMP TABLE packed AS SELECT * FROM packed_lists ORDER BY pid');
}

/** Every viewer's list in pid order, through the age gate. After packLists. */
export async function* publishableLists(session: Session, toList: ListReading): AsyncGenerator<ViewerList> {
  for await (const row of pages(session, 'packed', VIEWERS_PER_PAGE)) yield toList(row);
}

/** The lists of some viewers, ready to be compared with what the API answers. */
export async function listsOf(session: Session, pids: string[], toList: ListReading): Promise<ViewerList[]> {
  const rows = await session.rows('SELECT * FROM packed WHERE pid IN (SELECT unnest($pids)) ORDER BY pid', {
    pids,
  });
  return rows.map(toList);
}

const packedSchema = z.object({
  pid: z.string(),
  served_by: servedBySchema,
  max_age: z.number().int(),
  market: z.string(),
  why: z.string().nullable(),
  items: z.string(),
});
const itemSchema = z.object({ filmId: z.string(), score: z.number(), reason: reasonSchema });

export type ListReading = (row: unknown) => ViewerList;

/**
 * From a packed row to the list that is published: facts of the snapshot's films, scores to 6 digits, minimum ages
 * computed anew. A film that is not allowed fails the release; it is never dropped silently.
 */
export function createListReading(
  films: ReadonlyMap<string, PublishedFilm>,
  ages: Config['ages'],
): ListReading {
  const minAges = new Map<string, number>();
  const minAgeOf = (film: PublishedFilm, market: string): number => {
    const key = `${market}\n${film.filmId}`;
    const known = minAges.get(key);
    if (known !== undefined) return known;
    const minAge = filmMinAge(film.certificates, market, ages);
    minAges.set(key, minAge);
    return minAge;
  };

  return (raw) => {
    const { pid, served_by: servedBy, max_age: maxAge, market, why, items } = packedSchema.parse(raw);
    return {
      pid,
      servedBy,
      maxAge,
      market,
      ...(why === null ? {} : { why }),
      items: z
        .array(itemSchema)
        .parse(JSON.parse(items))
        .map(({ filmId, score, reason }) => {
          const film = films.get(filmId);
          const minAge = film === undefined ? Number.NaN : minAgeOf(film, market);
          if (film === undefined || !isAllowed(maxAge, minAge)) {
            throw permanentFailure(
              'AgeAuditFailed',
              `list of viewer ${pid}: film ${filmId} (from age ${minAge}) is not allowed up to age ${maxAge}`,
            );
          }
          return {
            filmId,
            minAge,
            title: film.title,
            year: film.year,
            score: Number(score.toPrecision(6)),
            reason,
          };
        }),
    };
  };
}

/** Rows of a temporary table in its order, a page at a time, so that the event loop stays free. */
async function* pages(session: Session, table: 'listable' | 'packed', size: number): AsyncGenerator {
  for (let from = 0; ; from += size) {
    const rows = await session.rows(
      `SELECT * FROM ${table} WHERE rowid >= ${from} AND rowid < ${from + size} ORDER BY rowid`,
    );
    yield* rows;
    if (rows.length < size) return;
  }
}
