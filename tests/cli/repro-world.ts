import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inContext } from '../../src/activities/context.js';
import { createFeaturesActivities } from '../../src/activities/features.js';
import { createFormulaActivities } from '../../src/activities/formula.js';
import { createPublishActivities } from '../../src/activities/publish.js';
import { createScoreActivities } from '../../src/activities/score.js';
import { EVENTS_FILE } from '../../src/activities/snapshot.js';
import { createTrainActivities } from '../../src/activities/train.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { createTrainer } from '../../src/adapters/threads/trainer.js';
import { createRehearsal } from '../../src/api/rehearsal.js';
import type { ReproDeps } from '../../src/activities/repro/reproduce.js';
import { type ArtifactRef, configSchema, type Night } from '../../src/contracts/index.js';
import { profileMaxAge } from '../../src/core/age-gate/index.js';
import { hashOf } from '../../src/core/identity/hash.js';
import { inlineThreads } from '../support/inline-threads.js';
import {
  type EventRow,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';

const FILMS = Array.from({ length: 24 }, (_, i) => `f${String(i).padStart(2, '0')}`);
const VIEWERS = Array.from({ length: 40 }, (_, i) => i + 1);
/** Of whom nothing is known: the formula's list. */
const NEWCOMER = 41;
const CONTEXT = { heartbeat: () => {}, resume: undefined, signal: new AbortController().signal };

/** Two tastes, a day at a time: even viewers like even films. */
const likesOf = (day: string, seed: number): EventRow[] =>
  VIEWERS.flatMap((viewer) =>
    FILMS.filter((_, i) => i % 2 === viewer % 2 && (viewer * 7 + i * 3 + seed) % 5 < 2).map(
      (film): EventRow => ({ viewer, film, type: 'like', ts: `${day}T10:00:00Z` }),
    ),
  ).map((event, n) => ({ ...event, id: seed * 10_000 + n }));

/** Two nights of a tiny service through the stages' own code, without servers; the second starts from the first's factors. */
export async function reproWorld(changed: object = {}) {
  const home = mkdtempSync(join(tmpdir(), 'matinee-repro-'));
  const root = join(home, 'warehouse');
  const clock = { now: () => new Date('2026-03-01T02:30:00Z') };
  const config = configSchema.parse({
    ials: { k: 4, epochsCold: 2, epochsWarm: 1, threads: 1 },
    eligibility: { minItemUsers: 2 },
    weightedRating: { minRatedTitles: 1 },
    lists: { size: 5 },
    gate: { serving: { seconds: 0.1 } },
    ...changed,
  });
  const codeSha256 = 'c'.repeat(64);
  const toolchain = { lockSha256: 'l'.repeat(64), node: 'v20.19.0', duckdb: 'v1.5.5', machine: 'linux-x64' };
  const deps: ReproDeps = {
    config,
    clock,
    artifacts: createArtifactStore(root, { codeSha256, configSha256: hashOf(config) }, clock),
    warehouse,
    releases: createReleaseStore(root, clock),
    threads: inlineThreads,
    trainer: createTrainer(inlineThreads),
    codeSha256,
    toolchain,
  };
  const first = await night(deps, '2026-02-26', ['2026-02-26']);
  const second = await night(deps, '2026-02-28', ['2026-02-26', '2026-02-28']);
  return { home, root, deps, first, second, dispose: () => rmSync(home, { recursive: true, force: true }) };
}

/** Writes what is not there yet, as staging does. */
async function snapshotOf({ artifacts }: ReproDeps, runId: string, days: string[]) {
  const table = (
    uri: string,
    name: string,
    write: 'films' | 'viewers' | EventRow[],
    inputs: ArtifactRef[] = [],
  ) =>
    artifacts.write(uri, { schema: 't', inputs }, async (folder) => {
      const path = join(folder, name);
      const file = await warehouse.session(async (session) => {
        const rows = `${path}.rows`;
        if (write === 'films')
          await writeFilms(
            session,
            rows,
            FILMS.map((film) => ({ film, runtime: 90 })),
          );
        else if (write === 'viewers') {
          await writeViewers(
            session,
            rows,
            [...VIEWERS, NEWCOMER].map((viewer) => ({ viewer, birth_year: 1980 })),
          );
        } else await writeEvents(session, rows, write);
        return session.copy('FROM read_parquet($rows) ORDER BY ALL', path, { rows });
      });
      return { files: [file] };
    });
  const versions: ArtifactRef[] = [];
  for (const [n, day] of days.entries()) {
    versions.push(await table(`events/day=${day}/v=0`, EVENTS_FILE, likesOf(day, n + 1)));
  }
  const uri = `runs/${runId}/stage/events`;
  const events = await artifacts.write(uri, { schema: 'snapshot/1', inputs: versions }, async () => ({
    files: [{ path: 'days.json', sha256: hashOf(versions), rows: 0, bytes: 0 }],
  }));
  return {
    events,
    films: await table(`runs/${runId}/extract/films`, 'films.parquet', 'films'),
    viewers: await table(`runs/${runId}/extract/viewers`, 'viewers.parquet', 'viewers'),
    days: days.length,
    changedDays: 0,
  };
}

async function night(deps: ReproDeps, date: string, days: string[]): Promise<string> {
  const asOf = new Date(Date.parse(date) + 86_400_000).toISOString();
  const plan: Night = { date, asOf, runId: `${date}-r`, warmStart: true, why: 'test' };
  const { config, clock, releases } = deps;
  const rehearsal = createRehearsal(deps.artifacts.root, releases, { config, clock });
  return inContext(CONTEXT, async () => {
    const snapshot = await snapshotOf(deps, plan.runId, days);
    const features = await createFeaturesActivities(deps, profileMaxAge).buildFeatures({
      night: plan,
      snapshot,
    });
    const formulas = createFormulaActivities(deps);
    const { films } = snapshot;
    const { weightedRating, popularity } = features;
    const formula = await formulas.buildFormula({
      runId: plan.runId,
      asOf,
      films,
      weightedRating,
      popularity,
    });
    const { releaseId: formulaRelease } = await formulas.publishFormula({ formula, asOf });
    const trained = await createTrainActivities(deps).trainCandidate({ night: plan, features });
    if (trained.kind === 'skipped') throw new Error(trained.reason);
    const score = createScoreActivities(deps);
    const buckets: ArtifactRef[] = [];
    for (const range of await score.planBuckets({ viewers: features.viewers })) {
      buckets.push(
        await score.scoreBucket({ night: plan, ...range, features, model: trained.model, formula }),
      );
    }
    const released = await createPublishActivities({ ...deps, rehearsal }).publishRelease({
      night: plan,
      snapshot,
      buckets,
      interactions: features.interactions,
      formula,
      formulaRelease,
      model: trained.model,
      report: null,
      verdict: null,
      publish: true,
      expectSeq: (await deps.releases.current('default'))?.seq ?? 0,
      by: 'test',
    });
    return released.releaseId;
  });
}
