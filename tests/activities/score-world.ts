import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityDeps, ViewerList } from '../../src/activities/deps.js';
import { createFormulaActivities } from '../../src/activities/formula.js';
import { createPublishActivities } from '../../src/activities/publish.js';
import { createRetentionActivities } from '../../src/activities/retention.js';
import { createScoreActivities } from '../../src/activities/score.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { sha256OfFile } from '../../src/adapters/artifacts/hash.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import {
  type ArtifactRef,
  configSchema,
  type Profile,
  type TrainingRecord,
} from '../../src/contracts/index.js';
import { profileMaxAge } from '../../src/core/age-gate/index.js';
import { modelFiles } from '../../src/core/ranking/model-files.js';
import { inlineThreads } from '../support/inline-threads.js';
import { chance, NIGHT, type ViewerRow, type WorldRows } from './score-world-rows.js';
import { overCopy } from './world-copies.js';

const YEAR = 2026;

const COLUMNS = {
  films: `film_id: 'VARCHAR', title: 'VARCHAR', release_year: 'INTEGER', genres: 'VARCHAR[]', actors: 'VARCHAR[]',
    directors: 'VARCHAR[]', runtime_min: 'INTEGER', certificates: 'VARCHAR', countries: 'VARCHAR[]',
    languages: 'VARCHAR[]', markets: 'VARCHAR[]', added_at: 'TIMESTAMP',
    external_average: 'DOUBLE', external_votes: 'INTEGER'`,
  viewers: `pid: 'UUID', bucket: 'INTEGER', market: 'VARCHAR', birth_year: 'INTEGER', is_kids: 'BOOLEAN',
    is_adult_declared: 'BOOLEAN', consent: 'INTEGER', created_at: 'TIMESTAMP',
    not_interested: 'VARCHAR[]', dont_use: 'VARCHAR[]'`,
  interactions: `bucket: 'INTEGER', pid: 'UUID', film_id: 'VARCHAR', preference: 'TINYINT', w_micro: 'INTEGER',
    is_seen: 'BOOLEAN', is_disliked: 'BOOLEAN', kind: 'VARCHAR', rating: 'SMALLINT', last_at: 'TIMESTAMP'`,
  feat_viewer: `bucket: 'INTEGER', pid: 'UUID', market: 'VARCHAR', max_age: 'INTEGER', is_personal: 'BOOLEAN',
    n_pos: 'INTEGER', hidden_films: 'VARCHAR[]'`,
  votes: `film_id: 'VARCHAR', votes: 'INTEGER', rating_sum: 'BIGINT', weighted_rating: 'DOUBLE'`,
};

/** What scoring, publishing and sweeping use. */
type WorldDeps = Pick<
  ActivityDeps,
  | 'config'
  | 'clock'
  | 'artifacts'
  | 'analysts'
  | 'warehouse'
  | 'releases'
  | 'rehearsal'
  | 'threads'
  | 'codeSha256'
  | 'toolchain'
>;

/** A small warehouse on disk with everything that scoring and publishing read, made from plain rows. */
export async function createWorld(
  rows: WorldRows,
  options: {
    config?: unknown;
    code?: string;
    facts?: object;
    /** Made from nothing, not from a copy: for worlds that are made by code with a part taken away, or compared. */
    isAnew?: boolean;
  } = {},
) {
  const root = mkdtempSync(join(tmpdir(), 'matinee-world-'));
  const clock = { now: () => new Date('2026-02-01T02:30:00Z') };
  const codeSha256 = (options.code ?? 'c').repeat(64);
  const artifacts = createArtifactStore(root, { codeSha256, configSha256: 'd'.repeat(64) }, clock);
  const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 });
  const rehearsed: ViewerList[][] = [];
  const refreshes: string[] = [];
  const deps: WorldDeps = {
    // Each bucket alone, unless a test says otherwise.
    config: configSchema.parse(options.config ?? { lists: { viewersAtOnce: 1 } }),
    clock,
    artifacts,
    // What a view names must be there, and these worlds have manifests without files.
    analysts: { refresh: async () => void refreshes.push(artifacts.root) },
    warehouse,
    releases: createReleaseStore(root, clock),
    rehearsal: {
      measure: async () => ({ lists: null, foldIn: null }),
      async rehearse(releaseId, sample) {
        rehearsed.push(sample);
        const reader = await deps.releases.readLists(releaseId);
        const failures = sample.filter(
          (list) => JSON.stringify(reader.get(list.pid)) !== JSON.stringify(list),
        );
        await reader.close();
        return { checked: sample.length, failures: failures.map((list) => list.pid) };
      },
    },
    threads: inlineThreads,
    codeSha256,
    toolchain: { lockSha256: 'l'.repeat(64), node: 'v20.19.0', duckdb: 'v1.5.5', machine: 'linux-x64' },
  };

  /** An artefact of one Parquet table, from plain rows. */
  const table = (
    uri: string,
    columns: keyof typeof COLUMNS,
    content: object[],
    facts = {},
  ): Promise<ArtifactRef> =>
    artifacts.write(uri, { schema: columns, inputs: [] }, async (folder) => {
      const source = join(root, `${columns}.ndjson`);
      await writeFile(source, content.map((row) => JSON.stringify(row)).join('\n'));
      const file = await warehouse.session((session) =>
        session.copy(
          `SELECT * FROM read_json('${source}', format = 'newline_delimited', columns = {${COLUMNS[columns]}}) ORDER BY ALL`,
          join(folder, `${columns}.parquet`),
        ),
      );
      return { files: [file], facts };
    });

  const profileOf = (viewer: ViewerRow): Pick<Profile, 'birthYear' | 'isKids' | 'isAdultDeclared'> => ({
    birthYear: viewer.birth_year,
    isKids: viewer.is_kids,
    isAdultDeclared: viewer.is_adult_declared,
  });
  const run = `runs/${NIGHT.runId}`;
  const fill = async () => {
    const day = await artifacts.write(
      'events/day=2026-01-30/v=000000000000',
      { schema: 'events/1', inputs: [] },
      async () => ({ files: [] }),
    );
    return {
      events: await artifacts.write(
        `${run}/stage/events`,
        { schema: 'snapshot/1', inputs: [day] },
        async () => ({ files: [] }),
      ),
      films: await table(`${run}/extract/films`, 'films', rows.films),
      viewers: await table(`${run}/extract/viewers`, 'viewers', rows.viewers),
      interactions: await table(
        `${run}/features/interactions`,
        'interactions',
        rows.interactions,
        options.facts,
      ),
      featViewer: await table(
        `${run}/features/viewers`,
        'feat_viewer',
        rows.viewers.map((viewer) => ({
          bucket: viewer.bucket,
          pid: viewer.pid,
          market: viewer.market,
          max_age: profileMaxAge(profileOf(viewer), YEAR, deps.config.ages),
          is_personal: (viewer.consent & 1) === 1,
          n_pos: 1,
          hidden_films: [...new Set([...viewer.not_interested, ...viewer.dont_use])],
        })),
      ),
      votes: await table(
        `${run}/features/weighted-rating`,
        'votes',
        rows.votes.map((row) => ({ ...row, weighted_rating: 0 })),
        { m: 100, c: 6.5, votes: rows.votes.reduce((sum, row) => sum + row.votes, 0) },
      ),
    };
  };
  const refs = await (options.isAnew ? fill() : overCopy(root, JSON.stringify([rows, options]), fill));

  /** Random numbers for all but every fifth film: what a model looks like from outside; of the config's kind. */
  const model = (k = 6, cold: { filmId: string; isNew: boolean }[] = []): Promise<ArtifactRef> =>
    artifacts.write(`${run}/train`, { schema: 'model/1', inputs: [] }, async (folder) => {
      const kind = deps.config.model === 'ease' ? 'ease' : 'als';
      const filmIds = rows.films
        .map((film) => film.film_id)
        .filter((_, i) => i % 5 !== 4)
        .sort();
      const films = filmIds.length;
      const width = kind === 'als' ? k : films;
      const numberOf = (filmId: string, j: number) => chance('y', filmId, j) - 0.3;
      const learnt = Float32Array.from({ length: films * width }, (_, i) =>
        numberOf(filmIds[Math.floor(i / width)] ?? '', i % width),
      );
      if (kind === 'ease') for (let i = 0; i < films; i++) learnt[i * films + i] = 0;
      const prior = Float32Array.from({ length: cold.length * width }, (_, i) =>
        kind === 'als'
          ? numberOf(cold[Math.floor(i / k)]?.filmId ?? '', i % k)
          : numberOf(cold[i % cold.length]?.filmId ?? '', Math.floor(i / cold.length)),
      );
      const made = { users: 9, films, recipe: 'e'.repeat(64), warmFrom: null };
      const record: TrainingRecord =
        kind === 'ease'
          ? { kind, lambda: 500, ...made }
          : { kind, k, alpha0: 0.3, lambda: 0.007, nu: 1, seed: 1, epochs: 1, losses: [1], ...made };
      const standing = filmIds.map((id) => ({
        positives: 30,
        trendMicro: Math.floor(1e7 * chance('now', id)),
      }));
      const json = (value: unknown) => Buffer.from(JSON.stringify(value));
      const contents = [
        Buffer.from(learnt.buffer),
        json(filmIds),
        json(standing),
        Buffer.from(prior.buffer),
        json(cold),
        json(record),
      ];
      const names = modelFiles(kind);
      for (const [n, path] of names.entries()) await writeFile(join(folder, path), contents[n]!);
      return {
        files: await Promise.all(
          names.map(async (path) => ({
            path,
            sha256: await sha256OfFile(join(folder, path)),
            rows: 0,
            bytes: 0,
          })),
        ),
      };
    });

  const [score, formula, publish, retention] = [
    createScoreActivities(deps),
    createFormulaActivities(deps),
    createPublishActivities(deps),
    createRetentionActivities(deps),
  ];
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
  const inActivity = <T>(work: () => Promise<T>): Promise<T> => environment.run(work);

  return {
    root,
    deps,
    refs,
    rows,
    rehearsed,
    refreshes,
    heartbeats,
    environment,
    model,
    formula: {
      build: (asOf = NIGHT.asOf, runId = NIGHT.runId) =>
        inActivity(() =>
          formula.buildFormula({ runId, asOf, films: refs.films, weightedRating: refs.votes }),
        ),
      publish: (ref: ArtifactRef, asOf = NIGHT.asOf) =>
        inActivity(() => formula.publishFormula({ formula: ref, asOf })),
    },
    score: {
      plan: () => inActivity(() => score.planBuckets({ viewers: refs.featViewer })),
      bucket: (
        bucket: number,
        formulaRef: ArtifactRef,
        modelRef: ArtifactRef | null,
        night = NIGHT,
        through = bucket,
      ) =>
        inActivity(() =>
          score.scoreBucket({
            night,
            bucket,
            through,
            features: { interactions: refs.interactions, viewers: refs.featViewer },
            model: modelRef,
            formula: formulaRef,
          }),
        ),
    },
    publish: (input: Parameters<typeof publish.publishRelease>[0]) =>
      inActivity(() => publish.publishRelease(input)),
    sweep: (input: Parameters<typeof retention.sweepRetention>[0]) =>
      inActivity(() => retention.sweepRetention(input)),
    /** Rows of one of an artefact's Parquet files. */
    rowsOf: <T>(ref: ArtifactRef, file: string, order: string): Promise<T[]> =>
      warehouse.session(async (session) => {
        await session.view('t', [join(artifacts.path(ref.uri), file)]);
        return session.rows<T>(`SELECT * FROM t ORDER BY ${order}`);
      }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;
