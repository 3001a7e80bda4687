import { cp } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import type { ArtifactRef } from '../../src/contracts/index.js';
import { createWorld, type World } from './score-world.js';
import { NIGHT, smallWorld, type ViewerRow, type WorldRows } from './score-world-rows.js';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

async function scored(rows: WorldRows) {
  const world = await createWorld(rows);
  worlds.push(world);
  const formula = await world.formula.build();
  const model = await world.model();
  const buckets: ArtifactRef[] = [];
  for (const { bucket } of await world.score.plan())
    buckets.push(await world.score.bucket(bucket, formula, model));
  const { films, viewers } = world.refs;
  const input = {
    night: NIGHT,
    snapshot: { events: world.refs.events, films, viewers, days: 1, changedDays: 1 },
    buckets,
    formula,
    formulaRelease: null,
    model,
    report: null,
    verdict: null,
    publish: true,
    expectSeq: 0,
    by: 'test',
  };
  return { world, input };
}
const listsOf = async ({ world, input }: Awaited<ReturnType<typeof scored>>, pid: string) => {
  const reader = await world.deps.releases.readLists((await world.publish(input)).releaseId);
  const items = reader.get(pid)?.items ?? [];
  await reader.close();
  return items;
};
/** A viewer who is served personal items that cite a film. */
const isCiting = ({ reason }: { reason: { movieIds: string[] } }) => reason.movieIds.length > 0;

const edited = (rows: WorldRows, pid: string, wishes: Partial<ViewerRow>): WorldRows => ({
  ...rows,
  viewers: rows.viewers.map((viewer) => (viewer.pid === pid ? { ...viewer, ...wishes } : viewer)),
});

it('films that a viewer hides or does not want used are in no list of that viewer; other viewers keep them', async () => {
  const rows = smallWorld();
  const { pid } = rows.viewers[1]!;
  const before = await listsOf(await scored(rows), pid);
  const [first, second] = before;
  const wishes = { not_interested: [first!.filmId, 'unknown'], dont_use: [second!.filmId] };
  const night = await scored(edited(rows, pid, wishes));
  const after = await listsOf(night, pid);
  const named = after.map(({ filmId }) => filmId);
  expect(named).not.toContain(first!.filmId);
  expect(named).not.toContain(second!.filmId);
  const reader = await night.world.deps.releases.readLists(
    (await night.world.deps.releases.current('default'))!.releaseId,
  );
  const others = [...reader.pids()].filter((other) => other !== pid);
  const shown = others.flatMap((other) => (reader.get(other)?.items ?? []).map(({ filmId }) => filmId));
  await reader.close();
  expect(shown).toContain(first!.filmId);
  expect(shown).toContain(second!.filmId);
});

it('a list that shows or cites an excluded film all the same is not published', async () => {
  const rows = smallWorld();
  const night = await scored(rows);
  const { world, input } = night;
  const { releaseId } = await world.publish({ ...input, publish: false });
  const reader = await world.deps.releases.readLists(releaseId);
  const pid = [...reader.pids()].find((each) => reader.get(each)!.items.some(isCiting))!;
  const { filmId, reason } = reader.get(pid)!.items.find(isCiting)!;
  await reader.close();
  const cases: [Partial<ViewerRow>, string][] = [
    [{ not_interested: [filmId] }, `lists film ${filmId}, which this viewer excluded`],
    [{ dont_use: [filmId] }, `lists film ${filmId}, which this viewer excluded`],
    [{ dont_use: [reason.movieIds[0]!] }, `cites film ${reason.movieIds[0]}, which this viewer excluded`],
  ];
  for (const [wishes, says] of cases) {
    const other = await createWorld(edited(rows, pid, { not_interested: [], dont_use: [], ...wishes }));
    worlds.push(other);
    const uri = `viewers-${says.slice(0, 5)}-${Object.keys(wishes).join()}`;
    await cp(other.deps.artifacts.path(other.refs.viewers.uri), world.deps.artifacts.path(uri), {
      recursive: true,
    });
    const snapshot = { ...input.snapshot, viewers: { ...input.snapshot.viewers, uri, sha256: uri } };
    await expect(world.publish({ ...input, snapshot })).rejects.toMatchObject({
      type: 'ArtifactCorrupt',
      message: expect.stringContaining(says) as string,
    });
  }
});
