import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CatalogueUse,
  EVENT_TYPES,
  type FileSource,
  isCatalogueSource,
  isFileSource,
} from '../contracts/index.js';
import type { ExtractDeps, Session } from './deps.js';
import { writeQuarantine } from './extract-segments.js';
import { mergeCatalogues } from './merge-catalogue.js';

/** Everything that events are checked against. */
type CatalogueDeps = Pick<
  ExtractDeps,
  'artifacts' | 'clock' | 'config' | 'datasets' | 'feeds' | 'pidKey' | 'store'
>;

/** A folder for files between two systems; the retention sweep knows its name if a crash leaves it behind. */
export async function withScratch<T>(
  root: string,
  prefix: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(root, `${prefix}.tmp-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Fills `films_now` and `viewers_now` (the only place where an operational id stands beside its pid) from the operational
 * store and from file sources of films and profiles; of two with one id the store's wins, then the earlier source's.
 * Catalogue feeds add their facts last; with `signal`, those that are due are read again.
 * Returns unknown columns of those files as `<source>.<column>`, and what was taken from each feed.
 */
export async function loadCatalogue(
  deps: CatalogueDeps,
  session: Session,
  scratch: string,
  run: { night: string; runId: string | null; signal?: AbortSignal },
): Promise<{ newColumns: string[]; catalogues: CatalogueUse[] }> {
  await session.usePidKey(deps.pidKey);
  await session.set('now', deps.clock.now().toISOString().replace('Z', ''), 'TIMESTAMP');
  await session.set('event_types', [...EVENT_TYPES]);
  await session.set('films_file', join(scratch, 'films.csv'));
  await session.set('viewers_file', join(scratch, 'profiles.csv'));
  await deps.store.extractFilms(join(scratch, 'films.csv'));
  await deps.store.extractProfiles(join(scratch, 'profiles.csv'));
  await session.model('extract/copied_films');
  await session.model('extract/copied_viewers');
  await session.run('CREATE OR REPLACE TEMP TABLE films_now AS FROM copied_films');
  await session.run('CREATE OR REPLACE TEMP TABLE viewers_now AS FROM copied_viewers');

  const newColumns: string[] = [];
  for (const source of deps.config.sources.filter(isFileSource)) {
    newColumns.push(...(await addFiles(deps, session, source, run)));
  }
  const { night, runId, signal } = run;
  const catalogues = await mergeCatalogues(
    deps,
    session,
    deps.config.sources.filter(isCatalogueSource),
    scratch,
    runId === null || signal === undefined ? null : { night, runId, signal },
  );
  return { newColumns, catalogues };
}

const CATALOGUES = {
  films: { model: 'extract/file_films', table: 'films_now', key: 'film_id', view: 'file_films' },
  profiles: { model: 'extract/file_viewers', table: 'viewers_now', key: 'user_id', view: 'file_viewers' },
} as const;

async function addFiles(
  deps: CatalogueDeps,
  session: Session,
  source: FileSource,
  run: { night: string; runId: string | null },
): Promise<string[]> {
  if (source.kind === 'events') return [];
  const { model, table, key, view } = CATALOGUES[source.kind];
  const unknown = new Set<string>();
  for (const file of await deps.datasets.match(session, source)) {
    for (const column of await deps.datasets.open(session, source, file.path)) unknown.add(column);
    if (source.kind === 'films')
      await session.run('CREATE OR REPLACE TEMP VIEW film_rows AS FROM source_rows');
    await session.model(model);
    await session.run(`CREATE OR REPLACE TEMP TABLE checked AS FROM ${view}`);
    await session.run(
      `INSERT INTO ${table} BY NAME
       SELECT DISTINCT ON (${key}) * EXCLUDE (reasons, fields ${source.kind === 'films' ? ', pid' : ''})
       FROM checked WHERE len(reasons) = 0 AND ${key} NOT IN (SELECT ${key} FROM ${table}) ORDER BY ${key}, rowid`,
    );
    const segment = file.sha256.slice(0, 12);
    const known = (await deps.artifacts.list(`quarantine/${source.name}`)).some((uri) =>
      uri.endsWith(`/${segment}`),
    );
    if (known) continue; // refused and reported on an earlier night
    const { name, kind, columns, type = null } = source;
    await writeQuarantine(
      deps.artifacts,
      session,
      `quarantine/${name}/day=${run.night}/${segment}`,
      { source: name, kind, runId: run.runId, of: null, replaces: null, columns, type, valueScale: 1 },
      file.path,
    );
  }
  return [...unknown].map((column) => `${source.name}.${column}`);
}
