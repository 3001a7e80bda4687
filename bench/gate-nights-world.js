// Whole nights of a small audience through the stages' own code, without servers, with a fault where its cause would be.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_COLUMNS } from '../dist/activities/columns.js';
import { inContext } from '../dist/activities/context.js';
import { createEvaluateActivities } from '../dist/activities/evaluate.js';
import { createFeaturesActivities } from '../dist/activities/features.js';
import { createFormulaActivities } from '../dist/activities/formula.js';
import { buildRelevance, buildTrainPart } from '../dist/activities/interactions.js';
import { createPublishActivities } from '../dist/activities/publish.js';
import { effectOfCode } from '../dist/activities/repro/code-effect.js';
import { createScoreActivities } from '../dist/activities/score.js';
import { EVENTS_FILE, snapshotFiles } from '../dist/activities/snapshot.js';
import { createTrainActivities, fitAgain } from '../dist/activities/train.js';
import { createArtifactStore } from '../dist/adapters/artifacts/artifact-store.js';
import { createWarehouse } from '../dist/adapters/duckdb/warehouse.js';
import { createReleaseStore } from '../dist/adapters/releases/release-store.js';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { createJudge } from '../dist/adapters/threads/judge.js';
import { createTrainer } from '../dist/adapters/threads/trainer.js';
import { createRehearsal } from '../dist/api/rehearsal.js';
import { configSchema } from '../dist/contracts/config.js';
import { profileMaxAge } from '../dist/core/age-gate/index.js';
import { hashOf } from '../dist/core/identity/hash.js';
import { below, randomOf } from '../dist/core/random/random.js';
import { GENRES, makeWorld } from './gate-world.js';

const DAY_MS = 86_400_000;
/** The candidate's night, and the champion's before it. */
export const NIGHT = '2026-02-28';
const BEFORE = '2026-02-27';
const T = Date.parse(NIGHT) + DAY_MS;
/** A viewer's last choices are of these days, the earlier ones of those before. */
const LAST_DAYS = 8;
const EARLIER_DAYS = 70;
const CODE = 'c'.repeat(64);
const UPGRADED = 'd'.repeat(64);
const CONTEXT = { heartbeat: () => {}, resume: undefined, signal: new AbortController().signal };

/** A warehouse with the audience's behaviour, and a champion that was judged and released the night before. */
export async function makeNights({ viewers, films, seed, given }) {
  const root = mkdtempSync(join(tmpdir(), 'matinee-gate-'));
  const clock = { now: () => new Date(T + 2.5 * 3_600_000) };
  const threads = createThreads();
  const releases = createReleaseStore(root, clock);
  const build = {
    codeSha256: CODE,
    toolchain: { lockSha256: '', node: process.version, duckdb: '', machine: '' },
  };
  const depsOf = (changes = {}) => {
    const config = configSchema.parse({ ...given, ...changes.config });
    const own = { ...build, ...changes.build };
    return {
      config,
      clock,
      threads,
      artifacts: createArtifactStore(root, { ...own, configSha256: hashOf(config) }, clock),
      warehouse: createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 }),
      releases,
      rehearsal: createRehearsal(root, releases, { config, clock }),
      trainer: createTrainer(threads),
      judge: createJudge(threads),
      ...own,
    };
  };
  const deps = depsOf();
  const snapshot = await snapshotOf(deps, makeWorld({ viewers, films, seed, pull: 0.6 }), root);
  const champion = await night(deps, { date: BEFORE, runId: 'champion', snapshot });
  if (champion.channel !== 'flipped') throw new Error(`no champion: ${JSON.stringify(champion.verdict)}`);
  return {
    /** The candidate's night with a fault; `as`: by the same recipe, by other code, or by another config without effect. */
    judge(fault, as, runId) {
      const changes = {
        refresh: {},
        upgrade: { build: { codeSha256: UPGRADED } },
        // Of a cold start nothing depends on it, and another recipe starts cold.
        'config change': { config: { ials: { ...given.ials, epochsWarm: 2 } } },
      }[as];
      return night(spoiled(depsOf(changes), fault), { date: NIGHT, runId, snapshot });
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function night(deps, { date, runId, snapshot }) {
  const plan = {
    date,
    asOf: new Date(Date.parse(date) + DAY_MS).toISOString(),
    runId,
    warmStart: true,
    why: 'bench',
  };
  return inContext(CONTEXT, async () => {
    const features = await createFeaturesActivities(deps, profileMaxAge).buildFeatures({
      night: plan,
      snapshot,
    });
    const { asOf } = plan;
    const { weightedRating, popularity } = features;
    const formulas = createFormulaActivities(deps);
    const formula = await formulas.buildFormula({
      runId,
      asOf,
      films: snapshot.films,
      weightedRating,
      popularity,
    });
    const { releaseId: formulaRelease } = await formulas.publishFormula({ formula, asOf });
    const trained = await createTrainActivities(deps).trainCandidate({ night: plan, features });
    const { model } = trained;
    const { evaluation, report, verdict } = await createEvaluateActivities({
      ...deps,
      split: { buildRelevance, buildTrainPart, snapshotFiles },
      refit: (...work) => fitAgain(deps, ...work),
      effectOfCode: (...work) => effectOfCode(deps, ...work),
    }).evaluateCandidate({ night: plan, snapshot, features, model });
    if (verdict.kind !== 'promote') return { verdict, report, channel: 'not asked' };
    const score = createScoreActivities(deps);
    const buckets = [];
    for (const range of await score.planBuckets({ viewers: features.viewers }))
      buckets.push(await score.scoreBucket({ night: plan, ...range, features, model, formula }));
    const published = await createPublishActivities(deps)
      .publishRelease({
        night: plan,
        snapshot,
        buckets,
        interactions: features.interactions,
        formula,
        formulaRelease,
        model,
        evaluation,
        report,
        verdict,
        publish: true,
        expectSeq: (await deps.releases.current('default'))?.seq ?? 0,
        by: 'bench',
      })
      .catch((error) => ({
        channel: 'failed',
        verdict,
        failure: error.type ?? 'error',
        says: error.message,
      }));
    return { report, ...published };
  });
}

/** Stages as they would be with a fault in them. */
function spoiled(deps, { events, train, ageLimits }) {
  const spoil = (session) => ({
    ...session,
    async view(name, files, columns) {
      await session.view(name, files, columns);
      if (name !== 'source_events' || events === undefined) return;
      // What reads behaviour up to a point in time reads files; the test part is a SELECT, and stays as it is.
      await session.view('true_events', files, columns);
      await session.run(`CREATE OR REPLACE TEMP VIEW source_events AS ${events}`);
    },
    set: (name, value, type) =>
      session.set(
        name,
        name === 'age_limits' && ageLimits !== undefined ? value.map(() => ageLimits) : value,
        type,
      ),
  });
  return {
    ...deps,
    warehouse: {
      ...deps.warehouse,
      session: (work, options) => deps.warehouse.session((session) => work(spoil(session)), options),
    },
    trainer:
      train === undefined
        ? deps.trainer
        : spoiledTrainer(deps.trainer, typeof train === 'function' ? train() : train),
  };
}

/** Folding in is no training: the champion's kept refit stays what it is. */
const spoiledTrainer = (trainer, { before = () => {}, after = () => {} }) => ({
  async train(workspace, options) {
    if (options.epochs === 0) return trainer.train(workspace, options);
    before(workspace);
    const losses = await trainer.train(workspace, options);
    after(workspace);
    return losses;
  },
});

/** Films, profiles and likes as staging writes them. */
async function snapshotOf({ artifacts, warehouse }, { catalogue, people }, root) {
  const table = (uri, name, columns, rows, inputs = []) =>
    artifacts.write(uri, { schema: 'bench', inputs }, async (folder) => {
      const ndjson = join(root, 'rows.ndjson');
      writeFileSync(ndjson, rows.map((row) => JSON.stringify(row)).join('\n'));
      const types = Object.entries(columns).map(([column, type]) => `${column}: '${type}'`);
      const select = `SELECT * FROM read_json($ndjson, format = 'newline_delimited', columns = {${types.join(', ')}}) ORDER BY ALL`;
      return {
        files: [await warehouse.session((session) => session.copy(select, join(folder, name), { ndjson }))],
      };
    });
  const day = await table(`events/day=${NIGHT}/v=0`, EVENTS_FILE, EVENT_COLUMNS, eventsOf(catalogue, people));
  const events = await artifacts.write(
    'runs/all/stage/events',
    { schema: 'snapshot/1', inputs: [day] },
    async () => ({
      files: [{ path: 'days.json', sha256: day.sha256, rows: 0, bytes: 0 }],
    }),
  );
  return {
    events,
    films: await table('runs/all/stage/films', 'films.parquet', FILM_COLUMNS, catalogue.map(filmRow)),
    viewers: await table('runs/all/stage/viewers', 'viewers.parquet', VIEWER_COLUMNS, people.map(viewerRow)),
    days: 1,
    changedDays: 0,
  };
}

const hex = (n, digits) => n.toString(16).padStart(digits, '0');
/** Spread over the buckets. */
const pidOf = (n) => `${hex((n * 40_503) % 65_536, 4)}${hex(n, 4)}-0000-4000-8000-000000000000`;
const bucketOf = (n) => ((n * 40_503) % 65_536) % 16;

function eventsOf(catalogue, people) {
  const random = randomOf('gate-nights', 1);
  let id = 0;
  const at = (days, until) => new Date(until - below(random, days * DAY_MS)).toISOString().slice(0, 19);
  return people.flatMap(({ train, test }, n) => {
    const like = (row, ts) => ({
      event_id: `${hex(++id, 8)}-0000-4000-8000-000000000000`,
      pid: pidOf(n),
      bucket: bucketOf(n),
      film_id: catalogue[row].id,
      type: 'like',
      ts,
      surface: 'search',
      device: n % 4 === 0 ? 'tv' : 'phone',
      source: 'bench',
    });
    return [
      ...test.map((row) => like(row, at(LAST_DAYS, T))),
      ...train.map((row) => like(row, at(EARLIER_DAYS, T - LAST_DAYS * DAY_MS))),
    ];
  });
}

const FILM_COLUMNS = {
  film_id: 'VARCHAR',
  title: 'VARCHAR',
  release_year: 'INTEGER',
  genres: 'VARCHAR[]',
  actors: 'VARCHAR[]',
  directors: 'VARCHAR[]',
  runtime_min: 'INTEGER',
  certificates: 'VARCHAR',
  countries: 'VARCHAR[]',
  languages: 'VARCHAR[]',
  markets: 'VARCHAR[]',
  added_at: 'TIMESTAMP',
  external_average: 'DOUBLE',
  external_votes: 'INTEGER',
};
const filmRow = ({ id, genre, minAge }) => ({
  film_id: id,
  title: id,
  release_year: 1950,
  genres: [GENRES[genre]],
  actors: [],
  directors: [],
  runtime_min: 90,
  certificates: JSON.stringify({ MPA: [minAge === 0 ? 'G' : 'NC-17'] }),
  countries: [],
  languages: ['English'],
  markets: ['*'],
});

const VIEWER_COLUMNS = {
  pid: 'UUID',
  bucket: 'INTEGER',
  market: 'VARCHAR',
  birth_year: 'INTEGER',
  is_kids: 'BOOLEAN',
  is_adult_declared: 'BOOLEAN',
  consent: 'INTEGER',
  created_at: 'TIMESTAMP',
  not_interested: 'VARCHAR[]',
  dont_use: 'VARCHAR[]',
};
const viewerRow = ({ maxAge }, n) => ({
  pid: pidOf(n),
  bucket: bucketOf(n),
  market: n % 3 === 0 ? 'KR' : 'default',
  birth_year: maxAge === 10 ? 2015 : 1980,
  is_kids: false,
  is_adult_declared: false,
  consent: 31,
  not_interested: [],
  dont_use: [],
});
