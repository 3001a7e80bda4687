import { readFile, readdir } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createEvaluateActivities } from '../../src/activities/evaluate.js';
import type { SplitBuilders } from '../../src/activities/split-parts.js';
import type { EvaluateResult } from '../../src/contracts/index.js';
import { type World, makeWorld, night, plainBuilders, releaseOf } from './model-world.js';

const CONFIG = {
  ials: { k: 8 },
  eligibility: { minItemUsers: 5 },
  evaluate: { minViewers: 20, bootstrap: 200 },
};
const worlds: World[] = [];
afterEach(() => worlds.splice(0).forEach((world) => world.close()));

/** Viewers with one of two tastes rate films of it 8, others 2; `at`: SQL of the time of event n of viewer u. */
const events = (at: string) => `
  SELECT *, (u % 16)::INTEGER AS bucket, (lpad(u::VARCHAR, 8, '0') || '-0000-0000-0000-000000000000')::UUID AS pid
  FROM (
    SELECT u, 'film-' || lpad(i::VARCHAR, 3, '0') AS film_id, md5(u || '/' || i)::UUID AS event_id, 'rating' AS type,
           (CASE WHEN u % 2 = i % 2 THEN 8 ELSE 2 END)::SMALLINT AS value, ${at} AS ts
    FROM (SELECT u, i, row_number() OVER (PARTITION BY u ORDER BY md5(i || '.' || u)) AS n
          FROM range(60) AS viewers(u), range(40) AS films(i)
          WHERE md5_number_lower(u || '/' || i) % 4 < (CASE WHEN u % 2 = i % 2 THEN 3 ELSE 1 END))
  )`;
const EVENLY = `TIMESTAMP '2024-05-31' - to_days(3 * n::INTEGER)`; // one event every third day
const LONG_AGO = `TIMESTAMP '2023-01-01' + to_minutes(n::INTEGER)`;
const FILMS = `
  SELECT 'film-' || lpad(i::VARCHAR, 3, '0') AS film_id, if(i = 39, '{"MPA":["R"]}', '{"MPA":["G"]}') AS certificates,
         if(i = 38, ['KR'], ['*']) AS markets, if(i = 37, TIMESTAMP '2024-05-30', NULL) AS added_at,
         NULL::DOUBLE AS external_average, NULL::INTEGER AS external_votes,
         [if(i % 2 = 0, 'Even', 'Odd')] AS genres
  FROM range(40) AS films(i)`;
const viewersIn = (market: string) => `
  SELECT (lpad(u::VARCHAR, 8, '0') || '-0000-0000-0000-000000000000')::UUID AS pid, (u % 16)::INTEGER AS bucket,
         '${market}' AS market, if(u < 10, 10, 40)::INTEGER AS max_age
  FROM range(60) AS viewers(u)`;

async function evaluate(
  world: World,
  {
    at = EVENLY,
    builders = plainBuilders,
    runId = 'r',
    market = 'default',
  }: { at?: string; builders?: SplitBuilders; runId?: string; market?: string } = {},
): Promise<EvaluateResult> {
  worlds.push(world);
  const snapshot = {
    events: await world.artifact(`${runId}-events`, events(at)),
    films: await world.artifact(`${runId}-films`, FILMS),
    viewers: await world.artifact(`${runId}-viewers`, viewersIn(market)),
    days: 1,
    changedDays: 1,
  };
  const ref = snapshot.viewers;
  const features = { interactions: ref, viewers: ref, films: ref, weightedRating: ref };
  return createEvaluateActivities({ ...world.deps, split: builders }, world.context).evaluateCandidate({
    night: night(runId),
    snapshot,
    features,
    model: ref,
  });
}

describe('evaluateCandidate', () => {
  test('first night: two clear tastes beat both baselines on the last 7 days, provisionally', async () => {
    const world = makeWorld(CONFIG);
    const { report, verdict, evaluation } = await evaluate(world);
    expect(verdict).toMatchObject({ kind: 'promote', provisional: true });
    expect(verdict.reasons[0]).toBe('first personal release');
    expect(report).toMatchObject({ split: 'last-7-days', cutoff: '2024-05-25T00:00:00.000Z', catalogue: 39 });
    expect(report?.scores.map(({ model }) => model)).toEqual([
      'blend',
      'als',
      'popularity',
      'weighted-rating',
    ]);
    expect(Object.keys(report?.scores[0]?.at ?? {})).toEqual(['5', '10', '50']);
    const ndcg = report!.scores.map(({ at }) => at['10']!.ndcg);
    expect(ndcg[0]).toBeGreaterThan(1.3 * Math.max(ndcg[2]!, ndcg[3]!));
    const [popularity] = report!.differences;
    expect(popularity!.mean).toBeCloseTo(ndcg[0]! - ndcg[2]!, 10);
    expect(popularity!.lower).toBeLessThan(popularity!.mean);
    const files = await world.deps.artifacts.files(evaluation);
    expect(JSON.parse(await readFile(files[0]!, 'utf8'))).toEqual(report);
    expect(JSON.parse(await readFile(files[1]!, 'utf8'))).toEqual(verdict);
    expect(await readdir(world.deps.artifacts.path('runs/r'))).toEqual(['evaluate']); // no split files left
  });

  test('the same snapshot gives the same report with 1 and 3 threads, and again', async () => {
    const world = makeWorld(CONFIG);
    const first = await evaluate(world);
    const other = await evaluate(makeWorld({ ...CONFIG, ials: { k: 8, threads: 3 } }));
    expect(other).toEqual(first);
    world.deps.judge.rank = () => Promise.reject(new Error('measured twice'));
    expect(await evaluate(world)).toEqual(first); // committed
  });

  test('old events only: the per-viewer split, said in the report; popularity of all time', async () => {
    const { report, verdict } = await evaluate(makeWorld(CONFIG), { at: LONG_AGO });
    expect(report).toMatchObject({ split: 'per-viewer-80-20', cutoff: null });
    expect(report?.notes).toEqual(['popularity is of all time: nothing in the 28 days before the cut']);
    expect(verdict).toMatchObject({ kind: 'promote', provisional: true });
  });

  test('relevant films that a viewer may not see are no evidence: age, market, not yet there', async () => {
    // every test event is of film 37 (added later), 38 (another market) or 39 (rated R, for the viewers under 17)
    const only = (films: string): SplitBuilders => ({
      ...plainBuilders,
      buildRelevance: (session, input) =>
        session.copy(
          `SELECT (u % 16)::INTEGER AS bucket, (lpad(u::VARCHAR, 8, '0') || '-0000-0000-0000-000000000000')::UUID AS pid,
                  film_id FROM range(60) AS viewers(u), (SELECT unnest([${films}]) AS film_id) ORDER BY ALL`,
          input.outPath,
        ),
      buildInteractions: (session, input) =>
        plainBuilders.buildInteractions(session, {
          ...input,
          events: { eventsSql: "FROM staged_events WHERE film_id < 'film-037'" },
        }),
    });
    const none = await evaluate(makeWorld(CONFIG), { builders: only("'film-037', 'film-038'") });
    expect(none.verdict.kind).toBe('hold');
    const inKorea = await evaluate(makeWorld(CONFIG), { builders: only("'film-038'"), market: 'kr' });
    expect(inKorea.report).toMatchObject({ viewers: 60, testPairs: 60 }); // rights in "KR", as scoring reads it
    const adults = await evaluate(makeWorld(CONFIG), { builders: only("'film-037', 'film-039'") });
    expect(adults.report).toMatchObject({ viewers: 50, testPairs: 50 });
  });

  test('too few viewers everywhere: hold, with what was tried', async () => {
    const { report, verdict } = await evaluate(makeWorld({ ...CONFIG, evaluate: { minViewers: 100 } }));
    expect(report).toBeNull();
    expect(verdict.kind).toBe('hold');
    expect(verdict.reasons[0]).toMatch(
      /^no split has 100 viewers \(evaluate\.minViewers\) with 3 earlier positives and a relevant film to find \(last-7-days: \d+, last-28-days: 60, per-viewer-80-20: 60\)$/,
    );
  });

  test('a candidate that diverges is rejected, not thrown', async () => {
    const { report, verdict } = await evaluate(makeWorld({ ...CONFIG, ials: { k: 8, initSd: 1e300 } }));
    expect(report).toBeNull();
    expect(verdict.kind).toBe('reject');
    expect(verdict.reasons[0]).toContain('the refit on the train part diverged');
  });

  test('a candidate that is worse than the formula is rejected when a model is served already', async () => {
    const served = releaseOf('2024-05-30', { uri: 'runs/x/train', sha256: '', recipe: '', k: 8 });
    const tasteAlone = { ...CONFIG, blend: { nowWeight: 0, genreWeight: 0 } };
    const world = makeWorld(tasteAlone, { channel: ['one'], manifests: { one: served } });
    const real = world.deps.trainer.train.bind(world.deps.trainer);
    world.deps.trainer.train = async (workspace, options) => {
      const losses = await real(workspace, options);
      for (let i = 0; i < workspace.viewers.factors.length; i++) workspace.viewers.factors[i]! *= -1;
      return losses;
    };
    const { verdict } = await evaluate(world);
    expect(verdict.kind).toBe('reject');
    expect(verdict.reasons.join()).toContain('is below popularity');
  });

  test('a formula release on the personal channel is no champion', async () => {
    const world = makeWorld(CONFIG, { channel: ['one'], manifests: { one: releaseOf('2024-05-30', null) } });
    expect((await evaluate(world)).verdict.reasons[0]).toBe('first personal release');
  });
});
