import { readFile, rm } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { processor } from '../../src/activities/effort.js';
import type { Card, CodeEffect, Verdict } from '../../src/contracts/index.js';
import { recordDecision } from '../../src/activities/decisions.js';
import type { SplitBuilders } from '../../src/activities/split-parts.js';
import { CONFIG, closeWorlds, evaluate, released } from './evaluate-world.js';
import { plainBuilders } from './model-world.js';

afterEach(closeWorlds);

describe('with a champion', () => {
  test('the same recipe on the same data is a refresh, equal to the refit that was kept, and promoted', async () => {
    const { world } = await released();
    world.deps.config.gate.sliceShowFloor = 10;
    const effort = { cpuSeconds: 80, wallSeconds: 50, peakMiB: 1, threads: 2, processor: processor() };
    const card = { model: { kind: 'als', epochs: 8, effort } } as unknown as Card;
    world.deps.releases.readCard = async () => card;
    const { report, verdict } = await evaluate(world);
    expect(verdict).toMatchObject({ kind: 'promote', provisional: false, class: 'refresh' });
    expect(verdict.gates?.map(({ gate, state }) => `${gate} ${state}`)).toEqual(
      ['G1', 'G2', 'G4', 'G5', 'G7', 'G8', 'G9', 'G10'].map((gate) => `${gate} PASS`),
    );
    const ndcg = report!.scores.map(({ model, at }) => [model, at['10']!.ndcg] as const);
    expect(ndcg.map(([model]) => model)).toContain('champion');
    expect(report!.comparisons!.map(({ metric, plays }) => `${metric} ${plays}`)).toEqual([
      'ndcg@10 all',
      'ndcg@10 organic',
      'recall@50 all',
      'recall@50 organic',
    ]);
    for (const { mean, required } of report!.comparisons!) {
      expect(Math.abs(mean)).toBeLessThan(1e-6);
      expect(required).toBeLessThan(60);
    }
    // some of what is watched comes from a recommendation row
    const organicNdcg = Object.fromEntries(
      report!.scores.map(({ model, organic }) => [model, organic!.ndcg]),
    );
    for (const { baseline, organic, viewers, required } of report!.differences) {
      expect(organic!.viewers).toBeLessThan(viewers!);
      expect(organic!.mean).toBeCloseTo(organicNdcg['blend']! - organicNdcg[baseline]!, 12);
      expect(organic!.lower).toBeLessThan(organic!.mean);
      expect(Math.min(required!, organic!.required!)).toBeGreaterThan(0);
    }
    // every third viewer has a TV; the floor under which a slice is not shown is lowered above
    const slices = JSON.parse(
      await readFile(world.deps.artifacts.path('runs/r/evaluate/slices.json'), 'utf8'),
    ) as { dimension: string; value: string; viewers: number }[];
    const devices = slices.filter(({ dimension }) => dimension === 'device');
    expect(devices.map(({ value, viewers }) => [value, viewers])).toEqual([
      ['phone', 39],
      ['tv', 20],
    ]);
    expect(report!.agreement!.overlap).toBeGreaterThan(0.999);
    expect(report!.notes).toContain('the champion is the refit under which release one was judged');
    expect(report!.conditions).toMatchObject({
      isOfThisNight: true,
      ageViolations: 0,
      shortLists: 0,
      lagHours: 24,
    });
    expect(report!.conditions!.factors).toBe(report!.conditions!.refitted);
    expect(report!.conditions!.effort).toMatchObject({ championEpochCpuSeconds: 10 });
    expect(report!.conditions!.effort!.epochCpuSeconds).toBeLessThan(10);
  });

  test('a broken night: films shuffled before learning is not what the champion was', async () => {
    const { world } = await released();
    const shuffled: SplitBuilders = {
      ...plainBuilders,
      buildTrainPart: (session, input) =>
        plainBuilders.buildTrainPart(session, {
          ...input,
          events: {
            eventsSql: `SELECT * REPLACE ('film-' || lpad(((right(film_id, 3)::INTEGER * 7 + u * 3) % 40)::VARCHAR, 3, '0') AS film_id)
                        FROM staged_events`,
          },
        }),
    };
    const { verdict } = await evaluate(world, { builders: shuffled });
    expect(verdict.kind).not.toBe('promote');
    expect(verdict.reasons.join()).toMatch(/G2 (FAIL|INCONCLUSIVE)/);
  });

  test('another recipe: the champion’s config is refitted, and being a little worse is not proven away', async () => {
    const { world } = await released({ ...CONFIG, ials: { ...CONFIG.ials, alpha0: 0.6 } });
    const { report, verdict } = await evaluate(world);
    expect(verdict.kind).not.toBe('promote');
    expect(verdict.class).toBe('recipe-change');
    expect(verdict.gates![0]!.gate).toBe('G1');
    expect(verdict.gates![0]!.state).not.toBe('PASS');
    expect(verdict.gates![0]!.sentence).toMatch(
      /^ndcg@10 .* \(\d+ viewers of \d+ needed, (all|organic) plays\)/,
    );
    expect(report!.notes).toContain("the champion is release one's config, refitted on this train part");
    expect(verdict.gates).toHaveLength(10);
  });

  test('a champion that read behaviour by other rules has its own train part', async () => {
    const { world } = await released({ ...CONFIG, feedback: { historyDays: 500 } });
    const { report } = await evaluate(world);
    expect(report!.notes).toContain("the champion is release one's config, refitted on this train part");
  });

  const code = (kind: CodeEffect['kind']) => async () => ({ kind, says: `the code changed: ${kind}` });

  test('other code that makes the same bytes is a refresh, and says so', async () => {
    const { world } = await released();
    world.deps.codeSha256 = 'upgraded';
    const { report, verdict } = await evaluate(world, { effectOfCode: code('none') });
    expect(verdict).toMatchObject({ kind: 'promote', class: 'refresh', changed: ['code'] });
    expect(report!.codeEffect).toEqual({ kind: 'none', says: 'the code changed: none' });
    expect(report!.notes).toContain('the champion is the refit under which release one was judged');
  });

  test('other code and another config: the champion’s config is refitted as long as the code is without effect', async () => {
    const { world } = await released({ ...CONFIG, ials: { ...CONFIG.ials, alpha0: 0.6 } });
    world.deps.codeSha256 = 'upgraded';
    const { report, verdict } = await evaluate(world, { effectOfCode: code('none') });
    expect(verdict).toMatchObject({ class: 'recipe-change', changed: ['code', 'ials'] });
    expect(report!.notes).toContain("the champion is release one's config, refitted on this train part");
  });

  test('other code that makes another model is judged against what the code of then made', async () => {
    const { world } = await released();
    world.deps.codeSha256 = 'upgraded';
    const { report, verdict } = await evaluate(world, { effectOfCode: code('model') });
    expect(verdict).toMatchObject({ class: 'recipe-change', changed: ['code'] });
    expect(report!.notes).toContain(
      'the code changed: model; the champion is the refit under which release one was judged',
    );
    const [ndcg] = report!.comparisons!; // the code is the same after all, and so are the factors
    expect(Math.abs(ndcg!.mean)).toBeLessThan(1e-6);
    expect(verdict.gates![0]).toMatchObject({ gate: 'G1', state: 'PASS' });
  });

  test('code with a fault in training does not pass G1: refitted by itself, the champion would have it, too', async () => {
    const { world } = await released();
    world.deps.codeSha256 = 'upgraded';
    const { trainer } = world.deps;
    world.deps.trainer = {
      ...trainer,
      async train(workspace, options) {
        const losses = await trainer.train(workspace, options);
        if (options.epochs > 0) workspace.films.factors.reverse();
        return losses;
      },
    };
    const { verdict } = await evaluate(world, { effectOfCode: code('model') });
    expect(verdict.kind).toBe('reject');
    expect(verdict.gates![0]).toMatchObject({ gate: 'G1', state: 'FAIL' });
  });

  test('other code that makes other lists alone: nothing to compare, a person must look', async () => {
    const { world } = await released();
    world.deps.codeSha256 = 'upgraded';
    const { verdict } = await evaluate(world, { effectOfCode: code('order') });
    expect(verdict).toMatchObject({ kind: 'hold', class: 'recipe-change' });
    expect(verdict.reasons[0]).toBe('G1 INCONCLUSIVE: the code changed: order');
  });

  test('a refit by the code of then that ends weeks before tonight’s is no comparison', async () => {
    const { world, manifest } = await released();
    world.deps.codeSha256 = 'upgraded';
    manifest.report!.cutoff = '2024-05-15T00:00:00.000Z';
    const { verdict } = await evaluate(world, { effectOfCode: code('model') });
    expect(verdict.kind).toBe('hold');
    expect(verdict.reasons[0]).toBe(
      'G1 INCONCLUSIVE: the code changed: model; its refit by the code of then ends 10 days before this train part, ' +
        'at most 7 wanted: newer data would hide what the code does',
    );
  });

  test('a release without a refit, a config of another version, a refit that ended later: said, and no proof', async () => {
    const { world, manifest } = await released();
    manifest.report!.cutoff = '2024-05-30T00:00:00.000Z';
    const late = await evaluate(world, { runId: 'late' });
    expect(late.report!.notes).toContain('the refit of release one may have seen this test part');
    expect(late.report!.comparisons).toBeUndefined();
    await rm(world.deps.artifacts.path('releases/one/twin'), { recursive: true });
    const gone = await evaluate(world, { runId: 'gone' });
    expect(gone.report!.notes).toContain('release one keeps no refit to compare with');
    manifest.model!.recipe = 'another';
    manifest.config = { gone: true };
    const old = await evaluate(world, { runId: 'old' });
    expect(old.verdict.kind).not.toBe('promote');
    expect(old.verdict.reasons).toContainEqual(
      expect.stringMatching(/^G1 INCONCLUSIVE: the champion's config is not one of this version/),
    );
    expect(old.report!.notes!.at(-1)).toMatch(/^the champion's config is not one of this version/);
  });

  test('a model of another night, and one that does not come out again', async () => {
    const { world } = await released();
    const { verdict } = await evaluate(world, {
      change: ({ deps }) => {
        const read = deps.artifacts.read.bind(deps.artifacts);
        deps.artifacts.read = async (uri) => {
          const found = await read(uri);
          return uri.endsWith('/train') && found !== null ? { ...found, inputs: [] } : found;
        };
        deps.config.ials.seed = 2;
      },
    });
    expect(verdict.kind).toBe('reject');
    expect(verdict.reasons).toEqual([
      expect.stringContaining('G9 FAIL: the candidate was made from another night’s interactions'),
      expect.stringContaining('G10 FAIL: factors '),
    ]);
  });

  test('a person’s word on the very candidate promotes it when the night is run again', async () => {
    const { world } = await released({ ...CONFIG, ials: { ...CONFIG.ials, alpha0: 0.6 } });
    const { artifacts } = world.deps;
    const before = await evaluate(world, { runId: 'first' });
    expect(before.verdict.kind).not.toBe('promote');
    const model = (await artifacts.read('runs/first/train'))!;
    const decision = {
      action: 'accept' as const,
      runId: 'first',
      night: '2024-05-31',
      modelSha256: model.sha256,
      by: 'anna',
      reason: 'seen and wanted',
      at: '2024-06-01T08:00:00.000Z',
    };
    await recordDecision(artifacts, decision);
    const again = await evaluate(world, { runId: 'again' });
    expect(again.verdict).toMatchObject({ kind: 'promote', provisional: true, decision });
    // G8's sentence has the memory of this very process in it
    const unmeasured = ({ gates }: Verdict) =>
      gates!.map(({ gate, state, sentence }) => ({ gate, state, sentence: gate === 'G8' ? '' : sentence }));
    expect(unmeasured(again.verdict)).toEqual(unmeasured(before.verdict));
    const other = await evaluate(world, {
      runId: 'other',
      at: "TIMESTAMP '2024-06-02' - to_days(2 * n::INTEGER)",
    });
    expect(other.verdict.decision).toBeUndefined();
  });
});
