import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Threads } from '../../src/activities/deps.js';
import { openLists } from '../../src/api/serving-store.js';
import { openSimilar } from '../../src/core/similar/similar-table.js';
import { createWorld, type World } from './score-world.js';
import { inlineThreads } from '../support/inline-threads.js';
import { NIGHT, smallWorld } from './score-world-rows.js';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

async function published(threads: Threads = inlineThreads) {
  const world = await createWorld(smallWorld());
  worlds.push(world);
  world.deps.threads = inlineThreads;
  const formula = await world.formula.build();
  const model = await world.model();
  const buckets = [];
  for (const { bucket } of await world.score.plan())
    buckets.push(await world.score.bucket(bucket, formula, model));
  const { films, viewers } = world.refs;
  const snapshot = { events: world.refs.events, films, viewers, days: 1, changedDays: 1 };
  world.deps.threads = threads;
  const input = {
    night: NIGHT,
    snapshot,
    buckets,
    formula,
    formulaRelease: null,
    model,
    report: null,
    verdict: null,
  };
  return {
    world,
    formula,
    publish: () => world.publish({ ...input, publish: true, expectSeq: 0, by: 'test' }),
  };
}

it('a personal release holds films like each film by taste and facts, hashed like its lists; a formula release by facts', async () => {
  const { world, formula, publish } = await published();
  const { releaseId } = await publish();
  const manifest = await world.deps.releases.manifest(releaseId);
  expect(manifest?.files.map(({ path }) => path)).toContain('similar.u32');
  const opened = await openLists(world.root, world.deps.releases, releaseId);
  const kinds = world.rows.films.flatMap(({ film_id }) => opened.served.similar?.of(film_id) ?? []);
  await opened.close();
  expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(['taste', 'facts']));

  const made = await world.formula.publish(formula);
  const byFacts = await world.deps.releases.readSimilar(made.releaseId);
  const { films } = await world.deps.releases.readFormula(made.releaseId);
  const table = openSimilar(
    byFacts!,
    films.map(({ filmId }) => filmId),
  );
  const neighbours = films.flatMap(({ filmId }) => table.of(filmId) ?? []);
  expect(neighbours.length).toBeGreaterThan(100);
  expect(neighbours.every(({ kind }) => kind === 'facts')).toBe(true);
  expect((await world.deps.releases.manifest(made.releaseId))?.files.map(({ path }) => path)).toEqual([
    'formula.json',
    'similar.u32',
  ]);
  expect(await world.deps.releases.readSimilar(made.releaseId)).toEqual(byFacts);
});

it('the same input gives the same bytes', async () => {
  const [one, two] = [await published(), await published()];
  const bytes = async ({ world, publish }: typeof one) =>
    readFile(join(world.root, 'releases', (await publish()).releaseId, 'similar.u32'));
  expect(await bytes(one)).toEqual(await bytes(two));
});

it('a neighbour that is not true stops the release', async () => {
  const untrue: Threads = {
    async crew(job) {
      const crew = await inlineThreads.crew(job);
      if (!job.module.href.includes('similar')) return crew;
      const run: typeof crew.run = (phase, units, on) =>
        crew.run(phase, units, {
          ...on,
          onResult: (unit, result) => {
            if (phase === 'find') (result as Uint32Array)[0] = 0; // the first film of all is like itself
            on?.onResult?.(unit, result);
          },
        });
      return { ...crew, run };
    },
  };
  const { world, publish } = await published(untrue);
  await expect(publish()).rejects.toMatchObject({
    type: 'ArtifactCorrupt',
    message: expect.stringMatching(/^similar films: \d+ are not true, expected 0; e.g. film f0/) as string,
  });
  expect(await world.deps.releases.list()).toEqual([]);
});
