import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { ListItem, ReleaseStore, ViewerList } from '../../src/activities/deps.js';
import { sha256OfFile } from '../../src/adapters/artifacts/hash.js';
import {
  decodeList,
  encodeList,
  keyToPid,
  openList,
  pidToKey,
} from '../../src/adapters/releases/list-codec.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import type { ReleaseManifest } from '../../src/contracts/index.js';

const root = mkdtempSync(join(tmpdir(), 'matinee-releases-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const clock = { now: () => new Date('2026-02-01T02:30:00Z') };
let stores = 0;
const freshStore = () => createReleaseStore(join(root, String(stores++)), clock);

const manifestOf = (releaseId: string): Omit<ReleaseManifest, 'files' | 'contentSha256'> => ({
  schema: 'release/1',
  releaseId,
  kind: 'personal',
  night: '2026-01-31',
  asOf: '2026-02-01T00:00:00.000Z',
  inputSha256: 'a'.repeat(64),
  provisional: false,
  counts: { viewers: 2, personal: 1, formula: 0, none: 1, noneReasons: {}, films: 2 },
  model: null,
  formulaRelease: null,
  report: null,
  verdict: null,
  audit: { pairs: 1, violations: 0 },
  config: {},
  createdAt: '2026-02-01T02:30:00.000Z',
});

const item = (filmId: string): ListItem => ({
  filmId,
  minAge: 10,
  title: 'Amélie "quoted"',
  year: 2001,
  score: 0.123456,
  reason: { kind: 'watched', text: 'Because you watched Psycho', movieIds: ['f2'] },
});
const listOf = (pid: string, items: ListItem[] = [item('f1')]): ViewerList => ({
  pid,
  servedBy: 'personal',
  maxAge: 18,
  market: 'default',
  items,
});
const PIDS = ['00000000-0000-4000-8000-000000000001', 'ffffffff-0000-4000-8000-000000000002'] as const;

async function commitOne(store: ReleaseStore, releaseId: string, items?: ListItem[]) {
  const draft = await store.begin(releaseId, ['f1', 'f2']);
  draft.put(listOf(PIDS[0], items));
  draft.put({ ...listOf(PIDS[1], []), servedBy: 'none', why: 'No film has a certificate' });
  return draft.commit(manifestOf(releaseId));
}

describe('list codec', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const generated = fc.record({
    pid: fc.uuid(),
    servedBy: fc.constantFrom('personal', 'formula', 'none' as const),
    maxAge: fc.integer({ min: 0, max: 98 }),
    market: text,
    why: text.filter((t) => t.length > 0),
    items: fc.array(
      fc.record({
        filmId: fc.constantFrom('f1', 'f2', 'f3'),
        minAge: fc.integer({ min: 0, max: 99 }),
        title: text,
        year: fc.option(fc.integer({ min: 1890, max: 2100 })),
        score: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
        reason: fc.record({
          kind: fc.constantFrom('watched', 'genre', 'popular' as const),
          text,
          movieIds: fc.array(text, { maxLength: 2 }),
        }),
      }),
      { maxLength: 200 },
    ),
  });
  const index = (filmId: string) => Number(filmId.slice(1));

  test('what goes in comes out, and the index says the same as the items', () => {
    fc.assert(
      fc.property(generated, (list) => {
        const bytes = encodeList(list, index);
        expect(decodeList(list.pid, bytes)).toEqual(JSON.parse(JSON.stringify(list)));
        const packed = openList(bytes);
        list.items.forEach((expected, i) => {
          expect([packed.film(i), packed.minAge(i)]).toEqual([index(expected.filmId), expected.minAge]);
          const served: unknown = JSON.parse(`{"rank":${i + 1},${packed.json(i).toString()}`);
          expect(served).toMatchObject({ rank: i + 1, movieId: expected.filmId, title: expected.title });
        });
      }),
      { numRuns: 60 },
    );
  });

  test('the layout is the documented one', () => {
    const history = [{ filmId: 'f3', weightMicro: -2, flags: 9 }];
    const bytes = encodeList({ ...listOf(PIDS[0]), market: 'US', why: 'x', history }, index);
    const body = JSON.stringify({
      movieId: 'f1',
      title: item('f1').title,
      year: 2001,
      score: 0.123456,
      reason: item('f1').reason,
    });
    expect([...bytes.subarray(0, 10)]).toEqual([2, 0, 18, 1, 2, 0, 1, 0, 1, 0]);
    expect(bytes.readUInt32LE(10)).toBe(1);
    expect(bytes.readUInt8(14)).toBe(10);
    expect(bytes.readUInt32LE(15)).toBe(Buffer.byteLength(body) - 1);
    expect(bytes.subarray(19, -9).toString()).toBe(`USx${body.slice(1)}`);
    expect([...bytes.subarray(-9)]).toEqual([3, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 9]);
  });

  test('an unknown layout is refused', () => {
    const bytes = encodeList(listOf(PIDS[0]), index);
    bytes[0] = 3;
    expect(() => openList(bytes)).toThrow('list layout 3, expected 2');
  });

  test('a pid is its 16 bytes', () => {
    expect(keyToPid(pidToKey(PIDS[1]))).toBe(PIDS[1]);
    expect(() => pidToKey('42')).toThrow('not a pid: 42');
  });
});

describe('a release', () => {
  test('is read as it was written, and names the hash of every file', async () => {
    const store = freshStore();
    const draft = await store.begin('2026-01-31-abc', ['f1', 'f2']);
    draft.put(listOf(PIDS[0]));
    draft.put({ ...listOf(PIDS[1], []), servedBy: 'none', why: 'nothing' });
    await writeFile(join(root, 'factors'), Buffer.from([1, 2, 3]));
    await draft.copyIn('model/film-factors.f32', join(root, 'factors'));
    const manifest = await draft.commit(manifestOf('2026-01-31-abc'));

    expect(manifest.files.map((file) => file.path)).toEqual([
      'films.json',
      'lists.mdb',
      'model/film-factors.f32',
    ]);
    const folder = join(root, String(stores - 1), 'releases', '2026-01-31-abc');
    for (const file of manifest.files) expect(await sha256OfFile(join(folder, file.path))).toBe(file.sha256);
    expect(await store.manifest('2026-01-31-abc')).toEqual(manifest);
    expect((await readdir(folder)).sort()).toEqual([
      'films.json',
      'lists.mdb',
      'lists.mdb-lock',
      'manifest.json',
      'model',
    ]);

    const reader = await store.readLists('2026-01-31-abc');
    expect(reader.get(PIDS[0])).toEqual(listOf(PIDS[0]));
    expect(reader.get(PIDS[1])).toMatchObject({ servedBy: 'none', why: 'nothing', items: [] });
    expect(reader.get(PIDS[0].replace('1', '3'))).toBeNull();
    expect(reader.get('42')).toBeNull();
    expect(reader.films[reader.packed(PIDS[0])?.film(0) ?? -1]).toBe('f1');
    expect([...reader.pids()]).toEqual([...PIDS]);
    await reader.close();
  });

  test('two buffers read one after the other are independent', async () => {
    const store = freshStore();
    const draft = await store.begin('r', ['f1', 'f2']);
    draft.put(listOf(PIDS[0], [item('f1')]));
    draft.put(listOf(PIDS[1], [item('f2')]));
    await draft.commit(manifestOf('r'));
    const reader = await store.readLists('r');
    const [first, second] = PIDS.map((pid) => reader.packed(pid)?.json(0));
    expect([first?.toString(), second?.toString()]).toEqual([
      expect.stringContaining('"movieId":"f1"'),
      expect.stringContaining('"movieId":"f2"'),
    ]);
    await reader.close();
  });

  test('same lists, same content hash, whatever the id and the time', async () => {
    const store = freshStore();
    const [a, b, c] = [
      await commitOne(store, 'a'),
      await commitOne(store, 'b'),
      await commitOne(store, 'c', [{ ...item('f1'), score: 0.2 }]),
    ];
    expect(b?.contentSha256).toBe(a?.contentSha256);
    expect(c?.contentSha256).not.toBe(a?.contentSha256);
  });

  test('a thousand viewers come back, in order', async () => {
    const store = freshStore();
    const draft = await store.begin('many', ['f1']);
    const pids = Array.from(
      { length: 1000 },
      (_, i) => `${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
    );
    for (const pid of pids) draft.put(listOf(pid));
    await draft.commit(manifestOf('many'));
    const reader = await store.readLists('many');
    expect([...reader.pids()]).toEqual(pids);
    expect(reader.get(pids[777] ?? '')?.items).toHaveLength(1);
    await reader.close();
  });

  test('an id is committed once: the second writer gets the first one', async () => {
    const store = freshStore();
    const [first, second] = await Promise.all([commitOne(store, 'r'), commitOne(store, 'r')]);
    expect(second).toEqual(first);
    expect(await readdir(join(root, String(stores - 1), 'releases'))).toEqual(['r']);
  });

  test('a killed writer leaves nothing that is listed, and does not stop the next one', async () => {
    const store = freshStore();
    const draft = await store.begin('r', ['f1']);
    draft.put(listOf(PIDS[0]));
    expect(await store.list()).toEqual([]);
    expect(await store.manifest('r')).toBeNull();
    const again = await commitOne(store, 'r');
    expect((await store.list()).map((release) => release.releaseId)).toEqual(['r']);
    expect(again.releaseId).toBe('r');
    await draft.abandon();
  });

  test('what else lies among the releases and channels is not looked at', async () => {
    const folder = join(root, String(stores));
    const store = freshStore();
    await commitOne(store, '2026-01-31-abc');
    await store.flip('default', { releaseId: '2026-01-31-abc', expectSeq: 0, by: 't', reason: 't' });
    for (const file of ['releases/.DS_Store', 'releases/notes.txt', 'channels/.DS_Store'])
      await writeFile(join(folder, file), 'x');
    for (const stray of ['releases/2026-01-31-abc (copy)', 'releases/.git', 'channels/old (1)'])
      await mkdir(join(folder, stray));
    expect((await store.list()).map(({ releaseId }) => releaseId)).toEqual(['2026-01-31-abc']);
    expect(await store.channels()).toEqual(['default']);
  });

  test('lists out of order, twice, or with an unknown film are refused', async () => {
    const draft = await freshStore().begin('r', ['f1']);
    draft.put(listOf(PIDS[1]));
    expect(() => draft.put(listOf(PIDS[0]))).toThrow('ascending pid order');
    expect(() => draft.put(listOf(PIDS[1]))).toThrow('ascending pid order');
    expect(() => draft.put(listOf('ffffffff-ffff-4fff-8fff-ffffffffffff', [item('f9')]))).toThrow('f9');
    await draft.abandon();
  });

  test('an id that would leave the folder is refused', async () => {
    await expect(freshStore().manifest('../secrets')).rejects.toThrow('not a plain name');
  });
});

describe('a channel', () => {
  const to = (releaseId: string, expectSeq: number) => ({ releaseId, expectSeq, by: 'test', reason: 'test' });

  test('moves once per release, and keeps its history', async () => {
    const store = freshStore();
    expect(await store.current('default')).toBeNull();
    expect(await store.flip('default', to('a', 0))).toBe('flipped');
    expect(await store.flip('default', to('a', 0))).toBe('already');
    await expect(store.flip('default', to('b', 0))).rejects.toMatchObject({ name: 'ReleaseConflictError' });
    expect(await store.flip('default', to('b', 1))).toBe('flipped');
    expect(
      (await store.history('default')).map(({ seq, releaseId, previous }) => [seq, releaseId, previous]),
    ).toEqual([
      [1, 'a', null],
      [2, 'b', 'a'],
    ]);
    expect(await store.channels()).toEqual(['default']);
  });

  test('of 20 racers one flips; its twins hear "already", the others a conflict', async () => {
    const store = freshStore();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => store.flip('default', to(i % 2 === 0 ? 'even' : 'odd', 0))),
    );
    const said = outcomes.map((o) => (o.status === 'fulfilled' ? o.value : (o.reason as Error).name));
    const count = (word: string) => said.filter((s) => s === word).length;
    expect([count('flipped'), count('already'), count('ReleaseConflictError')]).toEqual([1, 9, 10]);
    expect(await store.history('default')).toHaveLength(1);
    expect(await readdir(join(root, String(stores - 1), 'channels', 'default'))).toEqual(['00000001.json']);
  });

  test('what a killed writer left does not count', async () => {
    const store = freshStore();
    const folder = join(root, String(stores - 1), 'channels', 'default');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '.tmp-dead'), '{"seq":');
    expect(await store.current('default')).toBeNull();
    expect(await store.flip('default', to('a', 0))).toBe('flipped');
    expect(JSON.parse(await readFile(join(folder, '00000001.json'), 'utf8'))).toMatchObject({
      releaseId: 'a',
    });
  });
});
