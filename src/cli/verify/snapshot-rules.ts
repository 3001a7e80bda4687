import type { ArtifactStore, ListReader, ReleaseStore, Session, Warehouse } from '../../activities/deps.js';
import { pause } from '../../activities/pause.js';
import { openAgeTables } from '../../activities/publish-audit.js';
import type { CatalogueFilm, Config, Lineage, ReleaseManifest, WorkDone } from '../../contracts/index.js';
import { NEVER } from '../../core/age-gate/index.js';
import { canonicalJson } from '../../core/identity/hash.js';
import type { Problem } from './problem.js';

/** Read without a pause: some milliseconds of the event loop. */
const LISTS_PER_TURN = 256;

export interface SnapshotDeps {
  releases: Pick<ReleaseStore, 'readLists' | 'readFormula'>;
  artifacts: ArtifactStore;
  warehouse: Warehouse;
}

interface Job {
  manifest: ReleaseManifest;
  lineage: Lineage;
  config: Config;
  say: (work: WorkDone) => void;
}

/**
 * Certificates, rights and ages that a release carries itself would be checked against themselves; so films and profiles of
 * the run's snapshot are read once more, and worked out by the audit's own SQL. Null = the snapshot is gone.
 */
export async function snapshotProblems(
  { releases, artifacts, warehouse }: SnapshotDeps,
  { manifest, lineage, config, say }: Job,
): Promise<Problem[] | null> {
  const { films, viewers } = lineage.snapshot;
  for (const { uri } of [films, viewers]) if ((await artifacts.read(uri)) === null) return null;
  say({ step: 'films and profiles of the snapshot' });
  const truth = await warehouse.session(async (session) => {
    await session.view('films', await artifacts.files(films));
    await session.view('viewers', await artifacts.files(viewers));
    await openAgeTables(session, manifest.asOf, config.ages);
    return readTruth(session);
  });
  const found: Problem[] = [];
  if (manifest.formulaRelease !== null) {
    const catalogue = await releases.readFormula(manifest.formulaRelease);
    found.push(...catalogue.films.flatMap((film) => filmProblem(film, truth)));
  }
  const reader = await releases.readLists(manifest.releaseId);
  try {
    found.push(...(await listProblems(reader, truth, manifest.counts.viewers, say)));
  } finally {
    await reader.close();
  }
  return found;
}

interface Truth {
  /** What decides who may see a film, as canonical JSON, by film. */
  facts: Map<string, string>;
  viewers: Map<string, { market: string; maxAge: number }>;
  /** Years by market and film. */
  minAges: Map<string, number>;
}

const cell = (market: string, filmId: string) => `${market}\n${filmId}`;
const factsOf = (certificates: unknown, markets: readonly string[]) =>
  canonicalJson({ certificates, markets: [...markets].sort() });

async function readTruth(session: Session): Promise<Truth> {
  const films = await session.rows<{ film_id: string; certificates: string; markets: string }>(
    'SELECT film_id, certificates::VARCHAR AS certificates, to_json(markets)::VARCHAR AS markets FROM films',
  );
  const viewers = await session.rows<{ pid: string; market: string; max_age: number }>(
    'SELECT pid::VARCHAR AS pid, market, max_age::INTEGER AS max_age FROM viewer_ages',
  );
  const ages = await session.rows<{ film_id: string; market: string; min_age: number }>(
    'SELECT film_id, market, min_age::INTEGER AS min_age FROM film_market_ages',
  );
  return {
    facts: new Map(
      films.map(({ film_id, certificates, markets }) => [
        film_id,
        factsOf(JSON.parse(certificates), JSON.parse(markets) as string[]),
      ]),
    ),
    viewers: new Map(viewers.map(({ pid, market, max_age }) => [pid, { market, maxAge: max_age }])),
    minAges: new Map(ages.map(({ film_id, market, min_age }) => [cell(market, film_id), min_age])),
  };
}

function filmProblem({ filmId, certificates, markets }: CatalogueFilm, { facts }: Truth): Problem[] {
  const [seen, wanted] = [factsOf(certificates, markets), facts.get(filmId)];
  if (seen === wanted) return [];
  const says =
    wanted === undefined ? 'is not in the snapshot' : `the release has ${seen}, the snapshot ${wanted}`;
  return [{ check: 'snapshot', about: `film ${filmId}`, says }];
}

async function listProblems(
  reader: ListReader,
  truth: Truth,
  of: number,
  say: (work: WorkDone) => void,
): Promise<Problem[]> {
  const found: Problem[] = [];
  let done = 0;
  for (const pid of reader.pids()) {
    found.push(...listProblem(reader, pid, truth));
    if (++done % LISTS_PER_TURN !== 0) continue;
    say({ step: 'ages by the snapshot', done, of, unit: 'lists' });
    await pause();
  }
  return found;
}

/** Fails closed, as the audit does: whom or what the snapshot does not know may see, or be shown, nothing. */
function listProblem(reader: ListReader, pid: string, { viewers, minAges }: Truth): Problem[] {
  const list = reader.get(pid);
  if (list === null) return [];
  const problem = (says: string): Problem => ({ check: 'snapshot', about: `viewer ${pid}`, says });
  const viewer = viewers.get(pid);
  if (viewer === undefined) return [problem('is not in the snapshot')];
  const { market, maxAge } = viewer;
  const found: Problem[] = [];
  if (list.market !== market) found.push(problem(`market ${list.market}, the profile says ${market}`));
  if (list.maxAge > maxAge)
    found.push(problem(`films up to age ${list.maxAge}, the profile allows ${maxAge}`));
  for (const [n, { filmId, reason }] of list.items.entries()) {
    for (const shown of [filmId, ...reason.movieIds]) {
      const minAge = minAges.get(cell(market, shown)) ?? Infinity;
      if (minAge <= maxAge && minAge < NEVER) continue;
      const as = shown === filmId ? '' : ', cited';
      found.push(
        problem(`place ${n + 1}${as}: film ${shown} is from age ${minAge}, the profile allows ${maxAge}`),
      );
    }
  }
  return found;
}
