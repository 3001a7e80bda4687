import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { FORMULA_CHANNEL } from '../../src/activities/formula.js';
import { formulaListsSchema } from '../../src/contracts/index.js';
import { weightedRating } from '../../src/core/weighted-rating/index.js';
import { createWorld, type World } from './score-world.js';
import { smallWorld } from './score-world-rows.js';

let world: World;
afterEach(() => world.dispose());

describe('buildFormula', () => {
  test('the whole catalogue with its votes, the Top in WR order and New Arrivals', async () => {
    const rows = smallWorld();
    world = await createWorld(rows);
    const ref = await world.formula.build();
    const text = await readFile(join(world.deps.artifacts.path(ref.uri), 'formula.json'), 'utf8');
    const lists = formulaListsSchema.parse(JSON.parse(text));

    expect(lists).toMatchObject({ m: 100, c: 6.5, provisional: true });
    expect(lists.films.map((film) => film.filmId)).toEqual(rows.films.map((film) => film.film_id));
    const f10 = lists.films[10];
    expect(f10).toMatchObject({ votes: 310, averageRating: 5, certificates: { MPA: ['Rated R'] } });
    expect(f10?.weightedRating).toBe(weightedRating(310, 1550, 100, 6.5));
    const wr = new Map(lists.films.map((film) => [film.filmId, film.weightedRating]));
    const eligible = lists.top.slice(0, lists.eligible).map((id) => wr.get(id) ?? Number.NaN);
    expect(eligible).toEqual([...eligible].sort((a, b) => b - a));
    expect(lists.eligible).toBe(rows.votes.filter((row) => row.votes >= 100).length);
    // Added within the window: f35 … f39, of which f39 has no certificate at all.
    expect(lists.newArrivals).toEqual(['f35', 'f36', 'f37', 'f38']);
    expect(lists.heldArrivals).toEqual([{ filmId: 'f39', missing: ['certificate'] }]);
    expect(lists.films[39]?.addedAt).toBe('2026-01-20T00:00:00.000Z');
  });

  test('an average from elsewhere is a fact of its own, and evidence as long as there are few votes of ours', async () => {
    const rows = smallWorld();
    const film = rows.films[3];
    if (film === undefined) throw new Error('a film expected');
    Object.assign(film, { external_average: 9.5, external_votes: 40_000 });
    const votes = rows.votes.find((row) => row.film_id === film.film_id) ?? { votes: 0, rating_sum: 0 };
    world = await createWorld(rows);
    const ref = await world.formula.build();
    const text = await readFile(join(world.deps.artifacts.path(ref.uri), 'formula.json'), 'utf8');
    const found = formulaListsSchema.parse(JSON.parse(text)).films[3];
    expect(found).toMatchObject({ votes: votes.votes, external: { average: 9.5, votes: 40_000 } });
    // m = 100, C = 6.5, externalShare = 0.5: 50 votes of 6.5 and 50 of 9.5 stand before our own.
    expect(found?.weightedRating).toBeCloseTo(
      (votes.rating_sum + 50 * 6.5 + 50 * 9.5) / (votes.votes + 100),
      12,
    );
  });

  test('same input, same hash; another run and another hour of the same day change nothing', async () => {
    world = await createWorld(smallWorld());
    const first = await world.formula.build();
    const again = await world.formula.build('2026-02-01T05:00:00.000Z', 'another-run');
    expect(again.sha256).toBe(first.sha256);
  });

  test('a table without m and c is refused', async () => {
    world = await createWorld(smallWorld());
    world.refs.votes = world.refs.films;
    await expect(world.formula.build()).rejects.toMatchObject({
      type: 'ArtifactCorrupt',
      nonRetryable: true,
    });
  });
});

describe('publishFormula', () => {
  test('one release per content: again is "already", and nothing moves', async () => {
    world = await createWorld(smallWorld());
    const formula = await world.formula.build();
    const first = await world.formula.publish(formula);
    expect(first).toEqual({ kind: 'flipped', releaseId: `formula-${formula.sha256.slice(0, 12)}` });
    const later = await world.formula.publish(formula, '2026-02-02T00:00:00.000Z');
    expect(later).toEqual({ ...first, kind: 'already' });
    expect(await world.deps.releases.history(FORMULA_CHANNEL)).toHaveLength(1);
    const lists = await world.deps.releases.readFormula(first.releaseId);
    expect(lists.films).toHaveLength(40);
  });

  test('an older "now" never replaces a newer one', async () => {
    world = await createWorld(smallWorld());
    const newer = await world.formula.build('2026-02-01T00:00:00.000Z', 'newer');
    const older = await world.formula.build('2025-06-01T00:00:00.000Z', 'older');
    expect(older.sha256).not.toBe(newer.sha256);
    const served = await world.formula.publish(newer, '2026-02-01T00:00:00.000Z');
    expect((await world.formula.publish(older, '2025-06-01T00:00:00.000Z')).kind).toBe('superseded');
    expect((await world.deps.releases.current(FORMULA_CHANNEL))?.releaseId).toBe(served.releaseId);
  });

  test('lists that come back after a change move the channel back', async () => {
    world = await createWorld(smallWorld());
    const a = await world.formula.build('2026-02-01T00:00:00.000Z', 'a');
    const b = await world.formula.build('2026-06-01T00:00:00.000Z', 'b');
    const kinds = [
      await world.formula.publish(a, '2026-02-01T00:00:00.000Z'),
      await world.formula.publish(b, '2026-06-01T00:00:00.000Z'),
      await world.formula.publish(a, '2026-06-02T00:00:00.000Z'),
      await world.formula.publish(b, '2026-06-01T12:00:00.000Z'),
    ].map(({ kind }) => kind);
    expect(kinds).toEqual(['flipped', 'flipped', 'flipped', 'superseded']);
    expect(await world.deps.releases.list()).toHaveLength(2);
  });

  test('many at once: one moves, all succeed', async () => {
    world = await createWorld(smallWorld());
    const formula = await world.formula.build();
    const kinds = (await Promise.all(Array.from({ length: 8 }, () => world.formula.publish(formula)))).map(
      ({ kind }) => kind,
    );
    expect(kinds.filter((kind) => kind === 'flipped')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'already')).toHaveLength(7);
  });
});
