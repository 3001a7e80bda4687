import { expect, test } from 'vitest';
import { weightedRating } from '../../src/core/weighted-rating/index.js';
import { warehouse } from '../support/warehouse-data.js';

test('the mart and the pure function give the same number, to the bit', async () => {
  await warehouse.session(async (session) => {
    await session.run(
      `CREATE TEMP TABLE films AS
       SELECT 'f' || lpad(i::VARCHAR, 3, '0') AS film_id,
         CASE WHEN i % 3 > 0 THEN 1 + (i * 37 % 90) / 10 END AS external_average,
         CASE WHEN i % 4 > 0 THEN (i * 97 % 1000)::INTEGER END AS external_votes
       FROM range(200) AS t (i)`,
    );
    await session.run(
      `CREATE TEMP TABLE votes AS
       SELECT film_id, (1 + (n * 7 + length(film_id)) % 10)::SMALLINT AS rating
       FROM films, range(300) AS t (n) WHERE n < (right(film_id, 3)::INTEGER * 13) % 301`,
    );
    await session.run('CREATE TEMP TABLE rating_prior AS SELECT 333.25::DOUBLE AS m, 6.4321::DOUBLE AS c');
    await session.set('external_share', 0.3, 'DOUBLE');
    await session.model('marts/mart_weighted_rating');
    const rows = await session.rows<{
      votes: number;
      rating_sum: bigint;
      weighted_rating: number;
      average: number | null;
      n: number | null;
    }>(
      `SELECT mart.*, external_average::DOUBLE AS average, external_votes AS n
       FROM mart_weighted_rating AS mart JOIN films USING (film_id)`,
    );
    expect(rows).toHaveLength(200);
    for (const { votes, rating_sum, weighted_rating, average, n } of rows) {
      const external = average === null || n === null ? null : { average, votes: n };
      expect(weighted_rating).toBe(weightedRating(votes, Number(rating_sum), 333.25, 6.4321, external, 0.3));
    }
  });
});
