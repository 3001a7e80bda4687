import { afterEach, describe, expect, test } from 'vitest';
import type { Judge } from '../../src/activities/deps.js';
import { readModel } from '../../src/activities/model-files.js';
import { ModelDiverged } from '../../src/core/als/train.js';
import { NotInvertible } from '../../src/core/ease/train.js';
import { CONFIG as EVALUATED, closeWorlds, evaluate, released } from './evaluate-world.js';
import { type World, makeWorld } from './model-world.js';

afterEach(closeWorlds);

const CONFIG = {
  ...EVALUATED,
  ials: { ...EVALUATED.ials, threads: 1 },
  model: 'auto',
  ease: { lambda: 20 },
};
const auto = (config: object = {}) => makeWorld({ ...CONFIG, ...config });

/** The last week before T tells the opposite of all before it: who liked a film dislikes it, and the other way round. */
const turned = (select: string) =>
  `SELECT * REPLACE ((CASE WHEN ts >= TIMESTAMP '2024-05-25' THEN 10 - value ELSE value END)::SMALLINT AS value) FROM (${select})`;

/** What the mean difference is said to be, whatever was measured. */
function withLead(world: World, lower: number): World {
  const interval: Judge['interval'] = async () => ({ mean: lower + 0.01, lower, upper: lower + 0.02 });
  world.deps.judge = { ...world.deps.judge, interval };
  return world;
}

describe('a night with model: auto', () => {
  test('the kind is chosen before the judged week, by nothing that is in it', async () => {
    const world = auto();
    const { report, verdict, model } = await evaluate(world);
    const { choice } = report!;
    expect(choice).toMatchObject({
      incumbent: 'als',
      evidence: { split: 'last-7-days', cutoff: '2024-05-18T00:00:00.000Z', asOf: report!.cutoff },
    });
    expect(choice!.evidence!.viewers).toBeGreaterThan(20);
    expect(choice!.evidence!.lead.mean).toBeCloseTo(
      choice!.evidence!.ndcg.ease - choice!.evidence!.ndcg.als,
      10,
    );
    expect(choice!.chosen).toBe(choice!.evidence!.lead.lower > 0 ? 'ease' : 'als');
    expect(verdict.choice).toBe(choice!.says);
    expect(report!.scores.map((line) => line.model)).toEqual([
      'blend',
      choice!.chosen,
      'popularity',
      'weighted-rating',
      'other',
    ]);
    expect((await readModel(world.deps, model!)).kind).toBe(choice!.chosen);
    expect(verdict.gates!.find(({ gate }) => gate === 'G10')).toMatchObject({ state: 'PASS' });

    const other = await evaluate(auto(), { staged: turned });
    expect(other.report!.scores[0]!.at['10']!.ndcg).not.toBe(report!.scores[0]!.at['10']!.ndcg);
    expect(other.report!.choice).toEqual(choice);
  });

  test('the other kind is judged and released when it is ahead beyond chance', async () => {
    const ahead = withLead(auto(), 0.001);
    const first = await evaluate(ahead);
    expect(first.report!.choice).toMatchObject({ chosen: 'ease', incumbent: 'als' });
    expect(first.report!.choice!.says).toMatch(
      /^EASE in place of ALS: NDCG@10 of ALS 0\.\d{4}, EASE 0\.\d{4} over \d+ viewers/,
    );
    expect(first.model!.uri).toBe('runs/r/train-ease');
  });

  test('after a release by EASE it is EASE that stays, as a refresh; another kind is another recipe', async () => {
    const before = { ...CONFIG, model: 'ease' };
    const stays = (await released(before)).world;
    stays.deps.config = auto().deps.config;
    const same = await evaluate(withLead(stays, 0));
    expect(same.report!.choice).toMatchObject({ chosen: 'ease', incumbent: 'ease' });
    expect(same.verdict).toMatchObject({ class: 'refresh' });
    const goes = (await released(before)).world;
    goes.deps.config = auto().deps.config;
    const changed = await evaluate(withLead(goes, 0.001));
    expect(changed.report!.choice).toMatchObject({ chosen: 'als', incumbent: 'ease' });
    const { facts } = (await goes.deps.artifacts.read(changed.evaluation.uri))!;
    expect(facts['challenger']).toMatchObject({
      kind: 'als',
      verdict: { class: 'recipe-change', changed: ['model'] },
    });
  });

  test('without enough viewers before the judged part the incumbent stays, and why', async () => {
    const { report } = await evaluate(auto(), {
      staged: (select) =>
        `SELECT * FROM (${select}) WHERE ts < TIMESTAMP '2024-05-18' OR ts >= TIMESTAMP '2024-05-25'`,
    });
    expect(report!.choice).toMatchObject({ chosen: 'als', evidence: null });
    expect(report!.choice!.says).toMatch(/^ALS stays: before the judged part no split has 20 viewers/);
  });

  test('a catalogue too large for EASE is ALS’s alone, said in the report', async () => {
    const { report, model } = await evaluate(auto({ ease: { maxFilms: 10 } }));
    expect(report!.choice).toBeUndefined();
    expect(report!.notes).toContainEqual(
      expect.stringMatching(/^ALS alone: EASE holds a weight for each pair of films: \d+/),
    );
    expect(model!.uri).toBe('runs/r/train');
  });

  test('a chosen challenger that the gate refuses gives way to the refresh of the kind that is served', async () => {
    const { world } = await released({ ...CONFIG, model: 'als' });
    // G6 is asked of another recipe alone.
    const { config } = auto({ gate: { minDiversityRatio: 0.99 } }).deps;
    world.deps.config = config;
    const judged = await evaluate(withLead(world, 0.05));
    expect(judged.report!.choice).toMatchObject({ chosen: 'ease', incumbent: 'als' });
    expect(judged.verdict).toMatchObject({ kind: 'promote', class: 'refresh' });
    expect(judged.verdict.choice).toMatch(
      /^EASE in place of ALS: .*; EASE was judged and not promoted \(reject: G6 FAIL: diversity .*\), so ALS is judged in its place$/,
    );
    expect(judged.report!.notes).toContainEqual(expect.stringMatching(/^EASE was judged and not promoted/));
    expect(judged.model!.uri).toBe('runs/r/train');
    expect(judged.report!.scores.map((line) => line.model)).toEqual([
      'blend',
      'als',
      'popularity',
      'weighted-rating',
      'champion',
      'other',
    ]);
  });

  test('a kind that cannot be fitted is left out, wherever that shows', async () => {
    const says = 'λ 20 leaves a pivot';
    /** EASE's nth fit fails: 1 of the night, 2 before the judged part, 3 on the judged split, 4 once more on all data. */
    const failing = (nth: number, world: World) => {
      const fit = world.deps.trainer.fitEase.bind(world.deps.trainer);
      let fits = 0;
      world.deps.trainer.fitEase = (...work) =>
        ++fits === nth ? Promise.reject(new NotInvertible(says)) : fit(...work);
      return world;
    };
    const ofNight = await evaluate(failing(1, auto()));
    expect(ofNight.model!.uri).toBe('runs/r/train');
    expect(ofNight.report!.scores[1]!.model).toBe('als');
    expect(ofNight.report!.notes).toContain(`ALS alone: EASE cannot be fitted: ${says}`);

    const before = await evaluate(failing(2, withLead(auto(), 0.001)));
    expect(before.report!.choice).toEqual({
      chosen: 'als',
      incumbent: 'als',
      evidence: null,
      says: `ALS stays: before the judged part EASE cannot be fitted: ${says}`,
    });
    expect(before.report!.scores.map(({ model }) => model)).toContain('other');

    const beside = await evaluate(failing(3, withLead(auto(), -0.001)));
    expect(beside.report!.choice).toMatchObject({ chosen: 'als' });
    expect(beside.report!.scores.map(({ model }) => model)).not.toContain('other');
    expect(beside.report!.notes).toContain(`EASE cannot be shown beside it: ${says}`);

    for (const [nth, what] of [
      [3, 'the refit on the train part'],
      [4, 'the second fit on all data'],
    ] as const) {
      const judged = await evaluate(failing(nth, withLead(auto(), 0.001)));
      expect(judged.report!.choice).toMatchObject({ chosen: 'ease' });
      expect(judged.report!.scores[1]!.model).toBe('als');
      expect(judged.report!.notes).toContain(
        `EASE was judged and not promoted (reject: ${what} diverged: ${says}), so ALS is judged in its place`,
      );
    }
  });

  test('where ALS cannot be fitted EASE goes on alone; where neither can, the night fails for good', async () => {
    const broken = (world: World) => {
      world.deps.trainer.train = () => Promise.reject(new ModelDiverged('the loss is NaN'));
      return world;
    };
    const { report, model } = await evaluate(broken(auto()));
    expect([model!.uri, report!.scores[1]!.model]).toEqual(['runs/r/train', 'ease']);
    expect(report!.notes).toContain('EASE alone: ALS cannot be fitted: the loss is NaN');
    const neither = broken(auto());
    neither.deps.trainer.fitEase = () => Promise.reject(new NotInvertible('λ'));
    await expect(evaluate(neither)).rejects.toMatchObject({ type: 'ModelDiverged', nonRetryable: true });
  });
});
