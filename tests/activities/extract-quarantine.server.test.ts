import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { extractSources } from '../../src/activities/extract.js';
import { listQuarantine, replayQuarantine } from '../../src/activities/quarantine.js';
import { fileSourceSchema, filmSchema } from '../../src/contracts/index.js';
import { pidOf } from '../../src/core/identity/pid.js';
import {
  context,
  event,
  type ExtractionBench,
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
