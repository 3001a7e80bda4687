import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { extractSources } from '../../src/activities/extract.js';
import { listQuarantine, replayQuarantine } from '../../src/activities/quarantine.js';
import { decideOn } from '../../src/activities/suspect-segments.js';
import { fileSourceSchema, filmSchema } from '../../src/contracts/index.js';
import { pidOf } from '../../src/core/identity/pid.js';
import {
  context,
  event,
  type ExtractionBench,
  listed,
  night,
  pidKey,
  rawRows,
  startExtractionBench,
} from '../support/extraction.js';

let bench: ExtractionBench;
let store: ExtractionBench['store'];
let depsWith: ExtractionBench['depsWith'];
let root: string;
beforeAll(async () => {
  bench = await startExtractionBench();
  ({ store, depsWith } = bench);
});
afterAll(() => bench.stop());
beforeEach(async () => {
  await bench.reset();
  root = bench.root();
});

describe('quarantine', () => {
  test('is listed, and replayed once what was missing has arrived', async () => {
    const deps = depsWith([
      fileSourceSchema.parse({
        name: 'shop',
        format: 'csv',
        glob: 'shop.csv',
        type: 'rating',
        columns: { user_id: 'who', film_id: 'what', ts: 'at', value: 'stars' },
      }),
    ]);
    writeFileSync(
      join(root, 'shop.csv'),
      'who,what,at,stars\nann,late,2026-03-01T10:00:00Z,8\nann,never,2026-03-01T10:00:00Z,8\nann,f1,2026-03-01T10:00:00Z,0\nann,f1\n',
    );
    await store.saveEvents([event('like', { movieId: 'late' })], 'api');
    await extractSources(deps, night('2026-03-10'), context());

    const listed = await listQuarantine(deps, {});
    expect(listed.total).toBe(5);
    expect(listed.groups).toContainEqual({
      source: 'postgres',
      day: '2026-03-10',
      reason: 'film:unknown',
      rows: 1,
    });
    expect(listed.groups).toContainEqual({
      source: 'shop',
      day: '2026-03-10',
      reason: 'value:out-of-range',
      rows: 1,
    });
    expect(listed.samples.find(({ reasons }) => reasons.includes('line:truncated'))).toMatchObject({
      raw: 'ann,f1',
      line: 5,
    });
    expect(JSON.stringify(listed.samples.filter(({ raw }) => raw === null))).not.toContain('ann');

    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 0, remaining: 5 });
    await store.upsertFilms([filmSchema.parse({ filmId: 'late', title: 'The Late Show' })]);
    expect(await replayQuarantine(deps, { source: 'postgres' })).toMatchObject({ replayed: 1, remaining: 0 });
    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 1, remaining: 3 });
    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 0, remaining: 3 });
    expect((await listQuarantine(deps, {})).total).toBe(3);

    const { segments } = await extractSources(deps, night('2026-03-11'), context());
    const rows = await rawRows(deps, segments);
    expect(rows.map(({ film_id, source, type }) => [film_id, source, type])).toEqual([
      ['late', 'shop', 'rating'],
      ['late', 'api', 'like'],
    ]);
    expect(new Set(rows.map(({ pid }) => pid))).toEqual(new Set([pidOf(pidKey.key, 'ann')]));
  });

  test('a replay that is killed half-way loses nothing and doubles nothing', async () => {
    const deps = depsWith();
    await store.saveEvents([event('like', { movieId: 'late' }), event('like', { movieId: 'never' })], 'api');
    await extractSources(deps, night('2026-03-10'), context());
    await store.upsertFilms([filmSchema.parse({ filmId: 'late', title: 'The Late Show' })]);
    const dying = {
      ...deps,
      artifacts: { ...deps.artifacts, remove: () => Promise.reject(new Error('killed')) },
    };
    await expect(replayQuarantine(dying, {})).rejects.toThrow('killed');
    expect((await listQuarantine(deps, {})).total).toBe(1);
    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 0, remaining: 1 });
    const { segments } = await extractSources(deps, night('2026-03-11'), context());
    expect(await rawRows(deps, segments)).toHaveLength(1);
  });
});

describe('a file of which half was refused', () => {
  const halfBad = () => {
    const rows = Array.from({ length: 20 }, (_, i) => {
      const film = i % 2 === 0 ? 'f1' : 'late';
      return `ann,${film},2026-03-01T10:00:${String(i).padStart(2, '0')}Z,8`;
    });
    writeFileSync(join(root, 'shop.csv'), ['who,what,at,stars', ...rows, ''].join('\n'));
    const source = fileSourceSchema.parse({
      name: 'shop',
      format: 'csv',
      glob: 'shop.csv',
      type: 'rating',
      columns: { user_id: 'who', film_id: 'what', ts: 'at', value: 'stars' },
    });
    const deps = depsWith([source]);
    const checks = { ...deps.config.checks, suspectRefusedRows: 5 };
    return { ...deps, config: { ...deps.config, checks } };
  };
  const readOn = async (deps: ReturnType<typeof halfBad>, date: string) =>
    listed(deps, (await extractSources(deps, night(date), context())).segments);

  test('is left out of every night until it is accepted, and again once it is discarded', async () => {
    const deps = halfBad();
    const first = await readOn(deps, '2026-03-10');
    const [suspect] = first.suspects;
    expect(first).toMatchObject({
      segments: [],
      suspects: [{ rows: 10, refused: 10, firstDay: '2026-03-01' }],
    });
    expect(await readOn(deps, '2026-03-11')).toEqual(first); // nothing new was refused that night
    expect((await listQuarantine(deps, {})).suspects).toEqual(first.suspects);
    expect((await listQuarantine(deps, { source: 'postgres' })).suspects).toEqual([]);

    const segment = suspect!.segment;
    const later = (ms: number) => ({ ...deps, clock: { now: () => new Date(ms) } });
    await decideOn(later(1), { segment, decision: 'accept', reason: 'the shop confirmed them' });
    const accepted = await readOn(deps, '2026-03-12');
    expect(accepted).toEqual({ segments: [`raw/${segment}`], suspects: [] });
    await decideOn(later(2), { segment, decision: 'discard', reason: 'they were wrong' });
    expect(await readOn(deps, '2026-03-13')).toEqual({ segments: [], suspects: [] });
    await expect(decideOn(deps, { segment: 'shop/x', decision: 'accept', reason: '' })).rejects.toThrow(
      `no raw segment is called shop/x`,
    );
  });

  test('is cleared by a replay that lets its rows pass, whatever part remains small', async () => {
    const deps = halfBad();
    expect((await readOn(deps, '2026-03-10')).suspects).toHaveLength(1);
    await store.upsertFilms([filmSchema.parse({ filmId: 'late', title: 'The Late Show' })]);
    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 10, remaining: 0 });
    const after = await readOn(deps, '2026-03-11');
    expect(after.suspects).toEqual([]);
    expect(after.segments).toHaveLength(2);
  });

  test('a handful of refused rows makes no suspect', async () => {
    const deps = halfBad();
    const checks = { ...deps.config.checks, suspectRefusedRows: 11 };
    const few = { ...deps, config: { ...deps.config, checks } };
    expect((await readOn(few, '2026-03-10')).suspects).toEqual([]);
  });
});
