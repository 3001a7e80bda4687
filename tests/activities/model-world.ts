import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Served } from '../../src/activities/champion.js';
import type { ActivityContext, ReleaseStore, Session, Threads } from '../../src/activities/deps.js';
import type { SplitBuilders } from '../../src/activities/split-parts.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { createJudge } from '../../src/adapters/threads/judge.js';
import { createTrainer } from '../../src/adapters/threads/trainer.js';
import {
  type ArtifactRef,
  type Night,
  type ReleaseManifest,
  configSchema,
} from '../../src/contracts/index.js';
import { inlineThreads } from '../support/inline-threads.js';

export const ASOF = '2024-06-01T00:00:00.000Z';

export const night = (runId: string, date = '2024-05-31'): Night => ({
  date,
  asOf: ASOF,
  runId,
  warmStart: true,
  why: 'test',
});

/** A personal release of a night, as far as later nights look at it. */
export function releaseOf(
  date: string,
  model: ReleaseManifest['model'],
  report: ReleaseManifest['report'] = null,
): ReleaseManifest {
  return {
    schema: 'release/1',
    releaseId: `release-${date}`,
    kind: 'personal',
    night: date,
    asOf: ASOF,
    inputSha256: '',
    contentSha256: '',
    provisional: false,
    counts: { viewers: 0, personal: 0, formula: 0, none: 0, noneReasons: {}, films: 0 },
    model: model && {
      uri: model.uri,
      sha256: model.sha256,
      recipe: model.recipe,
      ...(model.kind === undefined ? {} : { kind: model.kind }),
    },
    formulaRelease: null,
    report,
    verdict: null,
    audit: { pairs: 0, violations: 0 },
    files: [],
    config: {},
    createdAt: ASOF,
  };
}

export interface World {
  deps: ReturnType<typeof makeDeps>;
  /** What the activity said, in order. */
  beats: unknown[];
  controller: AbortController;
  context: () => ActivityContext;
  /** Runs SQL that makes one Parquet artefact. */
  artifact(uri: string, select: string): Promise<ArtifactRef>;
  close(): void;
}

/** Real store and warehouse in a folder of their own; releases are given. `threads`: real ones where they are the point. */
export function makeWorld(
  config: Record<string, unknown>,
  releases: { channel: string[]; manifests: Record<string, ReleaseManifest> } = {
    channel: [],
    manifests: {},
  },
  threads: Threads = inlineThreads,
): World {
  const root = mkdtempSync(join(tmpdir(), 'matinee-test-'));
  const deps = makeDeps(root, config, releases, threads);
  const beats: unknown[] = [];
  const controller = new AbortController();
  return {
    deps,
    beats,
    controller,
    context: () => ({
      heartbeat: (details) => void beats.push(details),
      resume: undefined,
      signal: controller.signal,
    }),
    artifact: (uri, select) =>
      deps.artifacts.write(uri, { schema: 'test', inputs: [] }, async (folder) => ({
        files: [await deps.warehouse.session((s) => s.copy(select, join(folder, 'data.parquet')))],
      })),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

function makeDeps(
  root: string,
  config: Record<string, unknown>,
  given: { channel: string[]; manifests: Record<string, ReleaseManifest> },
  threads: Threads,
) {
  const clock = { now: () => new Date(ASOF) };
  return {
    config: configSchema.parse(config),
    artifacts: createArtifactStore(root, { codeSha256: 'code', configSha256: 'config' }, clock),
    warehouse: createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 }),
    releases: givenReleases(given),
    trainer: createTrainer(threads),
    judge: createJudge(threads),
    codeSha256: 'code',
  };
}

/** Releases as the stages of this test ask for them. */
function givenReleases(given: {
  channel: string[];
  manifests: Record<string, ReleaseManifest>;
}): Served & Pick<ReleaseStore, 'readCard'> {
  return {
    history: async () =>
      given.channel.map((releaseId, n) => ({
        seq: n + 1,
        releaseId,
        previous: null,
        by: '',
        reason: '',
        at: '',
      })),
    manifest: async (releaseId) => given.manifests[releaseId] ?? null,
    readCard: async () => null,
  };
}

/** Two tastes: even viewers watch even films, odd viewers odd films, 3 of 4 of them; some dislike the other half. */
export const INTERACTIONS = `
  SELECT
    (u % 16)::INTEGER AS bucket, uuid_of(u) AS pid, 'film-' || lpad(i::VARCHAR, 3, '0') AS film_id,
    (CASE WHEN u % 2 = i % 2 THEN 1 ELSE 0 END)::TINYINT AS preference,
    (CASE WHEN u % 2 = i % 2 THEN 1000000 ELSE 300000 END)::INTEGER AS w_micro,
    true AS is_seen, false AS is_disliked, 'rated' AS kind, 8::SMALLINT AS rating,
    TIMESTAMP '2024-05-01' AS last_at
  FROM range(60) AS viewers(u), range(40) AS films(i)
  WHERE hash_of(u, i) % 4 < (CASE WHEN u % 2 = i % 2 THEN 3 ELSE 1 END)`
  .replaceAll('uuid_of(u)', "(lpad(u::VARCHAR, 8, '0') || '-0000-0000-0000-000000000000')::UUID")
  .replaceAll('hash_of(u, i)', "md5_number_lower(u || '/' || i)");

/**
 * Facts of these films, even ones comedies and odd ones dramas, and of four more of both kinds that nobody rated: 040 and 041
 * were in the catalogue for long, 042 and 043 came a week before T.
 */
export const FACTS = `
  SELECT
    'film-' || lpad(i::VARCHAR, 3, '0') AS film_id, [if(i % 2 = 0, 'Comedy', 'Drama')] AS genres,
    ['Somebody ' || i] AS actors, []::VARCHAR[] AS directors, ['US'] AS countries, ['en'] AS languages,
    1950 + i % 2 AS release_year, 90 AS runtime_min, '{"MPA":["G"]}' AS certificates,
    if(i >= 42, TIMESTAMP '2024-05-25', TIMESTAMP '2020-01-01') AS added_at
  FROM range(44) AS films(i)`;

/** Plain builders for tests: a rating of 7 or more is positive and relevant, one of 3 or less negative. */
export const plainBuilders: SplitBuilders = {
  snapshotFiles: (artifacts, snapshot) => artifacts.files(snapshot),
  async buildTrainPart(session, input) {
    await readEvents(session, input.events, input.asOf);
    await session.copy(
      `SELECT bucket, pid, film_id,
              (CASE WHEN value >= 7 THEN 1 WHEN value <= 3 THEN 0 END)::TINYINT AS preference,
              (CASE WHEN value BETWEEN 4 AND 6 THEN 0 ELSE 1000000 END)::INTEGER AS w_micro,
              true AS is_seen, value <= 3 AS is_disliked, 'rated' AS kind, value AS rating, ts AS last_at
       FROM part ORDER BY bucket, pid, film_id`,
      input.outPath,
    );
    await session.copy(
      `SELECT film_id, count(*)::INTEGER AS votes, sum(value)::BIGINT AS rating_sum, 0::DOUBLE AS weighted_rating
       FROM part GROUP BY film_id ORDER BY film_id`,
      input.ratingPath,
    );
    await session.run('CREATE OR REPLACE TEMP TABLE interactions AS FROM part'); // as the real builders leave one
  },
  async buildRelevance(session, input) {
    await readEvents(session, input.events, input.asOf);
    await session.view('train_interactions', input.trainInteractions);
    await session.copy(
      `SELECT bucket, pid, film_id FROM part
       ANTI JOIN train_interactions USING (pid, film_id) WHERE value >= 7 ORDER BY bucket, pid, film_id`,
      input.outPath,
    );
  },
};

async function readEvents(
  session: Session,
  events: Parameters<SplitBuilders['buildTrainPart']>[1]['events'],
  asOf: string,
): Promise<void> {
  if ('eventFiles' in events) await session.view('source', events.eventFiles);
  else await session.run(`CREATE OR REPLACE TEMP VIEW source AS ${events.eventsSql}`);
  await session.set('part_end', asOf, 'TIMESTAMP');
  await session.run(`CREATE OR REPLACE TEMP TABLE part AS FROM source WHERE ts < getvariable('part_end')`);
}
