import type { ArtifactRef, Verdict } from '../../src/contracts/index.js';
import { createWorld } from './score-world.js';
import { NIGHT, smallWorld, type WorldRows } from './score-world-rows.js';
import { overCopy } from './world-copies.js';

export const VERDICT: Verdict = { kind: 'promote', provisional: true, reasons: ['beats the formula'] };

/** A world scored up to the door of publishing. */
export async function scored(
  rows: WorldRows = smallWorld(),
  options: Parameters<typeof createWorld>[1] = {},
) {
  const world = await createWorld(rows, options);
  const score = async () => {
    const formula = await world.formula.build();
    const model = await world.model();
    const buckets: ArtifactRef[] = [];
    for (const { bucket } of await world.score.plan())
      buckets.push(await world.score.bucket(bucket, formula, model));
    return { formula, model, buckets };
  };
  const key = JSON.stringify(['scored', rows, options]);
  const { formula, model, buckets } = await (options.isAnew ? score() : overCopy(world.root, key, score));
  const input = {
    night: NIGHT,
    snapshot: {
      events: world.refs.events,
      films: world.refs.films,
      viewers: world.refs.viewers,
      days: 1,
      changedDays: 1,
    },
    buckets,
    formula,
    formulaRelease: 'formula-abc',
    model,
    report: null,
    verdict: VERDICT,
    publish: true,
    expectSeq: 0,
    by: 'nightly/2026-01-31',
  };
  return { world, input };
}
