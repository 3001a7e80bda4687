import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { extractSources } from '../../src/activities/extract.js';
import { replayQuarantine } from '../../src/activities/quarantine.js';
import { createStageActivities } from '../../src/activities/stage.js';
import { fileSourceSchema, filmSchema } from '../../src/contracts/index.js';
import { runActivity } from '../support/activity.js';
import {
  context,
  event,
  type ExtractionBench,
  night,
  startExtractionBench,
  listed,
} from '../support/extraction.js';

let bench: ExtractionBench;
beforeAll(async () => {
  bench = await startExtractionBench();
});
afterAll(() => bench.stop());
beforeEach(() => bench.reset());

test('session ids that hold profile ids: the warehouse knows neither, and still which events are one session', async () => {
  const deps = bench.depsWith([
    fileSourceSchema.parse({
      name: 'shop',
      format: 'csv',
      glob: 'shop.csv',
      columns: { user_id: 'who', session_id: 'visit' },
    }),
    fileSourceSchema.parse({ name: 'app', format: 'ndjson', glob: 'app.ndjson' }),
  ]);
  const at = '2026-03-10T10:00:00Z';
  writeFileSync(
    join(bench.root(), 'shop.csv'),
    `who,film_id,type,ts,visit\nann,f1,like,${at},ann/0-1\nann,late,like,${at},ann/0-1\nbob,f1,like,${at},\n`,
  );
  const row = { user_id: 'ann', type: 'share', ts: at, session_id: 'ann/0-1' };
  writeFileSync(
    join(bench.root(), 'app.ndjson'),
    [
      { ...row, film_id: 'f1' },
      { ...row, film_id: 'late' },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  await bench.store.saveEvents(
    [
      event('detail_open', { sessionId: 'ann/0-1' }),
      event('share', { sessionId: 'ann/0-1', movieId: 'late' }),
      event('share', { sessionId: 'ann' }),
    ],
    'api',
  );

  const { segments, quarantined } = await extractSources(deps, night('2026-03-10'), context());
  expect(quarantined.byReason).toEqual({ 'film:unknown': 3 });
  expect(await textsBelow('quarantine')).toContain('_session');
  expect(await textsBelow('raw')).not.toMatch(/ann|bob/);
  expect(await textsBelow('quarantine')).not.toMatch(/ann[/"]|bob/);

  expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 0, remaining: 3 });
  await bench.store.upsertFilms([filmSchema.parse({ filmId: 'late', title: 'The Late Show' })]);
  expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 3, remaining: 0 });
  const again = await extractSources(deps, night('2026-03-10', 'again'), context());
  expect((await listed(deps, again.segments)).segments.length).toBeGreaterThan(
    (await listed(deps, segments)).segments.length,
  );
  const stage = createStageActivities({ ...deps, codeSha256: 'c' } as unknown as ActivityDeps);
  await runActivity(stage.stageEvents, { night: night('2026-03-10'), segments: again.segments });
  expect(await textsBelow('events')).toContain('late');
  expect(await textsBelow('raw')).not.toMatch(/ann|bob/);
  expect(await textsBelow('events')).not.toMatch(/ann|bob/);
  const sessions = await deps.warehouse.session((session) =>
    session.rows<{ session_id: string | null; n: number }>(
      'SELECT session_id, count(*)::INTEGER AS n FROM read_parquet($files) GROUP BY 1 ORDER BY n DESC',
      { files: deps.artifacts.path('events/**/*.parquet') },
    ),
  );
  expect(sessions).toEqual([
    { session_id: expect.stringMatching(/^[0-9a-f]{16}$/), n: 6 },
    ...Array.from({ length: 2 }, () => ({ session_id: expect.toBeOneOf([null, expect.any(String)]), n: 1 })),
  ]);

  /** Every text in every Parquet file below a folder of the warehouse. */
  async function textsBelow(folder: string): Promise<string> {
    const rows = await deps.warehouse.session((session) =>
      session.rows<Record<string, unknown>>(
        'SELECT * EXCLUDE (filename) FROM read_parquet($files, union_by_name = true, filename = true)',
        { files: deps.artifacts.path(`${folder}/**/*.parquet`) },
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
    return JSON.stringify(rows);
  }
});
