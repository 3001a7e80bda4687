import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CatalogueWorld, certificatesOf, createCatalogueWorld } from '../support/catalogue-world.js';
import { json, status, tagged } from '../support/feed-server.js';

let world: CatalogueWorld;
beforeEach(async () => {
  world = await createCatalogueWorld();
});
afterEach(() => world.dispose());

describe('certificates', () => {
  test('are never lowered, by no row and in no market', async () => {
    world.server.on(
      '/films',
      json([
        { film_id: 'f1', certificates: { MPA: ['R'] } },
        { film_id: 'f3', certificates: { MPA: ['PG'], BBFC: ['U'] } },
      ]),
    );
    const merged = await world.merge();
    expect(certificatesOf(merged)).toMatchObject({ f1: { MPA: ['PG', 'R'] }, f3: { MPA: ['R'] } });
    expect(merged.use?.conflicts).toMatchObject({
      total: 2,
      first: [
        { filmId: 'f3', scheme: 'BBFC', labels: ['U'], minAge: 0, keptAge: 17, than: 'ours' },
        { filmId: 'f3', scheme: 'MPA', labels: ['PG'], minAge: 10, keptAge: 17, than: 'ours' },
      ],
    });
    expect(merged.notes[0]).toMatch(
      /2 certificates .* refused, e\.g\. BBFC U of film f3 \(age 0; 17 stays\)/,
    );
  });

  test('a feed takes back nothing that it said before: not a lower one, not none, not by leaving the film out', async () => {
    const film = (id: string, certificates: unknown) => ({ film_id: id, certificates });
    world.server.on('/films', json([film('f2', { MPA: ['R'] }), film('f1', { MPA: ['PG-13'] })]));
    await world.merge();
    world.hours(24);
    world.server.on('/films', json([film('f2', { MPA: ['G'] }), film('f3', {})]));
    const lowered = await world.merge();
    expect(certificatesOf(lowered)).toMatchObject({ f1: { MPA: ['PG', 'PG-13'] }, f2: { MPA: ['R'] } });
    expect(lowered.use?.conflicts.first).toEqual([
      { filmId: 'f2', scheme: 'MPA', labels: ['G'], minAge: 0, keptAge: 17, than: 'before' },
    ]);
    world.hours(24);
    const again = await world.merge(); // and not the night after, either
    expect(certificatesOf(again)['f2']).toEqual({ MPA: ['R'] });
    world.hours(24);
    const accepted = await world.merge([world.source({ acceptLowered: ['f2'] })]);
    expect(certificatesOf(accepted)['f2']).toEqual({ MPA: ['G'] });
    expect(accepted.use?.conflicts.total).toBe(0);
  });

  test('of repeated rows count together', async () => {
    world.server.on(
      '/films',
      json([
        { film_id: 'f2', certificates: 'PG' },
        { film_id: 'f2', certificates: 'MPA:R' },
      ]),
    );
    expect(certificatesOf(await world.merge())['f2']).toEqual({ MPA: ['PG', 'R'] });
  });
});

describe('a feed that is not what it was', () => {
  const films = (n: number, key = 'film_id') =>
    json(Array.from({ length: n }, (_, i) => ({ [key]: `f${i + 1}`, runtime_min: 90 })));

  test('fails: the last facts stay, the night goes on and says so, and the feed is left alone for a while', async () => {
    world.server.on('/films', films(3));
    await world.merge();
    world.hours(24);
    world.server.on('/films', status(500));
    const failed = await world.merge();
    expect(failed.films[1]?.runtime_min).toBe(90);
    expect(failed.notes[0]).toMatch(/answered 500 \(1 try\); its facts of 2026-03-10 are used/);
    const asked = world.server.requests.length;
    expect((await world.merge()).use?.problem).toMatch(/answered 500/); // five minutes later, the formula
    expect(world.server.requests).toHaveLength(asked);
    world.hours(1);
    world.server.on('/films', films(3));
    expect((await world.merge()).use?.problem).toBeNull();
  });

  test('was not asked, for want of a key: it is asked as soon as there is one', async () => {
    world.server.on('/films', films(3));
    const keyed = world.source({ keyEnv: 'FACTS_KEY' });
    expect((await world.merge([keyed])).use?.problem).toMatch(/its key is missing; set FACTS_KEY/);
    expect((await world.merge()).use).toMatchObject({ problem: null, rows: 3 });
  });

  test('was never there: nothing is used, and that is said', async () => {
    world.server.on('/films', status(404));
    const { films: now, notes } = await world.merge();
    expect(now[1]?.runtime_min).toBeNull();
    expect(notes).toEqual([expect.stringMatching(/answered 404; nothing of it is used$/)]);
  });

  test('renamed its columns: nothing of it is taken over', async () => {
    world.server.on('/films', films(4));
    await world.merge();
    world.hours(24);
    world.server.on('/films', films(4, 'id'));
    const { use, films: now } = await world.merge();
    expect(use?.problem).toMatch(
      /4 of 4 rows cannot be used \(film_id:missing 4\).*changed its columns\?.*of 2026-03-10 stay/,
    );
    expect(now[1]?.runtime_min).toBe(90);
  });

  test('shrank', async () => {
    world.server.on('/films', films(10));
    await world.merge();
    world.hours(24);
    world.server.on('/films', films(4));
    expect((await world.merge()).use?.problem).toMatch(/had 10 films and has 4 now, below minRowsShare/);
    world.hours(1);
    world.server.on('/films', json([]));
    expect((await world.merge()).use?.problem).toMatch(/has no rows/);
  });

  test('has columns that it had not', async () => {
    world.server.on('/films', json([{ film_id: 'f1', colour: 1 }]));
    await world.merge();
    world.hours(24);
    world.server.on('/films', json([{ film_id: 'f1', colour: 1, sound: 1 }]));
    await world.merge();
    const manifest = await world.artifacts.read('catalogue/facts/run-2');
    expect(manifest?.facts).toMatchObject({ unknownColumns: ['colour', 'sound'], newColumns: ['sound'] });
  });
});

describe('reading', () => {
  test('happens when facts are due, and costs nothing when nothing changed', async () => {
    world.server.on('/films', tagged('"1"', [{ film_id: 'f2', runtime_min: 90 }]));
    await world.merge();
    world.hours(19);
    await world.merge();
    expect(world.server.requests).toHaveLength(1); // refreshHours: 20
    world.hours(2);
    await world.merge();
    expect(world.server.requests.at(-1)?.headers['if-none-match']).toBe('"1"');
    expect(await world.artifacts.read('catalogue/facts/run-3')).toMatchObject({
      facts: { pages: 1, unchangedPages: 1 },
    });
  });

  test('is not for replays, which use what is there', async () => {
    world.server.on('/films', json([{ film_id: 'f2', runtime_min: 90 }]));
    expect((await world.merge([world.source()], { isRead: false })).use?.fetchedAt).toBeNull();
    expect(world.server.requests).toEqual([]);
    await world.merge();
    expect((await world.merge([world.source()], { isRead: false })).films[1]?.runtime_min).toBe(90);
  });

  test('too long ago is warned about', async () => {
    world.server.on('/films', json([{ film_id: 'f2' }]));
    await world.merge();
    world.server.on('/films', status(500));
    world.hours(24 * 7);
    expect((await world.merge()).use).toMatchObject({ ageDays: 7, isStale: false });
    world.hours(24);
    const { use, notes } = await world.merge();
    expect(use?.isStale).toBe(true);
    expect(notes).toContain('catalogue facts is 8 days old, more than staleDays');
  });

  test('keeps the last three readings', async () => {
    world.server.on('/films', json([{ film_id: 'f2' }]));
    for (let i = 0; i < 5; i++) {
      await world.merge();
      world.hours(24);
    }
    await world.merge();
    expect(await world.artifacts.list('catalogue')).toEqual(
      ['run-4', 'run-5', 'run-6'].map((run) => `catalogue/facts/${run}`),
    );
  });
});
