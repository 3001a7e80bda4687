import { join } from 'node:path';
import type { ArtifactStore, Clock, PidKey, Session, Warehouse } from '../../activities/deps.js';
import { check } from '../../activities/extract.js';
import { withScratch } from '../../activities/extract-catalogue.js';
import { countRefused, writeQuarantine } from '../../activities/extract-segments.js';
import { CONSENT, EVENT_TYPES } from '../../contracts/index.js';
import { sha256OfFile } from '../artifacts/hash.js';
import type { BulkLoads } from '../postgres/operational-store.js';
import { loadCertificates } from './certificates.js';
import {
  assumptionsOf,
  type ImportOptions,
  type ImportReport,
  merge,
  type Refused,
} from './import-report.js';
import type { Layout, LayoutFile } from './layouts.js';
import { openSourceRows } from './source-rows.js';

export interface ImportDeps {
  store: BulkLoads;
  warehouse: Warehouse;
  artifacts: ArtifactStore;
  pidKey: PidKey;
  clock: Clock;
  /** Called at each step, for progress. */
  onStep?: (step: string) => void;
}

/**
 * Imports a user's own folder into the operational store, and its refused rows into the quarantine. Rows stream from
 * file to DuckDB to COPY and are never held in JavaScript. Importing twice changes nothing: event ids are made from
 * what the events say.
 */
export async function importFolder(
  deps: ImportDeps,
  layout: Layout,
  options: ImportOptions,
): Promise<ImportReport> {
  const { artifacts, store } = deps;
  const step = deps.onStep ?? (() => undefined);
  return withScratch(artifacts.root, `runs/import-${layout.source}`, (scratch) =>
    deps.warehouse.session(async (session) => {
      await prepare(deps, session, layout);
      step('reading films');
      const refusedFilms = await readFilms(deps, session, layout);
      step('reading ratings');
      const scale = await readRatings(session, layout);
      if (layout.films === null) await filmsFromRatings(session);
      await session.set('value_scale', scale, 'DOUBLE');
      await check(session, 'file_events');
      const refused = await countRefused(session);
      await refuseWithoutEvents(session, layout, refused);
      const certificates = await loadCertificates(session, options.certificates);
      const span = await describeEvents(session, layout, options);

      step('loading films and viewers');
      const csv = async (model: string) => {
        const path = join(scratch, `${model}.csv`);
        await session.model(`extract/${model}`);
        await session.run(`COPY (FROM ${model}) TO $path (FORMAT csv, HEADER true)`, { path });
        return path;
      };
      const loadedFilms = await store.loadFilms(layout.source, await csv('import_films'));
      const loadedProfiles = await store.loadProfiles(layout.source, await csv('import_profiles'));
      step('loading events');
      const loaded = await store.loadEvents(layout.source, await csv('import_events'));

      const certified = { byFile: certificates.known, byFilms: await filmsWithCertificates(session) };
      const warnings = await warningsOf(session);
      if (certificates.films > certificates.known) {
        warnings['certificate:unknown-film'] = certificates.films - certificates.known;
      }
      await quarantineEvents(deps, session, layout, scale);
      return {
        source: layout.source,
        label: layout.label,
        films: loadedFilms.read,
        profiles: loadedProfiles.read,
        events: { read: loaded.read, new: loaded.written, known: loaded.read - loaded.written },
        span,
        quarantined: merge(refusedFilms, refused),
        warnings,
        assumptions: assumptionsOf(layout, options, scale, certified),
      };
    }),
  );
}

/** Fills `films_now`, and counts the rows that were refused. */
async function readFilms(deps: ImportDeps, session: Session, layout: Layout): Promise<Refused> {
  const { films, source } = layout;
  if (films === null) return { total: 0, byReason: {} };
  await openSourceRows(session, { name: source, kind: 'films', columns: films.columns }, films.spec);
  await session.set('is_article_last', layout.isArticleLast);
  await session.model('extract/film_rows');
  await session.model('extract/file_films');
  await session.run('CREATE OR REPLACE TEMP TABLE checked AS FROM file_films');
  await session.run(
    `CREATE OR REPLACE TEMP TABLE films_now AS
     SELECT DISTINCT ON (film_id) * EXCLUDE (reasons, fields, pid) FROM checked WHERE len(reasons) = 0
     ORDER BY film_id, rowid`,
  );
  await quarantine(deps, session, layout, films, 'films', 1);
  return countRefused(session);
}

async function prepare(deps: ImportDeps, session: Session, { source, viewers }: Layout): Promise<void> {
  await session.usePidKey(deps.pidKey);
  await session.set('now', deps.clock.now().toISOString().replace('Z', ''), 'TIMESTAMP');
  await session.set('event_types', [...EVENT_TYPES]);
  await session.set('source_name', source);
  await session.set('default_type', 'rating');
  await session.run('CREATE OR REPLACE TEMP TABLE viewer_ages (user_id VARCHAR, age INTEGER)');
  if (viewers === null) return;
  await openSourceRows(session, { name: source, kind: 'profiles', columns: viewers.columns }, viewers.spec);
  await session.run(
    `INSERT INTO viewer_ages
     SELECT user_id, any_value(TRY_CAST(json_extract_string(extra, '$.age') AS INTEGER)) FROM source_rows
     WHERE user_id <> '' GROUP BY user_id`,
  );
}

/**
 * Opens the ratings and finds their viewers: those of the viewers file, where there is one, else all that rated.
 * Returns what a rating is multiplied by to be one of 1..10.
 */
async function readRatings(session: Session, layout: Layout): Promise<number> {
  const { ratings, source } = layout;
  await openSourceRows(
    session,
    { name: source, kind: 'events', columns: ratings.columns, type: 'rating' },
    ratings.spec,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE raters AS
     SELECT user_id, max(TRY_CAST(value AS DOUBLE)) AS greatest FROM source_rows WHERE user_id <> '' GROUP BY user_id`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE viewers_now AS
     SELECT user_id, pid_of(user_id) AS pid FROM ${layout.viewers === null ? 'raters' : 'viewer_ages'}`,
  );
  if (layout.scale !== 'detect') return layout.scale === 'five' ? 2 : 1;
  const [row] = await session.rows<{ greatest: number | null }>(
    'SELECT max(greatest) AS greatest FROM raters',
  );
  return row?.greatest !== null && row !== undefined && row.greatest <= 5 ? 2 : 1;
}

/** Without a films file every film that was rated is one, by the name of its id. */
async function filmsFromRatings(session: Session): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE films_now AS
     SELECT DISTINCT film_id, film_id AS title, NULL::INTEGER AS release_year, []::VARCHAR[] AS genres,
       []::VARCHAR[] AS actors, []::VARCHAR[] AS directors, NULL::INTEGER AS runtime_min, '{}' AS certificates,
       []::VARCHAR[] AS countries, []::VARCHAR[] AS languages, ['*'] AS markets, NULL::TIMESTAMP AS added_at
     FROM source_rows WHERE film_id <> ''`,
  );
}

async function refuseWithoutEvents(session: Session, layout: Layout, refused: Refused): Promise<void> {
  const [good] = await session.rows<{ n: number }>(
    'SELECT count(*)::INTEGER AS n FROM checked WHERE len(reasons) = 0',
  );
  if ((good?.n ?? 0) > 0) return;
  const why = Object.entries(refused.byReason).map(([reason, n]) => `${reason} ${n}`);
  throw new Error(
    `${layout.ratings.spec.path}: no usable rating among ${refused.total} rows (${why.join(', ') || 'the file is empty'}); nothing was imported`,
  );
}

async function describeEvents(session: Session, layout: Layout, options: ImportOptions) {
  const [span] = await session.rows<{ from: string; to: string; year: number }>(
    `SELECT min(ts)::DATE::VARCHAR AS "from", max(ts)::DATE::VARCHAR AS "to", year(max(ts))::INTEGER AS year
     FROM checked WHERE len(reasons) = 0`,
  );
  await session.set('ages', layout.ages);
  await session.set('assume_adult', options.assumeAge === 'adult');
  await session.set('consent', CONSENT.personalisation, 'INTEGER');
  await session.set('data_year', span?.year ?? null, 'INTEGER');
  return span === undefined ? null : { from: span.from, to: span.to };
}

async function filmsWithCertificates(session: Session): Promise<number> {
  const [counted] = await session.rows<{ n: number }>(
    `SELECT count(*)::INTEGER AS n FROM films_now WHERE certificates <> '{}'`,
  );
  return counted?.n ?? 0;
}

async function warningsOf(session: Session): Promise<Record<string, number>> {
  const [counted] = await session.rows<{ titles: number; years: number }>(
    `SELECT (SELECT coalesce(sum(n - 1), 0) FROM (
               SELECT count(*) AS n FROM films_now GROUP BY title, release_year))::INTEGER AS titles,
            (SELECT count(*) FROM films_now WHERE release_year IS NULL)::INTEGER AS years`,
  );
  const warnings: Record<string, number> = {};
  if (counted !== undefined && counted.titles > 0) warnings['title:duplicate'] = counted.titles;
  if (counted !== undefined && counted.years > 0) warnings['year:missing'] = counted.years;
  return warnings;
}

const quarantineEvents = (deps: ImportDeps, session: Session, layout: Layout, scale: number) =>
  quarantine(deps, session, layout, layout.ratings, 'events', scale);

/** Named by the file's content: the same file imported again is the same segment. */
async function quarantine(
  deps: ImportDeps,
  session: Session,
  { source }: Layout,
  { spec, columns }: LayoutFile,
  kind: 'events' | 'films',
  valueScale: number,
): Promise<void> {
  const segment = (await sha256OfFile(spec.path)).slice(0, 12);
  const earlier = (await deps.artifacts.list(`quarantine/${source}`)).some((uri) =>
    uri.endsWith(`/${segment}`),
  );
  if (earlier) return;
  const day = deps.clock.now().toISOString().slice(0, 10);
  await writeQuarantine(
    deps.artifacts,
    session,
    `quarantine/${source}/day=${day}/${segment}`,
    {
      source,
      kind,
      runId: null,
      of: null,
      replaces: null,
      columns,
      type: kind === 'events' ? 'rating' : null,
      valueScale,
    },
    spec.path,
  );
}
