import { join } from 'node:path';
import {
  type CatalogueSource,
  type CatalogueUse,
  certificatesSchema,
  type CertificateConflict,
  type Config,
} from '../contracts/index.js';
import { addCertificates } from '../core/age-gate/index.js';
import type { ExtractDeps, Session } from './deps.js';
import {
  CATALOGUE_FILE,
  CONFLICTS_NAMED,
  newestReading,
  type Reading,
  type RefreshDeps,
  refreshCatalogue,
  writeRows,
} from './refresh-catalogue.js';

const DAY_MS = 86_400_000;

/**
 * Brings the facts of catalogue feeds into `films_now`, in the order of the config; `run` reads feeds that are due,
 * null only uses what was read before. The films of the operational store and of files come first: a feed fills what they
 * leave open (or, with `prefer: theirs`, replaces what is not empty), never lowers a certificate, and its averages stay
 * facts of their own.
 */
export async function mergeCatalogues(
  deps: RefreshDeps & Pick<ExtractDeps, 'config'>,
  session: Session,
  sources: CatalogueSource[],
  scratch: string,
  run: { night: string; runId: string; signal: AbortSignal } | null,
): Promise<CatalogueUse[]> {
  const uses: CatalogueUse[] = [];
  for (const source of sources) {
    const problem =
      run === null ? null : await refreshCatalogue(deps, session, source, { ...run, scratch }, run.signal);
    const reading = await newestReading(deps.artifacts, source.name);
    uses.push(
      reading === null
        ? neverRead(source, problem)
        : await merge(deps, session, source, { reading, problem, scratch }),
    );
  }
  return uses;
}

async function merge(
  deps: RefreshDeps,
  session: Session,
  source: CatalogueSource,
  { reading, problem, scratch }: { reading: Reading; problem: string | null; scratch: string },
): Promise<CatalogueUse> {
  await session.view('feed', [join(deps.artifacts.path(reading.uri), CATALOGUE_FILE)]);
  const added = source.addsFilms ? await addFilms(session) : 0;
  const refused = await mergeCertificates(
    session,
    deps.config,
    join(scratch, `${source.name}-certificates.ndjson`),
  );
  await session.set('prefer_theirs', source.prefer === 'theirs');
  await session.model('extract/merged_films');
  const [use] = await session.rowsOf<{ rows: number; matched: number } & Record<string, number>>(
    'extract/feed_uses',
  );
  if (use === undefined) throw new Error('extract/feed_uses gave no row, expected exactly one');
  await session.run('CREATE OR REPLACE TEMP TABLE films_merged AS FROM merged_films');
  await session.run('CREATE OR REPLACE TEMP TABLE films_now AS FROM films_merged');
  const { rows, matched, ...filled } = use;
  const ageMs = deps.clock.now().getTime() - Date.parse(reading.facts.fetchedAt);
  const before = reading.facts.conflicts;
  return {
    source: source.name,
    address: reading.facts.address,
    licence: source.licence,
    fetchedAt: reading.facts.fetchedAt,
    ageDays: Math.round((ageMs / DAY_MS) * 10) / 10,
    isStale: ageMs > source.staleDays * DAY_MS,
    problem,
    rows,
    matched: matched - added,
    added,
    unknown: rows - matched,
    filled: Object.fromEntries(Object.entries(filled).filter(([, n]) => n > 0)),
    conflicts: {
      total: before.total + refused.length,
      first: [...before.first, ...refused].slice(0, CONFLICTS_NAMED),
    },
  };
}

/** Films that only the feed names; without a title there is nothing to show. */
async function addFilms(session: Session): Promise<number> {
  const isNew = 'title IS NOT NULL AND film_id NOT IN (SELECT film_id FROM films_now)';
  const [counted] = await session.rows<{ n: number }>(
    `SELECT count(*)::INTEGER AS n FROM feed WHERE ${isNew}`,
  );
  await session.run(
    `INSERT INTO films_now BY NAME
     SELECT film_id, title, []::VARCHAR[] AS genres, []::VARCHAR[] AS actors, []::VARCHAR[] AS directors,
       '{}' AS certificates, []::VARCHAR[] AS countries, []::VARCHAR[] AS languages, ['*'] AS markets
     FROM feed WHERE ${isNew}`,
  );
  return counted?.n ?? 0;
}

/** Makes `feed_certificates`; returns what was refused. */
async function mergeCertificates(
  session: Session,
  config: Config,
  file: string,
): Promise<CertificateConflict[]> {
  const rows = await session.rows<{ film_id: string; ours: string; theirs: string }>(
    `SELECT film_id, films_now.certificates AS ours, feed.certificates AS theirs FROM films_now JOIN feed USING (film_id)
     WHERE feed.certificates <> '{}' ORDER BY film_id`,
  );
  const conflicts: CertificateConflict[] = [];
  const merged = [];
  for (const { film_id, ours, theirs } of rows) {
    const sum = addCertificates(parse(ours), parse(theirs), config.ages);
    conflicts.push(...sum.refused.map((refused) => ({ filmId: film_id, ...refused, than: 'ours' as const })));
    if (sum.isStricter) merged.push({ film_id, certificates: JSON.stringify(sum.certificates) });
  }
  await writeRows(file, merged);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE feed_certificates AS
     FROM read_json($file, format = 'newline_delimited', columns = {film_id: 'VARCHAR', certificates: 'VARCHAR'})`,
    { file },
  );
  return conflicts;
}

const parse = (certificates: string) => certificatesSchema.parse(JSON.parse(certificates));

const neverRead = (source: CatalogueSource, problem: string | null): CatalogueUse => {
  const { origin, pathname } = new URL(source.url);
  return {
    source: source.name,
    address: origin + pathname,
    licence: source.licence,
    fetchedAt: null,
    ageDays: null,
    isStale: false,
    problem: problem ?? 'it was not read yet',
    rows: 0,
    matched: 0,
    added: 0,
    unknown: 0,
    filled: {},
    conflicts: { total: 0, first: [] },
  };
};

/** What a person should hear about a feed: trouble first, then under what terms its facts are used. */
export function catalogueNotes(use: CatalogueUse): string[] {
  const name = `catalogue ${use.source}`;
  const asOf = use.fetchedAt === null ? '' : `its facts of ${use.fetchedAt.slice(0, 10)} are used`;
  const notes: string[] = [];
  if (use.problem !== null)
    notes.push(`${name}: ${use.problem}; ${asOf === '' ? 'nothing of it is used' : asOf}`);
  if (use.isStale) notes.push(`${name} is ${use.ageDays} days old, more than staleDays`);
  const [worst] = use.conflicts.first;
  if (worst !== undefined) {
    notes.push(
      `${name}: ${use.conflicts.total} certificates that would open a film to younger viewers were refused, e.g. ` +
        `${worst.scheme} ${worst.labels.join(', ')} of film ${worst.filmId} (age ${worst.minAge}; ${worst.keptAge} stays)`,
    );
  }
  if (use.fetchedAt !== null) {
    notes.push(
      `${name}: facts of ${use.matched + use.added} films by ${use.address}; licence: ${use.licence}`,
    );
  }
  return notes;
}
