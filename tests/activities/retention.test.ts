import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeWhole } from '../../src/activities/retention-files.js';
import { missingOf } from '../../src/activities/read-lineage.js';
import { LINEAGE_FILE, traceLineage } from '../../src/activities/trace-lineage.js';
import type { ArtifactRef, Lineage, ReleaseManifest } from '../../src/contracts/index.js';
import { createWorld, type World } from './score-world.js';

const ASOF = '2026-02-01T00:00:00.000Z';
/** Later than the clock of real files, so that "a day ago" can be told by the test's clock alone. */
let now = new Date('2030-01-01T00:00:00Z');
let world: World;

beforeEach(async () => {
  now = new Date('2030-01-01T00:00:00Z');
  world = await createWorld(
    { films: [], viewers: [], interactions: [], votes: [] },
    {
      config: {
        feedback: { historyDays: 9 },
        retention: { runs: 2, releases: 2, unservedReleases: 2, formulaReleases: 2, rawDays: 10 },
      },
    },
  );
  world.deps.clock.now = () => now;
  await removeWhole(join(world.root, 'runs'));
});
afterEach(() => world.dispose());

const later = (minutes: number) => (now = new Date(now.getTime() + minutes * 60_000));

async function artefact(uri: string, inputs: ArtifactRef[] = [], facts: Record<string, unknown> = {}) {
  later(1);
  const ref = await world.deps.artifacts.write(uri, { schema: 'x', inputs }, async (folder) => {
    await writeFile(join(folder, 'data'), 'x'.repeat(1000));
    return { files: [{ path: 'data', sha256: 'a', rows: 1, bytes: 1000 }], facts };
  });
  // The files' own times follow the test's clock.
  const folder = world.deps.artifacts.path(uri);
  for (const path of [folder, join(folder, '..')]) await utimes(path, now, now);
  return ref;
}

async function release(
  releaseId: string,
  kind: 'personal' | 'formula',
  formulaRelease: string | null = null,
  night = '2026-01-31',
  lineage: Lineage | null = null,
) {
  later(1);
  const manifest: Omit<ReleaseManifest, 'files' | 'contentSha256'> = {
    schema: 'release/1',
    releaseId,
    kind,
    night,
    asOf: ASOF,
    inputSha256: 'a',
    provisional: false,
    counts: { viewers: 0, personal: 0, formula: 0, none: 0, noneReasons: {}, films: 0 },
    model: null,
    formulaRelease,
    report: null,
    verdict: null,
    audit: { pairs: 0, violations: 0 },
    config: {},
    createdAt: now.toISOString(),
  };
  const draft = await world.deps.releases.begin(releaseId, ['f']);
  if (lineage !== null) await draft.write(LINEAGE_FILE, Buffer.from(JSON.stringify(lineage)));
  await draft.commit(manifest);
}

const point = (channel: string, releaseId: string, expectSeq: number) =>
  world.deps.releases.flip(channel, { releaseId, expectSeq, by: 'test', reason: 'test' });
const has = (uri: string) => existsSync(join(world.root, uri));

describe('sweepRetention', () => {
  test('keeps the newest runs of each family, and never one that is not over', async () => {
    for (const day of ['01', '02', '03', '04']) await artefact(`runs/2026-01-${day}-r/train`);
    for (const hour of ['1', '2', '3']) await artefact(`runs/formula-${hour}/formula`);
    const finishedRuns = [
      '2026-01-02-r',
      '2026-01-03-r',
      '2026-01-04-r',
      'formula-1',
      'formula-3',
      'missing',
    ];
    const result = await world.sweep({ asOf: ASOF, finishedRuns });
    expect(result.uris).toEqual(['runs/2026-01-02-r', 'runs/formula-1']);
    expect(result.removed.runs.count).toBe(2);
    expect(result.bytes).toBeGreaterThan(2000);
    expect(has('runs/2026-01-01-r')).toBe(true); // still going, for all that is known

    later(25 * 60); // nothing was written there for a day: it died
    const again = await world.sweep({ asOf: ASOF });
    expect(again.uris).toEqual(['runs/2026-01-01-r']);
    expect(readdirSync(join(world.root, 'runs')).sort()).toEqual([
      '2026-01-03-r',
      '2026-01-04-r',
      'formula-2',
      'formula-3',
    ]);
    expect((await world.sweep({ asOf: ASOF })).bytes).toBe(0);
  });

  test('the snapshot of a kept release outlives its run, the rest of the run does not', async () => {
    const day = await artefact('events/day=2026-01-05/v=old');
    const [events, films, viewers] = [
      await artefact('runs/2026-01-05-r/stage/events', [day]),
      await artefact('runs/2026-01-05-r/extract/films'),
      await artefact('runs/2026-01-05-r/extract/viewers'),
    ];
    await artefact('runs/2026-01-05-r/train');
    await artefact('events/day=2026-01-05/v=new');
    const made = { runId: '2026-01-05-r', snapshot: { events, films, viewers } };
    const lineage = await traceLineage(world.deps, {
      ...made,
      interactions: null,
      formula: films,
      model: null,
    });
    await release('night-1', 'personal', null, '2026-01-05', lineage);
    for (const run of ['2026-01-06-r', '2026-01-07-r']) await artefact(`runs/${run}/train`);
    const sweep = () => world.sweep({ asOf: '2026-01-08T00:00:00Z', finishedRuns: ['2026-01-05-r'] });
    expect((await sweep()).uris).toEqual(['runs/2026-01-05-r/train']);
    expect(await missingOf(world.deps.artifacts, lineage)).toEqual([]);
    expect((await sweep()).uris).toEqual([]);
    await world.deps.releases.remove('night-1');
    expect((await sweep()).uris).toEqual(['runs/2026-01-05-r', 'events/day=2026-01-05/v=old']);
  });

  test('keeps the newest releases, what channels serve, and the formula that a kept one stands on', async () => {
    for (const n of [1, 2, 3, 4]) await release(`formula-${n}`, 'formula');
    await release('night-1', 'personal', 'formula-1');
    await release('night-2', 'personal', 'formula-2');
    await release('night-3', 'personal');
    await release('night-4', 'personal');
    await point('default', 'night-1', 0);
    await point('formula', 'formula-4', 0);
    const { uris, removed } = await world.sweep({ asOf: ASOF });
    expect(uris.sort()).toEqual(['releases/formula-2', 'releases/night-2']);
    expect(removed.releases.count).toBe(2);
    const left = (await world.deps.releases.list()).map(({ releaseId }) => releaseId);
    expect(left).toEqual(['formula-1', 'formula-3', 'formula-4', 'night-1', 'night-3', 'night-4']);
  });

  test('of served nights the latest stay, of never served ones those made last; neither takes from the other', async () => {
    const served = ['2026-01-08', '2026-01-10', '2026-01-09', '2026-01-07'];
    for (const [n, night] of served.entries()) {
      await release(night, 'personal', null, night);
      await point('default', night, n);
    }
    for (const night of ['2025-12-01', '2025-12-03', '2025-12-02'])
      await release(`${night}-backfilled`, 'personal', null, night);
    const { uris } = await world.sweep({ asOf: ASOF });
    expect(uris.sort()).toEqual(['releases/2025-12-01-backfilled', 'releases/2026-01-08']);
  });

  test('a day of a backfill marks its run as over and removes nothing; the sweep at the end does', async () => {
    const days = ['01', '02', '03', '04'].map((day) => `2026-01-${day}-r`);
    for (const runId of days) {
      await artefact(`runs/${runId}/train`);
      expect((await world.sweep({ asOf: ASOF, finishedRuns: [runId], removes: false })).uris).toEqual([]);
    }
    expect(readdirSync(join(world.root, 'runs'))).toHaveLength(4);
    expect(world.refreshes).toEqual([]);
    await world.sweep({ asOf: ASOF });
    expect(readdirSync(join(world.root, 'runs')).sort()).toEqual(days.slice(2));
    expect(world.refreshes).toEqual([world.root]); // warehouse.duckdb, once the night is over
  });

  test('a superseded version of a day goes when no remaining run pins it', async () => {
    const [one, two, three] = [
      await artefact('events/day=2026-01-20/v=aaaaaaaaaaaa'),
      await artefact('events/day=2026-01-20/v=bbbbbbbbbbbb'),
      await artefact('events/day=2026-01-20/v=cccccccccccc'),
    ];
    const alone = await artefact('events/day=2026-01-21/v=aaaaaaaaaaaa');
    await artefact('runs/2026-01-01-r/stage/events', [one, alone]);
    await artefact('runs/2026-01-02-r/stage/events', [two, alone]);
    await artefact('runs/2026-01-03-r/stage/events', [three, alone]);
    const { uris } = await world.sweep({ asOf: ASOF, finishedRuns: ['2026-01-01-r'] });
    expect(uris).toEqual(['runs/2026-01-01-r', one.uri]);
    expect([two, three, alone].every(({ uri }) => has(uri))).toBe(true);
  });

  test('days that no night reads any more go, unless a remaining run pins them', async () => {
    // T = 2026-02-01, 9 days of history, 7 nights that may come late: from 2026-01-16 on.
    const version = (day: string) => artefact(`events/day=${day}/v=aaaaaaaaaaaa`);
    const [imported, pinned] = [await version('1998-01-01'), await version('1998-01-02')];
    const [before, first] = [await version('2026-01-15'), await version('2026-01-16')];
    await artefact('runs/2026-01-03-r/stage/events', [pinned]);
    const { uris } = await world.sweep({ asOf: ASOF });
    expect(uris.sort()).toEqual([imported.uri, before.uri]);
    expect([pinned, first].every(({ uri }) => has(uri))).toBe(true);
  });

  test('raw segments go when they and all their days are old', async () => {
    await artefact('raw/imported/day=2026-01-05/a', [], { days: { '1998-01-01': 5 } });
    await artefact('raw/imported/day=2026-01-05/b', [], { days: { '1998-01-01': 5, '2026-01-30': 1 } });
    await artefact('quarantine/imported/day=2026-01-05/a');
    expect((await world.sweep({ asOf: ASOF })).bytes).toBe(0); // made just now
    later(11 * 24 * 60);
    await artefact('raw/imported/day=2026-01-05/c');
    const { uris } = await world.sweep({ asOf: ASOF });
    expect(uris).toEqual(['raw/imported/day=2026-01-05/a', 'quarantine/imported/day=2026-01-05/a']);
  });

  test('the newest segment of a source stays however old, and the newest with its watermark', async () => {
    const facts = { days: { '2025-01-01': 1 } };
    const watermark = { system: 's', xmin: '7' };
    await artefact('raw/postgres/day=2025-01-01/1', [], { ...facts, watermark });
    await artefact('raw/postgres/day=2025-01-02/2', [], { ...facts, watermark });
    await artefact('raw/postgres/day=2025-01-02/replay-1', [], facts);
    await artefact('raw/postgres/day=2025-01-02/replay-2', [], facts);
    await artefact('raw/imported/day=2025-01-01/a', [], facts);
    later(100 * 24 * 60);
    const { uris } = await world.sweep({ asOf: ASOF });
    expect(uris.sort()).toEqual(['raw/postgres/day=2025-01-01/1', 'raw/postgres/day=2025-01-02/replay-1']);
  });

  test('leftovers of killed writers go after a day, wherever they are', async () => {
    const old = ['runs/r/train.tmp-1', 'releases/x.tmp-2', 'events/day=2026-01-01/v=a.tmp-3'];
    for (const uri of [...old, 'releases/y.tmp-young']) {
      await mkdir(join(world.root, uri), { recursive: true });
      await writeFile(join(world.root, uri, 'half'), 'x');
    }
    await mkdir(join(world.root, 'channels/default'), { recursive: true });
    await writeFile(join(world.root, 'channels/default/.tmp-4'), '{');
    const dead = new Date(now.getTime() - 25 * 3_600_000);
    for (const uri of old) {
      await utimes(join(world.root, uri, 'half'), dead, dead);
      await utimes(join(world.root, uri), dead, dead);
    }
    await utimes(join(world.root, 'channels/default/.tmp-4'), dead, dead);
    const young = join(world.root, 'releases/y.tmp-young');
    await utimes(join(young, 'half'), now, now); // a slow zombie is still writing there
    const { uris } = await world.sweep({ asOf: ASOF });
    expect(uris.sort()).toEqual([...old, 'channels/default/.tmp-4'].sort());
    expect(existsSync(young)).toBe(true);
  });

  test('a stray file among runs and releases stays, and disturbs nothing', async () => {
    await artefact('runs/2026-01-31-r/train');
    await release('night-1', 'personal');
    const strays = ['runs/.DS_Store', 'releases/.DS_Store'];
    for (const stray of strays) await writeFile(join(world.root, stray), 'x');
    later(25 * 60);
    expect((await world.sweep({ asOf: ASOF })).uris).toEqual([]);
    expect(strays.every(has)).toBe(true);
  });

  test('an empty warehouse is no error', async () => {
    expect(await world.sweep({ asOf: ASOF })).toMatchObject({ bytes: 0, uris: [] });
  });
});
