// What is shown above an age when one of the age gates is taken away, over a million pairs of profiles and demo films:
//   node bench/age-gates.js [profiles]
// Each row is a whole run on the built product: lists are scored, published and served with that gate missing. "stopped" = the
// release was refused, so that nobody was served by it. The last row takes all gates away: it shows that the count can find.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createFormulaActivities } from '../dist/activities/formula.js';
import { auditAges } from '../dist/activities/publish-audit.js';
import { createPublishActivities } from '../dist/activities/publish.js';
import { createScoreActivities } from '../dist/activities/score.js';
import { createUnitRunner as scoreRunner } from '../dist/activities/score-units.js';
import { createUnitRunner as similarRunner } from '../dist/activities/similar-units.js';
import { createArtifactStore } from '../dist/adapters/artifacts/artifact-store.js';
import { createWarehouse } from '../dist/adapters/duckdb/warehouse.js';
import { createReleaseStore } from '../dist/adapters/releases/release-store.js';
import { absentStore } from '../dist/api/absent-store.js';
import { sharedOf } from '../dist/api/app.js';
import { createRehearsal } from '../dist/api/rehearsal.js';
import { textOf } from '../dist/api/respond.js';
import { openServing } from '../dist/api/serving-store.js';
import { readDemoFilms } from '../dist/cli/load-demo.js';
import { configSchema } from '../dist/contracts/index.js';
import { filmMinAge, isAllowed, profileMaxAge } from '../dist/core/age-gate/index.js';
import { COLUMNS, inputs, MARKETS, profiles, randomModel, YEAR } from './age-gates-world.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NIGHT = {
  date: '2026-03-09',
  runId: 'r',
  asOf: '2026-03-10T00:00:00.000Z',
  warmStart: false,
  why: 'bench',
};
const CLOCK = { now: () => new Date('2026-03-10T02:30:00Z') };
const always = () => true;

const ROWS = [
  { missing: 'none', score: isAllowed, publish: isAllowed, serve: isAllowed, published: isAllowed },
  { missing: 'score', score: always, publish: isAllowed, serve: isAllowed, published: isAllowed },
  { missing: 'publish', score: isAllowed, publish: always, serve: isAllowed, published: isAllowed },
  { missing: 'serve', score: isAllowed, publish: isAllowed, serve: always, published: isAllowed },
  { missing: 'published ages', score: isAllowed, publish: isAllowed, serve: isAllowed, published: always },
  { missing: 'score and publish', score: always, publish: always, serve: isAllowed, published: isAllowed },
  { missing: 'all', score: always, publish: always, serve: always, published: always },
];

/** Runs units in this thread, so that a gate, which is a function, can be given to scoring. */
const inline = (allows) => ({
  crew: async (job) => {
    const isScore = job.module.href.includes('score-units');
    const run = isScore ? scoreRunner(job.data, allows) : similarRunner(job.data);
    return {
      run: async (phase, units, on) => {
        for (let unit = 0; unit < units; unit++) on?.onResult?.(unit, run(phase, unit));
      },
      stop: async () => {},
    };
  },
});

/** One row of the table. */
async function measure(gates, films, viewers) {
  const root = await mkdtemp(join(tmpdir(), 'matinee-age-gates-'));
  const config = configSchema.parse({ lists: { buckets: 1 } });
  const artifacts = createArtifactStore(root, { codeSha256: 'c', configSha256: 'd' }, CLOCK);
  const warehouse = createWarehouse({ models: join(ROOT, 'warehouse'), memoryLimit: '1GB', threads: 2 });
  const releases = createReleaseStore(root, CLOCK);
  const parts = {
    config,
    clock: CLOCK,
    artifacts,
    warehouse,
    releases,
    codeSha256: 'c'.repeat(64),
    toolchain: { lockSha256: '', node: '', duckdb: '', machine: '' },
    threads: inline(gates.score),
    rehearsal: createRehearsal(root, releases, { config, clock: CLOCK }),
  };
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const run = (work) => environment.run(work);
  const table = (uri, columns, rows, facts = {}) =>
    artifacts.write(uri, { schema: columns, inputs: [] }, async (folder) => {
      const source = join(root, `${columns}.ndjson`);
      await writeFile(source, rows.map((row) => JSON.stringify(row)).join('\n'));
      const select = `SELECT * FROM read_json('${source}', format = 'newline_delimited', columns = {${COLUMNS[columns]}}) ORDER BY ALL`;
      const path = join(folder, `${columns}.parquet`);
      return { files: [await warehouse.session((session) => session.copy(select, path))], facts };
    });
  try {
    const refs = await inputs(table, films, viewers, config);
    const model = await randomModel(artifacts, films);
    const formulaActivities = createFormulaActivities(parts);
    const formula = await run(() =>
      formulaActivities.buildFormula({
        runId: 'r',
        asOf: NIGHT.asOf,
        films: refs.films,
        weightedRating: refs.votes,
      }),
    );
    await run(() => formulaActivities.publishFormula({ formula, asOf: NIGHT.asOf }));
    const bucket = await run(() =>
      createScoreActivities(parts).scoreBucket({
        night: NIGHT,
        bucket: 0,
        features: { interactions: refs.interactions, viewers: refs.featViewer },
        model,
        formula,
      }),
    );
    const audit =
      gates.publish === isAllowed
        ? auditAges
        : async (...of) => auditAges(...of).catch(() => ({ pairs: 0, violations: 0 }));
    const publishing = createPublishActivities(parts, { audit, allows: gates.publish });
    const events = await artifacts.write('events', { schema: 'snapshot/1', inputs: [] }, async () => ({
      files: [],
    }));
    const stopped = await run(() =>
      publishing.publishRelease({
        night: NIGHT,
        snapshot: { events, films: refs.films, viewers: refs.viewers, days: 1, changedDays: 1 },
        buckets: [bucket],
        interactions: refs.interactions,
        formula,
        formulaRelease: null,
        model,
        report: null,
        verdict: null,
        publish: true,
        expectSeq: 0,
        by: 'bench',
      }),
    ).then(
      () => null,
      (error) => error.type ?? String(error),
    );
    return { ...(await countLeaks(root, releases, gates, films, viewers, config)), stopped };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Asks for every film of every profile, and looks through every list, reason and neighbour that the profile is sent. */
async function countLeaks(root, releases, gates, films, viewers, config) {
  const serving = await openServing(root, releases);
  const byId = new Map(viewers.map((viewer) => [viewer.profileId, viewer]));
  const store = { ...absentStore, profile: async (id) => byId.get(id) ?? null, exclusions: async () => [] };
  store.departuresSince = async () => [];
  store.exclusionChanges = async () => ({ changes: [], readAt: NIGHT.asOf });
  const { recommender, shelf, formulaPages } = sharedOf({
    config,
    auth: 'open',
    clock: CLOCK,
    serving,
    store,
    pidOf: (id) => id,
    log: { write() {} },
    gates: { serve: gates.serve, published: gates.published },
  });
  const minAges = new Map(
    MARKETS.map((market) => [
      market,
      new Map(films.map((f) => [f.filmId, filmMinAge(f.certificates, market, config.ages)])),
    ]),
  );
  const count = { pairs: 0, shown: 0, above: 0, personal: 0 };
  try {
    for (const viewer of viewers) {
      const audience = { market: viewer.market, maxAge: profileMaxAge(viewer, YEAR, config.ages) };
      const named = new Set();
      const answer = await recommender.answer({ userId: viewer.profileId, limit: 50, isFresh: () => false });
      const { servedBy, items } = JSON.parse(textOf(answer.body));
      count.personal += Number(servedBy === 'personal');
      for (const { movieId, reason } of items) for (const id of [movieId, ...reason.movieIds]) named.add(id);
      for (const list of ['top', 'arrivals']) {
        for (const { movieId } of formulaPages()[list](audience, 100).items) named.add(movieId);
      }
      for (const { movieId } of shelf().search({ query: 'the', limit: 100 }, audience).items)
        named.add(movieId);
      for (const { filmId } of films) {
        count.pairs++;
        if (shelf().film(filmId, audience) !== null) named.add(filmId);
      }
      for (const { filmId } of films.slice(0, 20)) {
        for (const { movieId } of shelf().similar(filmId, audience, 10).items) named.add(movieId);
      }
      for (const id of named) {
        count.shown++;
        const minAge = minAges.get(viewer.market).get(id);
        if (!(minAge <= audience.maxAge)) count.above++;
      }
    }
    return count;
  } finally {
    await serving.close();
  }
}

/** The table for the demo's films and `count` profiles of all ages and markets; `only`: of these missing gates. */
export async function ageGates(count, onRow = () => {}, only = ROWS.map(({ missing }) => missing)) {
  const films = (await readDemoFilms(ROOT, new Date(NIGHT.asOf))).map(({ film }) => film);
  const viewers = profiles(count);
  const table = [];
  for (const { missing, ...gates } of ROWS.filter((row) => only.includes(row.missing))) {
    const row = { missing, ...(await measure(gates, films, viewers)) };
    onRow(row);
    table.push(row);
  }
  return table;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log('gate missing         pairs       shown   above the age   personal lists   release');
  await ageGates(Number(process.argv[2] ?? 1600), ({ missing, pairs, shown, above, personal, stopped }) =>
    console.log(
      `${missing.padEnd(18)} ${String(pairs).padStart(9)} ${String(shown).padStart(9)} ${String(above).padStart(13)} ` +
        `${String(personal).padStart(16)}   ${stopped ?? 'served'}`,
    ),
  );
}
