import { createThreads } from '../../src/adapters/threads/crew.js';
import { readFile, readdir } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { EvaluateResult } from '../../src/contracts/index.js';
import type { SplitBuilders } from '../../src/activities/split-parts.js';
import { CONFIG, LONG_AGO, closeWorlds, evaluate } from './evaluate-world.js';
import { makeWorld, plainBuilders, releaseOf } from './model-world.js';

afterEach(closeWorlds);

/** Without what a clock said, and hashes over it. */
function timeless({ report, verdict }: EvaluateResult) {
  const { effort, ...conditions } = report!.conditions!;
  expect(effort!.peakMiB).toBeLessThan(effort!.memoryMiB);
  const gates = verdict.gates!.map(({ gate, state, sentence }) => [
    gate,
    state,
    gate === 'G8' ? '' : sentence,
  ]);
  return { report: { ...report, conditions }, verdict: { ...verdict, gates } };
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
    expect(await readdir(world.deps.artifacts.path('runs/r'))).toEqual(['evaluate', 'train']); // no split files left
  });

  test('films that too few rated are placed by their facts, and what that is worth is in the report', async () => {
    const ials = { k: 8 };
    const { report } = await evaluate(makeWorld({ ...CONFIG, ials, eligibility: { minItemUsers: 26 } }));
    const [all] = report!.coldFilms!;
    expect(all!.pool).toBe('below the floor');
    expect(all!.films).toBeGreaterThan(5);
    expect(all!.k).toBe(Math.ceil(all!.films / 4)); // a small pool
    expect(all!.pairs).toBeGreaterThanOrEqual(all!.viewers);
    expect(all!.recall.chance).toBe(all!.k / all!.films);
    expect(all!.recall.facts).toBeGreaterThan(1.3 * all!.recall.chance); // genres are tastes here
  });

  test('the same snapshot gives the same report without threads and with three, and again', async () => {
    const world = makeWorld(CONFIG);
    const first = await evaluate(world);
    const other = await evaluate(
      makeWorld({ ...CONFIG, ials: { ...CONFIG.ials, threads: 3 } }, undefined, createThreads()),
    );
    expect(timeless(other)).toEqual(timeless(first));
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
      buildTrainPart: (session, input) =>
        plainBuilders.buildTrainPart(session, {
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
      /^no split has 100 viewers \(evaluate\.minViewers\) with 3 earlier positives and a relevant film to find \(last-7-days: at most \d+, last-28-days: at most 60, per-viewer-80-20: 60\)$/,
    );
  });

  test('a candidate that diverges is rejected, not thrown', async () => {
    const { report, verdict } = await evaluate(makeWorld(CONFIG), {
      change: ({ deps }) => void (deps.config.ials.initSd = 1e300),
    });
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
