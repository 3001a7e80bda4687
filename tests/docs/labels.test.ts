import { mkdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { buildRelevance, buildTrainPart } from '../../src/activities/interactions.js';
import { buildSplit } from '../../src/activities/split-parts.js';
import { configSchema } from '../../src/contracts/config.js';
import {
  type EventRow,
  testFolder,
  testPid,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';

/** The examples of docs/labels.md, run through the SQL that labels are made by. */
const folder = testFolder();
afterAll(folder.remove);

const T = '2026-06-01T00:00:00.000Z';
const CUT = '2026-05-25T00:00:00.000Z';
const BEFORE = '2026-05-20T20:00:00.000Z';
const config = configSchema.parse({});

const examples = readFileSync('docs/labels.md', 'utf8')
  .split('\n')
  .filter((line) => /\| (yes|no) +\|$/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, before, after, relevant]) => ({ before: before!, after: after!, isRelevant: relevant === 'yes' }));

/** What a cell says, as events of one viewer with film "f" from `at` on, an hour apart. */
function eventsOf(words: string, viewer: number, at: string): EventRow[] {
  if (words === 'nothing') return [];
  return words.split(/, then /).flatMap((deed, n): EventRow[] => {
    const ts = new Date(Date.parse(at) + n * 3_600_000).toISOString();
    const event = { viewer, film: 'f', ts };
    const [, minutes] = /^watched (\d+) minutes$/.exec(deed) ?? [];
    if (minutes !== undefined) {
      return [{ ...event, type: 'play_end', from_ms: 0, to_ms: Number(minutes) * 60_000, session_id: 's' }];
    }
    const [, value] = /^rated (\d+)$/.exec(deed) ?? [];
    if (value !== undefined) return [{ ...event, type: 'rating', value: Number(value) }];
    const type = (
      {
        liked: 'like',
        unliked: 'unlike',
        disliked: 'dislike',
        'opened the page': 'detail_open',
        bookmarked: 'bookmark_add',
      } as const
    )[deed];
    if (type === undefined) throw new Error(`docs/labels.md: no event is known for "${deed}"`);
    return [{ ...event, type }];
  });
}

interface Label {
  pid: string;
  is_organic: boolean;
  is_mature: boolean;
}

/** Viewers for whom film "f" is relevant, and the labels of the test part. */
async function labelled(
  name: string,
  events: EventRow[],
): Promise<{ relevant: Set<string>; labels: Label[] }> {
  const path = folder.path(name);
  mkdirSync(path);
  const numbered = events.map((event, id) => ({ id: id + 1, ...event }));
  const viewers = [...new Set(events.map(({ viewer }) => viewer))].map((viewer) => ({ viewer }));
  return warehouse.session(async (session) => {
    const parts = await buildSplit(
      session,
      { kind: 'last-7-days', cutoff: CUT },
      {
        asOf: T,
        events: [await writeEvents(session, `${path}/events`, numbered)],
        films: [await writeFilms(session, `${path}/films`, [{ film: 'f', runtime: 100 }])],
        viewers: [await writeViewers(session, `${path}/viewers`, viewers)],
        config,
      },
      { buildRelevance, buildTrainPart, snapshotFiles: async () => [] },
      path,
      () => {},
    );
    await session.view('relevant', [parts.relevance]);
    await session.view('labelled', [parts.labels]);
    const rows = await session.rows<{ pid: string }>('SELECT pid::VARCHAR AS pid FROM relevant');
    const labels = await session.rows<Label>(
      'SELECT pid::VARCHAR AS pid, is_organic, is_mature FROM labelled ORDER BY pid',
    );
    return { relevant: new Set(rows.map(({ pid }) => pid)), labels };
  });
}

test('every example is labelled as the document says', async () => {
  expect(examples.length).toBeGreaterThan(12);
  expect(examples.some(({ isRelevant }) => isRelevant)).toBe(true);
  const events = examples.flatMap(({ before, after }, viewer) => [
    ...eventsOf(before, viewer, BEFORE),
    ...eventsOf(after, viewer, '2026-05-28T20:00:00.000Z'),
  ]);
  const { relevant } = await labelled('examples', events);
  const seen = examples.map((example, viewer) => ({ ...example, isRelevant: relevant.has(testPid(viewer)) }));
  expect(seen).toEqual(examples);
});

test('organic by the first thing done, whatever follows; settled a day before T', async () => {
  const rate = (viewer: number, ts: string, surface?: string): EventRow => ({
    viewer,
    film: 'f',
    ts,
    type: 'rating',
    value: 9,
    ...(surface === undefined ? {} : { surface }),
  });
  const open = (viewer: number, ts: string, surface: string): EventRow => ({
    viewer,
    film: 'f',
    ts,
    type: 'detail_open',
    surface,
  });
  const surfaces = ['for-you', 'similar', 'picks', 'recommendations', 'film', 'player', 'top'];
  const { labels } = await labelled('organic', [
    rate(0, '2026-05-28T20:00:00.000Z', 'home'),
    rate(1, '2026-05-28T20:00:00.000Z', 'search'),
    rate(2, '2026-05-28T20:00:00.000Z'),
    open(3, '2026-05-28T19:00:00.000Z', 'home'),
    rate(3, '2026-05-28T20:00:00.000Z', 'detail'),
    open(4, '2026-05-28T19:00:00.000Z', 'search'),
    rate(4, '2026-05-28T20:00:00.000Z', 'home'),
    rate(5, '2026-05-31T00:00:00.000Z'),
    rate(6, '2026-05-31T00:00:01.000Z'),
    ...surfaces.map((surface, n) => open(7 + n, '2026-05-28T19:00:00.000Z', surface)),
    ...surfaces.map((_, n) => rate(7 + n, '2026-05-28T20:00:00.000Z', 'player')),
  ]);
  const organic = labels.map(({ is_organic }) => is_organic);
  expect(organic.slice(0, 7)).toEqual([false, true, true, false, true, true, true]);
  expect(organic.slice(7)).toEqual([false, false, false, false, true, true, true]);
  const mature = labels.slice(0, 7).map(({ is_mature }) => is_mature);
  expect(mature).toEqual([true, true, true, true, true, true, false]);
});
