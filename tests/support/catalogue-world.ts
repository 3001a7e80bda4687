import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogueNotes, mergeCatalogues } from '../../src/activities/merge-catalogue.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { createFeeds } from '../../src/adapters/catalogue/feeds.js';
import { type CatalogueSource, catalogueSourceSchema, configSchema } from '../../src/contracts/index.js';
import { type FeedServer, startFeedServer } from './feed-server.js';
import { warehouse } from './warehouse-data.js';

/** Our own catalogue: f1 complete, f2 with gaps and no certificate, f3 rated R. */
const OURS = `
  SELECT * FROM (VALUES
    ('f1', 'Metropolis', 1927, ['Sci-Fi'], ['Brigitte Helm'], ['Fritz Lang'], 153, '{"MPA":["PG"]}'),
    ('f2', 'Nosferatu', NULL, []::VARCHAR[], []::VARCHAR[], []::VARCHAR[], NULL, '{}'),
    ('f3', 'Vampyr', 1932, ['Horror'], []::VARCHAR[], []::VARCHAR[], NULL, '{"MPA":["R"]}')
  ) AS t (film_id, title, release_year, genres, actors, directors, runtime_min, certificates)`;

export interface Film {
  film_id: string;
  title: string;
  release_year: number | null;
  genres: string[];
  runtime_min: number | null;
  certificates: string;
  external_average: number | null;
  external_votes: number | null;
}

/** A film feed, a warehouse and a clock that only `hours` moves. */
export async function createCatalogueWorld() {
  const server: FeedServer = await startFeedServer();
  const root = mkdtempSync(join(tmpdir(), 'matinee-catalogue-'));
  let now = Date.parse('2026-03-10T12:00:00Z');
  let runs = 0;
  const clock = { now: () => new Date(now) };
  const artifacts = createArtifactStore(
    join(root, 'warehouse'),
    { codeSha256: 'c', configSha256: 'g' },
    clock,
  );
  const outside = { fetch, now: clock.now, sleep: async () => {}, random: () => 1 };
  const feeds = createFeeds(join(root, 'cache'), {}, outside);
  const deps = { artifacts, clock, config: configSchema.parse({}), feeds };

  const source = (more: Record<string, unknown> = {}) =>
    catalogueSourceSchema.parse({
      name: 'facts',
      kind: 'catalogue',
      url: server.url('/films'),
      licence: 'for tests',
      attempts: 1,
      requestsPerSecond: 100,
      ...more,
    });

  /** One extraction's worth: our films with the feeds' facts, and what was said about them. */
  async function merge(sources: CatalogueSource[] = [source()], { isRead = true } = {}) {
    const runId = `run-${++runs}`;
    const scratch = join(root, `scratch-${runId}`);
    mkdirSync(scratch);
    return warehouse.session(async (session) => {
      await session.run(
        `CREATE TEMP TABLE films_now AS
         SELECT *, []::VARCHAR[] AS countries, []::VARCHAR[] AS languages, ['*'] AS markets, NULL::TIMESTAMP AS added_at,
           NULL::DOUBLE AS external_average, NULL::INTEGER AS external_votes
         FROM (${OURS})`,
      );
      const { signal } = new AbortController();
      const run = isRead ? { night: '2026-03-09', runId, signal } : null;
      const uses = await mergeCatalogues(deps, session, sources, scratch, run);
      const films = await session.rows<Film>('SELECT * FROM films_now ORDER BY film_id');
      return { films, use: uses[0], notes: uses.flatMap(catalogueNotes) };
    });
  }
  return {
    server,
    artifacts,
    feeds,
    clock,
    source,
    merge,
    hours: (n: number) => void (now += n * 3_600_000),
    async dispose() {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
export type CatalogueWorld = Awaited<ReturnType<typeof createCatalogueWorld>>;

export const certificatesOf = ({ films }: { films: Film[] }) =>
  Object.fromEntries(
    films.map(({ film_id, certificates }) => [film_id, JSON.parse(certificates) as unknown]),
  );
