import { join } from 'node:path';
import { z } from 'zod';
import {
  type ArtifactRef,
  type Certificates,
  certificatesSchema,
  type Config,
  reasonSchema,
  servedBySchema,
} from '../contracts/index.js';
import { EVIDENCE_KINDS } from '../core/explain/reason.js';
import { type Allows, filmMinAge, isAllowed, NEVER } from '../core/age-gate/index.js';
import { INTERACTION_COLUMNS } from './columns.js';
import type { ArtifactStore, Session, ViewerList } from './deps.js';
import { permanentFailure } from './failures.js';
import { LISTS_FILE, VIEWERS_FILE } from './score.js';

/** What publishing knows of a film, read from the snapshot and not from the lists. */
export interface PublishedFilm {
  filmId: string;
  title: string;
  year: number | null;
  certificates: Certificates;
}

export interface ListTables {
  snapshot: { films: ArtifactRef; viewers: ArtifactRef };
  /** What scoreBucket wrote, all buckets. */
  buckets: ArtifactRef[];
  /** Absent: lists explain nothing. */
  interactions?: ArtifactRef | undefined;
}

/** Views films, viewers, interactions, lists and scored. */
export async function openListViews(
  artifacts: ArtifactStore,
  session: Session,
  { snapshot, buckets, interactions }: ListTables,
): Promise<void> {
  const tableOf = (file: string) => buckets.map((ref) => join(artifacts.path(ref.uri), file));
  await session.view('films', await artifacts.files(snapshot.films));
  await session.view('viewers', await artifacts.files(snapshot.viewers));
  const behaviour = interactions === undefined ? [] : await artifacts.files(interactions);
  await session.view('interactions', behaviour, INTERACTION_COLUMNS);
  await session.view('lists', tableOf(LISTS_FILE), {
    pid: 'UUID',
    rank: 'SMALLINT',
    film_id: 'VARCHAR',
    score: 'DOUBLE',
    min_age: 'INTEGER',
    reason_kind: 'VARCHAR',
    reason_text: 'VARCHAR',
    reason_film_ids: 'VARCHAR[]',
  });
  await session.view('scored', tableOf(VIEWERS_FILE), {
    pid: 'UUID',
    served_by: 'VARCHAR',
    max_age: 'INTEGER',
    market: 'VARCHAR',
    why: 'VARCHAR',
    why_code: 'VARCHAR',
    items: 'INTEGER',
  });
}

/** Rows per query: some milliseconds of the event loop each. */
const FILMS_PER_PAGE = 2000;
const VIEWERS_PER_PAGE = 50;

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

/** Viewers packed at once: all of them at 20,000 viewers needed more than 3.7 GiB, some 190 KiB each. */
const VIEWERS_PER_PASS = 2000;

/** Prepares reading the views lists, scored, interactions, viewers and films, one row per viewer. */
export async function prepareLists(session: Session): Promise<void> {
  await session.set('evidence_kinds', [...EVIDENCE_KINDS]);
  await session.run('CREATE TEMP TABLE pass_viewers (pid UUID)');
  await session.model('publish/histories');
  await session.model('publish/packed_lists');
}

/** Every viewer's list in pid order, through the age gate. After prepareLists. */
export async function* publishableLists(session: Session, toList: ListReading): AsyncGenerator<ViewerList> {
  await session.run('CREATE OR REPLACE TEMP TABLE answered AS SELECT pid FROM scored ORDER BY pid');
  const [answered] = await session.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM answered');
  for (let from = 0; from < (answered?.n ?? 0); from += VIEWERS_PER_PASS) {
    await session.run(
      `CREATE OR REPLACE TEMP TABLE pass_viewers AS
       SELECT pid FROM answered WHERE rowid >= ${from} AND rowid < ${from + VIEWERS_PER_PASS}`,
    );
    await session.run('CREATE OR REPLACE TEMP TABLE packed AS FROM packed_lists ORDER BY pid');
    for await (const row of pages(session, 'packed', VIEWERS_PER_PAGE)) yield toList(row);
  }
}

/** The lists of the viewers in view `rehearsal_sample`, to be compared with what the API answers. After prepareLists. */
export async function sampledLists(session: Session, toList: ListReading): Promise<ViewerList[]> {
  await session.run(
    'CREATE OR REPLACE TEMP TABLE pass_viewers AS SELECT pid::UUID AS pid FROM rehearsal_sample',
  );
  return (await session.rows('FROM packed_lists ORDER BY pid')).map(toList);
}

const packedSchema = z.object({
  pid: z.string(),
  served_by: servedBySchema,
  max_age: z.number().int(),
  market: z.string(),
  why: z.string().nullable(),
  items: z.string(),
  history: z.string(),
});
const itemSchema = z.object({ filmId: z.string(), score: z.number(), reason: reasonSchema });

const historySchema = z.array(
  z.object({ filmId: z.string(), weightMicro: z.number().int(), flags: z.number().int().min(0).max(255) }),
);

export type ListReading = (row: unknown) => ViewerList;

/**
 * From a packed row to the list that is published: facts of the snapshot's films, scores to 6 digits, minimum ages
 * computed anew. An item counts as old as the oldest film that it shows, itself or in its reason, so that serving need
 * look at nothing else. An item that is not allowed fails the release; it is never dropped silently.
 */
export function createListReading(
  films: ReadonlyMap<string, PublishedFilm>,
  ages: Config['ages'],
  allows: Allows = isAllowed,
): ListReading {
  const minAgeOf = createMinAges(films, ages);
  return (raw) => {
    const row = packedSchema.parse(raw);
    const { pid, served_by: servedBy, max_age: maxAge, market, why } = row;
    const read = (stored: unknown) => {
      const { filmId, score, reason } = itemSchema.parse(stored);
      const minAge = Math.max(...[filmId, ...reason.movieIds].map((id) => minAgeOf(id, market)));
      const film = films.get(filmId);
      if (film === undefined || !allows(maxAge, minAge)) {
        throw permanentFailure(
          'AgeAuditFailed',
          `list of viewer ${pid}: film ${filmId} with its reason is from age ${minAge}, not allowed up to age ${maxAge}`,
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
    };
    const items = z.array(z.unknown()).parse(JSON.parse(row.items)).map(read);
    const history = historySchema.parse(JSON.parse(row.history));
    return {
      pid,
      servedBy,
      maxAge,
      market,
      ...(why === null ? {} : { why }),
      items,
      ...(history.length === 0 ? {} : { history }),
    };
  };
}

/** Minimum age of a film in a market, remembered; NEVER for a film that the snapshot does not know. */
function createMinAges(films: ReadonlyMap<string, PublishedFilm>, ages: Config['ages']) {
  const markets = new Map<string, Map<string, number>>();
  return (filmId: string, market: string): number => {
    let known = markets.get(market);
    if (known === undefined) markets.set(market, (known = new Map()));
    const earlier = known.get(filmId);
    if (earlier !== undefined) return earlier;
    const film = films.get(filmId);
    const minAge = film === undefined ? NEVER : filmMinAge(film.certificates, market, ages);
    known.set(filmId, minAge);
    return minAge;
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
