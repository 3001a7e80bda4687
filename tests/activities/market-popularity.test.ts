import { afterEach, expect, test } from 'vitest';
import { marketPopularity } from '../../src/activities/market-popularity.js';
import { type World, makeWorld } from './model-world.js';

let world: World;
afterEach(() => world.close());

/** Films 0 … 3 by [market, film, days before the cut] of each positive interaction of a viewer of its own. */
async function popularity(liked: [market: string, film: number, days: number][], marketOf: string[]) {
  world = makeWorld({});
  return world.deps.warehouse.session(async (session) => {
    const rows = liked.map(([market, film, days], u) => `(${u}, '${market}', ${film}, ${days})`).join(', ');
    await session.run(
      `CREATE TEMP TABLE liked AS FROM (VALUES ${rows}) AS liked(pid, market, film, days);
       CREATE TEMP VIEW feat_viewer AS SELECT pid, market FROM liked;
       CREATE TEMP VIEW catalogue AS SELECT f::INTEGER AS film, 'f' || f AS film_id FROM range(4) AS films(f);
       CREATE TEMP VIEW interactions AS
         SELECT pid, 'f' || film AS film_id, 1 AS preference, TIMESTAMP '2024-06-01' - to_days(days) AS last_at FROM liked;`,
    );
    await session.set('cut_at', '2024-06-01T00:00:00.000Z', 'TIMESTAMP');
    await session.set('popularity_days', 28, 'INTEGER');
    const films = [0, 1, 2, 3].map((film) => {
      const own = liked.filter(([, liked_]) => liked_ === film);
      return { positives: own.length, recent_positives: own.filter(([, , days]) => days <= 28).length };
    });
    const found = await marketPopularity(session, films, marketOf);
    const orderOf = (viewer: number) => {
      const from = found.groupOf[viewer]! * 4;
      const scores = found.scores.subarray(from, from + 4);
      return [0, 1, 2, 3].sort((a, b) => scores[b]! - scores[a]! || a - b);
    };
    return { ...found, orderOf };
  });
}

test('each market has its own order; what all markets like breaks ties and stands in where nothing happened', async () => {
  const { orderOf, notes } = await popularity(
    [
      ['bd', 1, 3],
      ['bd', 1, 4],
      ['bd', 2, 5],
      ['bd', 3, 200], // too long ago
      ['kr', 3, 3],
      ['kr', 2, 3],
    ],
    ['bd', 'kr', 'nowhere'],
  );
  expect(orderOf(0)).toEqual([1, 2, 3, 0]); // 2, 1; then film 3, which Korea likes
  expect(orderOf(1)).toEqual([2, 3, 1, 0]); // one each of 2 and 3, and all like 2 more
  expect(orderOf(2)).toEqual([1, 2, 3, 0]); // 2, 2, 1 of all
  expect(notes).toEqual([]);
});

test('of all time where nothing happened lately, and it says so', async () => {
  const { orderOf, notes } = await popularity([['bd', 3, 200]], ['bd']);
  expect(orderOf(0)).toEqual([3, 0, 1, 2]);
  expect(notes).toEqual(['popularity is of all time: nothing in the 28 days before the cut']);
});
