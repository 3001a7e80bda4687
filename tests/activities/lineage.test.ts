import { afterEach, expect, test } from 'vitest';
import { missingOf, readLineage } from '../../src/activities/read-lineage.js';
import { hashOf } from '../../src/core/identity/hash.js';
import { releaseIdentity } from '../../src/core/identity/release-identity.js';
import type { World } from './score-world.js';
import { NIGHT } from './score-world-rows.js';
import { scored } from './scored-world.js';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

test('a release’s lineage names run, snapshot, days and all that it was made by', async () => {
  const { world, input } = await scored();
  worlds.push(world);
  const { releaseId } = await world.publish(input);
  const manifest = await world.deps.releases.manifest(releaseId);
  const lineage = await readLineage(world.deps.artifacts, manifest!);
  const { films, viewers, events } = world.refs;
  expect(lineage).toMatchObject({
    runId: NIGHT.runId,
    codeSha256: 'c'.repeat(64),
    configSha256: hashOf(world.deps.config),
    seed: 1,
    toolchain: { node: 'v20.19.0' },
    snapshot: {
      sha256: hashOf({ events: events.sha256, films: films.sha256, viewers: viewers.sha256 }),
      days: [{ day: '2026-01-30', uri: 'events/day=2026-01-30/v=000000000000', segments: [] }],
    },
    model: { sha256: input.model.sha256 },
    start: null,
  });
  expect(lineage?.steps.map(({ uri }) => uri)).toContain(`runs/${NIGHT.runId}/train`);
  expect(await missingOf(world.deps.artifacts, lineage!)).toEqual([]);
  await world.deps.artifacts.remove(films.uri);
  expect(await missingOf(world.deps.artifacts, lineage!)).toEqual([films.uri]);
  // The release's name can be worked out anew from what it says of itself.
  expect(
    releaseIdentity(manifest!.night, {
      events: events.sha256,
      films: films.sha256,
      viewers: viewers.sha256,
      model: input.model.sha256,
      formula: input.formula.sha256,
      config: world.deps.config,
      code: lineage!.codeSha256,
    }).releaseId,
  ).toBe(releaseId);
});
