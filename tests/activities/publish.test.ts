import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { auditAges } from '../../src/activities/publish-audit.js';
import { createListReading } from '../../src/activities/publish-lists.js';
import { configSchema } from '../../src/contracts/index.js';
import * as gate from '../../src/core/age-gate/age-gate.js';
import { createWorld, type World } from './score-world.js';
import { filmRow, interactionRow, NIGHT, smallWorld, viewerRow, type WorldRows } from './score-world-rows.js';
import { scored as scoredWorld, VERDICT } from './scored-world.js';
import { overCopy } from './world-copies.js';

const worlds: World[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const world of worlds.splice(0)) world.dispose();
});

async function scored(...of: Parameters<typeof scoredWorld>) {
  const made = await scoredWorld(...of);
  worlds.push(made.world);
  return made;
}

describe('publishRelease', () => {
  test('one release with everybody in it, audited, rehearsed, on the channel', async () => {
    const { world, input } = await scored();
    const result = await world.publish(input);
    expect(result).toMatchObject({
      channel: 'flipped',
      serving: result.releaseId,
      provisional: true,
      audit: { violations: 0 },
    });
    expect(result.releaseId).toMatch(/^2026-01-31-[0-9a-f]{12}$/);
    const { viewers, personal, formula, none } = result.counts;
    expect([viewers, personal + formula + none]).toEqual([60, 60]);
    expect(personal).toBeGreaterThan(20);

    const manifest = await world.deps.releases.manifest(result.releaseId);
    expect(manifest).toMatchObject({
      kind: 'personal',
      night: '2026-01-31',
      formulaRelease: 'formula-abc',
      verdict: VERDICT,
    });
    expect(manifest?.model).toMatchObject({ k: 6, uri: `releases/${result.releaseId}/model` });
    expect(manifest?.files.map((file) => file.path)).toEqual([
      'card.html',
      'card.json',
      'films.json',
      'lineage.json',
      'lists.mdb',
      'model/cold-factors.f32',
      'model/cold-films.json',
      'model/film-factors.f32',
      'model/films.json',
      'model/model.json',
      'model/standing.json',
      'similar.u32',
    ]);
    expect(await world.deps.releases.current('default')).toMatchObject({
      seq: 1,
      releaseId: result.releaseId,
      reason: 'promote: beats the formula',
    });
    const sample = world.rehearsed[0] ?? [];
    expect(sample.length).toBe(result.rehearsed);
    expect(new Set(sample.map((list) => list.servedBy))).toEqual(new Set(['personal', 'formula']));

    const reader = await world.deps.releases.readLists(result.releaseId);
    const pids = world.rows.viewers.map((viewer) => viewer.pid).sort();
    expect([...reader.pids()]).toEqual(pids);
    const shown = pids.reduce((sum, pid) => sum + (reader.get(pid)?.items.length ?? 0), 0);
    const cited = pids
      .flatMap((pid) => reader.get(pid)?.items ?? [])
      .flatMap((item) => item.reason.movieIds).length;
    expect(result.audit.pairs).toBe(shown + cited);
    expect(reader.get(pids[0] ?? '')?.items[0]?.title).toMatch(/^Film f\d\d$/);
    await reader.close();
  });

  test('tried again: the same release, the channel is there "already", nothing is written', async () => {
    const { world, input } = await scored();
    const first = await world.publish(input);
    const text = await readFile(join(world.root, 'releases', first.releaseId, 'manifest.json'), 'utf8');
    const again = await world.publish(input);
    expect(again).toEqual({ ...first, channel: 'already' });
    expect(await readFile(join(world.root, 'releases', first.releaseId, 'manifest.json'), 'utf8')).toBe(text);
    expect(await readdir(join(world.root, 'releases'))).toEqual([first.releaseId]);
    expect(await world.deps.releases.history('default')).toHaveLength(1);
  });

  test('killed between any two steps, the next attempt ends in the same single release', async () => {
    const { world, input } = await scored();
    const releases = join(world.root, 'releases');
    // Killed while writing: a half-filled temporary folder, a half-written entry of the channel.
    await mkdir(join(releases, '2026-01-31-000000000000.tmp-dead'), { recursive: true });
    await mkdir(join(world.root, 'channels', 'default'), { recursive: true });
    await writeFile(join(world.root, 'channels', 'default', '.tmp-dead'), '{');
    // Killed after the commit and before the channel moved.
    const made = await world.publish({ ...input, publish: false });
    expect(made.channel).toBe('not-asked');
    expect(await world.deps.releases.current('default')).toBeNull();
    const ended = await world.publish(input);
    expect(ended).toMatchObject({
      releaseId: made.releaseId,
      contentSha256: made.contentSha256,
      channel: 'flipped',
    });
    expect((await world.deps.releases.list()).map((release) => release.releaseId)).toEqual([made.releaseId]);
  });

  test('a zombie and its successor at once: one release, one move', async () => {
    const { world, input } = await scored();
    const [a, b] = await Promise.all([world.publish(input), world.publish(input)]);
    expect(b?.releaseId).toBe(a?.releaseId);
    expect([a?.channel, b?.channel].sort()).toEqual(['already', 'flipped']);
    expect(await readdir(join(world.root, 'releases'))).toEqual([a?.releaseId]);
  });

  test('the same night again, in another run: same id, same content', async () => {
    const [one, two] = [await scored(), await scored(smallWorld(), { isAnew: true })];
    const [a, b] = [await one.world.publish(one.input), await two.world.publish(two.input)];
    expect([b.releaseId, b.contentSha256]).toEqual([a.releaseId, a.contentSha256]);
  });

  test('other code, another id', async () => {
    const [one, two] = [await scored(), await scored(smallWorld(), { code: '9', isAnew: true })];
    const [a, b] = [
      await one.world.publish({ ...one.input, publish: false }),
      await two.world.publish({ ...two.input, publish: false }),
    ];
    expect(b.releaseId).not.toBe(a.releaseId);
    expect(b.contentSha256).toBe(a.contentSha256);
  });

  test('another release on the channel since the night began is a conflict, for good', async () => {
    const { world, input } = await scored();
    await world.deps.releases.flip('default', { releaseId: 'other', expectSeq: 0, by: 'x', reason: 'x' });
    await expect(world.publish(input)).rejects.toMatchObject({ type: 'ReleaseConflict', nonRetryable: true });
    expect((await world.deps.releases.current('default'))?.releaseId).toBe('other');
  });

  test('a night before the served one is stored, and the channel stays where it is', async () => {
    const { world, input } = await scored();
    const served = await world.publish(input);
    const past = { ...input, night: { ...NIGHT, date: '2026-01-30' }, expectSeq: 1 };
    const made = await world.publish(past);
    expect(made).toMatchObject({ channel: 'superseded', serving: served.releaseId });
    expect(made.releaseId).toMatch(/^2026-01-30-/);
    expect(await world.deps.releases.manifest(made.releaseId)).not.toBeNull();
    expect(await world.deps.releases.history('default')).toHaveLength(1);
    // Also when a later night came between this one's start and its end: that is no conflict.
    expect(await world.publish({ ...past, expectSeq: 0 })).toMatchObject({ channel: 'superseded' });
  });

  test('a rehearsal that differs stops the channel', async () => {
    const { world, input } = await scored();
    world.deps.rehearsal = {
      ...world.deps.rehearsal,
      rehearse: async (_id, sample) => ({ checked: sample.length, failures: ['viewer x'] }),
    };
    await expect(world.publish(input)).rejects.toMatchObject({ type: 'RehearsalFailed', nonRetryable: true });
    expect(await world.deps.releases.current('default')).toBeNull();
  });

  test('a bucket that is missing, or there twice, stops it', async () => {
    const { world, input } = await scored();
    const [first] = input.buckets;
    await expect(world.publish({ ...input, buckets: input.buckets.slice(1) })).rejects.toThrow(
      'not answered',
    );
    await cp(world.deps.artifacts.path(first?.uri ?? ''), join(world.root, 'copy'), { recursive: true });
    const twice = [...input.buckets, { ...input.buckets[0]!, uri: 'copy' }];
    await expect(world.publish({ ...input, buckets: twice })).rejects.toMatchObject({
      type: 'ArtifactCorrupt',
      nonRetryable: true,
    });
  });

  test('viewers for whom nothing may be shown are counted by reason', async () => {
    const { world, input } = await scored({
      films: [filmRow('f0', { certificates: '{}' })],
      viewers: [viewerRow('kid', { birth_year: 2016 }), viewerRow('adult')],
      interactions: [],
      votes: [],
    });
    const result = await world.publish(input);
    expect(result.counts).toMatchObject({
      viewers: 2,
      none: 1,
      formula: 1,
      noneReasons: { 'no-film-at-age': 1 },
    });
    const reader = await world.deps.releases.readLists(result.releaseId);
    expect(reader.get(viewerRow('kid').pid)).toMatchObject({
      servedBy: 'none',
      why: 'No film has a certificate that allows it at age 9',
      items: [],
    });
    await reader.close();
  });

  test('a service without viewers still gets a release', async () => {
    const { world, input } = await scored({
      films: [filmRow('f0')],
      viewers: [],
      interactions: [],
      votes: [],
    });
    expect((await world.publish(input)).counts).toMatchObject({ viewers: 0 });
  });
});

describe('remove a gate, and the next one holds', () => {
  test('no gate at scoring: the audit stops the release, in SQL of its own', async () => {
    vi.spyOn(gate, 'isAllowed').mockReturnValue(true);
    const { world, input } = await scored(smallWorld(), { isAnew: true });
    vi.restoreAllMocks();
    await expect(world.publish(input)).rejects.toMatchObject({
      type: 'AgeAuditFailed',
      nonRetryable: true,
      message: expect.stringMatching(
        /^age audit: \d+ of \d+ shown films are not allowed, expected 0; e.g. film f/,
      ) as string,
    });
    expect(await world.deps.releases.list()).toEqual([]);
    expect(await world.deps.releases.current('default')).toBeNull();
  });

  test('a world that others share is not asked for while a gate is replaced', async () => {
    vi.spyOn(gate, 'isAllowed').mockReturnValue(true);
    const shared = () => overCopy('nowhere', 'never kept', () => Promise.reject(new Error('filled')));
    await expect(shared()).rejects.toThrow('isAllowed is replaced: ask for a world of its own');
    vi.restoreAllMocks();
    await expect(shared()).rejects.toThrow('filled');
  });

  test('a certificate read too low at scoring and at publishing alike is still met by the audit', async () => {
    vi.spyOn(gate, 'filmMinAge').mockReturnValue(0);
    const { world, input } = await scored(smallWorld(), { isAnew: true });
    await expect(world.publish(input)).rejects.toMatchObject({ type: 'AgeAuditFailed' });
  });

  test('no audit: the gate of the list itself stops the release', () => {
    const { ages } = configSchema.parse({});
    const film = { filmId: 'f', title: 'F', year: null, certificates: { MPA: ['R'] } };
    const toList = createListReading(new Map([['f', film]]), ages);
    const row = (maxAge: number, filmId = 'f') => ({
      pid: 'p',
      served_by: 'personal',
      max_age: maxAge,
      market: 'US',
      why: null,
      items: JSON.stringify([{ filmId, score: 1 / 3, reason: { kind: 'genre', text: 't', movieIds: [] } }]),
      history: '[]',
    });
    expect(toList(row(17)).items).toMatchObject([{ minAge: 17, score: 0.333333 }]);
    expect(() => toList(row(16))).toThrow('film f with its reason is from age 17, not allowed up to age 16');
    expect(() => toList(row(98, 'unknown'))).toThrow('not allowed up to age 98');
  });

  test('a profile scored as older than it is stops the release', async () => {
    const rows = smallWorld();
    const { world, input } = await scored(rows);
    const younger = rows.viewers.map((viewer) => ({ ...viewer, is_kids: true }));
    const other = await createWorld({ ...rows, viewers: younger });
    worlds.push(other);
    await cp(other.deps.artifacts.path(other.refs.viewers.uri), world.deps.artifacts.path('younger'), {
      recursive: true,
    });
    const snapshot = { ...input.snapshot, viewers: { ...input.snapshot.viewers, uri: 'younger' } };
    await expect(world.publish({ ...input, snapshot })).rejects.toMatchObject({ type: 'AgeAuditFailed' });
  });

  test('a reason that names a film above the viewer’s age is a violation too', async () => {
    const kid = viewerRow('kid', { birth_year: 2015 });
    const rows: WorldRows = {
      films: [filmRow('f0'), filmRow('f1', { certificates: '{"MPA":["R"]}' })],
      viewers: [kid],
      interactions: [interactionRow(kid, 'f1')],
      votes: [],
    };
    const world = await createWorld(rows);
    worlds.push(world);
    const violations = await world.deps.warehouse.session(async (session) => {
      await session.view('films', await world.deps.artifacts.files(world.refs.films));
      await session.view('viewers', await world.deps.artifacts.files(world.refs.viewers));
      await session.run(
        `CREATE TEMP VIEW lists AS SELECT '${kid.pid}'::UUID AS pid, 1 AS rank, 'f0' AS film_id, ['f1'] AS reason_film_ids`,
      );
      return auditAges(session, NIGHT.asOf, world.deps.config.ages).catch((error: unknown) => error);
    });
    expect(violations).toMatchObject({ type: 'AgeAuditFailed', details: [{ violations: 1, pairs: 2 }] });
  });
});
