import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTrainActivities } from '../../src/activities/train.js';
import { createTrainer } from '../../src/adapters/threads/trainer.js';
import { inlineThreads } from '../support/inline-threads.js';
import type { Night, TrainResult } from '../../src/contracts/index.js';
import { FACTS, INTERACTIONS } from './model-world.js';
import { createWorld, type World } from './score-world.js';
import { filmRow, NIGHT } from './score-world-rows.js';

const CONFIG = { ials: { k: 8 }, eligibility: { minItemUsers: 5 } };
type Trained = Extract<TrainResult, { kind: 'trained' }>;

let world: World;
beforeEach(async () => {
  world = await createWorld(
    { films: [filmRow('f0')], viewers: [], interactions: [], votes: [] },
    { config: CONFIG },
  );
});
afterEach(() => world.dispose());

const nightOf = (date: string, runId = `${date}-run`): Night => ({ ...NIGHT, date, runId });

/** Trains on the two tastes of the model world, beside the real store of releases. */
async function train(night: Night): Promise<Trained> {
  const table = (name: string, select: string) =>
    world.deps.artifacts.write(
      `runs/${night.runId}/features/${name}`,
      { schema: 'x', inputs: [] },
      async (folder) => ({
        files: [await world.deps.warehouse.session((s) => s.copy(select, join(folder, `${name}.parquet`)))],
      }),
    );
  const interactions = await table('two-tastes', INTERACTIONS);
  const films = await table('two-tastes-films', FACTS);
  const features = { interactions, viewers: interactions, films, weightedRating: interactions };
  const result = await createTrainActivities(
    { ...world.deps, trainer: createTrainer(inlineThreads) },
    () => ({ heartbeat: () => {}, resume: undefined, signal: new AbortController().signal }),
  ).trainCandidate({ night, features });
  if (result.kind !== 'trained') throw new Error(`expected a model, got: ${result.reason}`);
  return result;
}

/** A release of that model on the channel, made as a night makes it. */
async function publish(night: Night, { model }: Trained): Promise<string> {
  const nobody = await world.deps.artifacts.write(
    `runs/${night.runId}/events`,
    { schema: 'snapshot/1', inputs: [] },
    async () => ({ files: [] }),
  );
  const { releaseId, channel } = await world.publish({
    night,
    snapshot: {
      events: nobody,
      films: world.refs.films,
      viewers: world.refs.viewers,
      days: 1,
      changedDays: 1,
    },
    buckets: [],
    formula: await world.formula.build(),
    formulaRelease: null,
    model,
    report: null,
    verdict: { kind: 'promote', provisional: false, reasons: [] },
    publish: true,
    expectSeq: (await world.deps.releases.current('default'))?.seq ?? 0,
    by: 'test',
  });
  expect(channel).toBe('flipped');
  return releaseId;
}

test('a night starts from the released model of the night before, also when that run is swept', async () => {
  const first = await train(nightOf('2026-01-30'));
  expect(first).toMatchObject({ warm: false, epochs: 8 });
  await publish(nightOf('2026-01-30'), first);
  await rm(join(world.root, 'runs/2026-01-30-run'), { recursive: true });

  const second = await train(NIGHT);
  expect(second).toMatchObject({ warm: true, epochs: 3 });
  expect(second.losses[0]).toBeLessThan(first.losses[0] ?? 0);
  const manifest = await world.deps.artifacts.read(second.model.uri);
  expect(manifest?.facts['card']).toMatchObject({ warmFrom: first.model.sha256 });

  // The same night once more, with its own release on the channel: same start, same bytes.
  await publish(NIGHT, second);
  const again = await train(nightOf(NIGHT.date, 'again'));
  expect(again).toMatchObject({ warm: true, model: { sha256: second.model.sha256 } });
});

test('a model of another recipe is no start', async () => {
  const first = await train(nightOf('2026-01-30'));
  await publish(nightOf('2026-01-30'), first);
  world.deps.config = { ...world.deps.config, ials: { ...world.deps.config.ials, seed: 7 } };
  expect(await train(NIGHT)).toMatchObject({ warm: false, epochs: 8 });
});

test('a released model whose bytes changed is refused for good', async () => {
  const first = await train(nightOf('2026-01-30'));
  const releaseId = await publish(nightOf('2026-01-30'), first);
  const file = join(world.root, 'releases', releaseId, 'model/film-factors.f32');
  const bytes = await readFile(file);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(file, bytes);
  await expect(train(NIGHT)).rejects.toMatchObject({
    type: 'ArtifactCorrupt',
    nonRetryable: true,
    message: expect.stringMatching(/film-factors\.f32: expected sha256 [0-9a-f]{64}, found/) as string,
  });
});
