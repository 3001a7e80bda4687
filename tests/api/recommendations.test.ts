import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recommendationsSchema } from '../../src/contracts/api.js';
import { filmMinAge } from '../../src/core/age-gate/index.js';
import {
  client,
  config,
  down,
  film,
  formulaOf,
  item,
  NOW,
  personal,
  pidOfId,
  problemOf,
  profile,
  served,
  world,
} from './world.js';

const adult = () => Promise.resolve(profile('anna', { birthYear: 1980 }));
const formula = (films: ReturnType<typeof film>[]) => ({
  releaseId: 'f1',
  night: '2026-05-31',
  lists: formulaOf(films),
});
const idsOf = (body: string) => recommendationsSchema.parse(JSON.parse(body)).items.map((i) => i.movieId);
const path = (id: string, query = '') => `/v1/users/${encodeURIComponent(id)}/recommendations${query}`;

describe('a viewer of the release', () => {
  const items = ['1', '2', '3', '4', '5', '6'].map((id) => item(id, 0));
  const lists = served('r1', [personal(pidOfId('anna'), items)]);

  it('is sent the stored items, the fields in the order of the contract', async () => {
    const get = await client(world({ lists }).deps);
    const reply = await get(path('anna'));
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    const { text, movieIds } = items[0]!.reason;
    expect(reply.body.slice(0, 300)).toContain(
      `{"userId":"anna","release":"r1","servedBy":"personal","items":[{"rank":1,"movieId":"1","title":"Film 1",` +
        `"year":1950,"score":0.5,"reason":${JSON.stringify({ kind: 'watched', text, movieIds })}},{"rank":2,`,
    );
    expect(recommendationsSchema.strict().parse(JSON.parse(reply.body)).items).toHaveLength(5);
  });

  it('limit cuts, and is refused outside 1..50', async () => {
    const get = await client(world({ lists }).deps);
    expect(idsOf((await get(path('anna', '?limit=2'))).body)).toEqual(['1', '2']);
    expect(idsOf((await get(path('anna', '?limit=50'))).body)).toHaveLength(6);
    const unknown = problemOf(await get(path('anna', '?limit=50&x=y')), 400);
    expect(unknown['errors']).toMatchObject([{ field: 'x' }]);
    for (const bad of ['0', '51', '-1', '1.5', '1e1', 'abc', '', '99999', '2&limit=3', '%00', '0x5', ' 5']) {
      const problem = problemOf(
        await get(path('anna', `?limit=${encodeURIComponent(bad).replace('%26', '&').replace('%3D', '=')}`)),
        400,
      );
      expect(problem['errors'], bad).toMatchObject([{ field: 'limit' }]);
    }
  });

  it('ranks are 1, 2, … over what is left after the age rule, and no film above the age leaves', async () => {
    const mixed = [item('1', 18), item('2', 0), item('3', 13), item('4', 12), item('5', 99)];
    const kid = served('r1', [personal(pidOfId('kim'), mixed, { maxAge: 12 })]);
    const get = await client(world({ lists: kid }).deps);
    const body = recommendationsSchema.parse(JSON.parse((await get(path('kim'))).body));
    expect(body.items.map((i) => [i.rank, i.movieId])).toEqual([
      [1, '2'],
      [2, '4'],
    ]);
  });

  it('property: whatever the record says, every item that leaves is allowed at the record’s age', async () => {
    const w = world({ formula: formula([film('kids', 0)]) });
    const get = await client(w.deps);
    const ages = fc.integer({ min: 0, max: 98 });
    await fc.assert(
      fc.asyncProperty(
        ages,
        fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 60 }),
        async (maxAge, mins) => {
          const stored = mins.map((minAge, i) => item(String(i), minAge));
          w.lists = served('r', [personal(pidOfId('x'), stored, { maxAge })]);
          const ids = idsOf((await get(path('x', '?limit=50'))).body);
          const allowed = stored.filter((i) => i.minAge <= maxAge && i.minAge < 99).map((i) => i.filmId);
          const expected = allowed.length === 0 && mins.length > 0 ? ['kids'] : allowed.slice(0, 50);
          expect(ids).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a profile that was narrowed since the night narrows the list, and one that was widened does not', async () => {
    const mixed = [item('1', 18), item('2', 6), item('3', 12)];
    const lists = served('r1', [personal(pidOfId('anna'), mixed, { maxAge: 12 })]);
    const w = world({ lists, profile: adult });
    const get = await client(w.deps);
    await get(path('anna'));
    expect(idsOf((await get(path('anna'))).body)).toEqual(['2', '3']);
    w.profile = () => Promise.resolve(profile('anna', { isKids: true }));
    w.now = new Date(NOW.getTime() + 61_000);
    await get(path('anna')); // starts the look-up
    await expect.poll(async () => idsOf((await get(path('anna'))).body)).toEqual(['2']);
  });

  it('a viewer who withdrew consent is sent the formula, without a new night', async () => {
    const w = world({
      lists,
      formula: formula([film('f', 0)]),
      profile: () => Promise.resolve(profile('anna', { birthYear: 1980, consent: 0 })),
    });
    const get = await client(w.deps);
    await get(path('anna'));
    await expect.poll(async () => idsOf((await get(path('anna'))).body)).toEqual(['f']);
  });

  it('an emptied list falls back to the formula at the same age; a stored "none" keeps its reason', async () => {
    const lists = served('r1', [
      personal(pidOfId('kim'), [item('1', 18)], { maxAge: 6 }),
      personal(pidOfId('nil'), [], { servedBy: 'none', maxAge: 6, why: 'no film "allowed"' }),
    ]);
    const w = world({ lists, formula: formula([film('a', 12), film('b', 6)]) });
    const get = await client(w.deps);
    expect(JSON.parse((await get(path('kim'))).body)).toMatchObject({ servedBy: 'formula', release: 'f1' });
    expect(idsOf((await get(path('kim'))).body)).toEqual(['b']);
    expect(JSON.parse((await get(path('nil'))).body)).toEqual({
      userId: 'nil',
      release: 'r1',
      servedBy: 'none',
      why: 'no film "allowed"',
      items: [],
    });
  });

  it('is answered with the store throwing, hanging, and throwing at once', async () => {
    for (const profile of [
      down,
      () => new Promise<never>(() => {}),
      () => {
        throw new Error('bug');
      },
    ]) {
      const get = await client(world({ lists, profile, limits: { profileMs: 20 } }).deps);
      expect(idsOf((await get(path('anna'))).body)).toHaveLength(5);
    }
  });
});

describe('a viewer that the release does not know', () => {
  const films = [
    film('18', 18),
    film('12', 12),
    film('0', 0),
    film('nowhere', 0, { markets: ['XX'] }),
    film('?'),
  ];

  it('with a profile: the formula at its age and in its market', async () => {
    const w = world({ formula: formula(films) });
    const get = await client(w.deps);
    w.profile = () => Promise.resolve(profile('new', { birthYear: 2010, market: 'DE' })); // 15 in the course of 2026
    expect(JSON.parse((await get(path('new'))).body)).toMatchObject({ servedBy: 'formula', release: 'f1' });
    expect(idsOf((await get(path('new'))).body)).toEqual(['12', '0']);
  });

  it('rights are read as scoring reads them: a market in any case', async () => {
    const w = world({ formula: formula([film('here', 0, { markets: ['FR', 'de'] })]) });
    const get = await client(w.deps);
    w.profile = () => Promise.resolve(profile('new', { birthYear: 1980, market: 'DE' }));
    expect(idsOf((await get(path('new'))).body)).toEqual(['here']);
  });

  it('without a profile: the page of the audience', async () => {
    const get = await client(world({ formula: formula(films) }).deps);
    expect(idsOf((await get(path('stranger'))).body)).toEqual(['18', '12', '0', '?']);
  });

  it('while the store is down: nobody knows the age, so the cautious page, said so and not kept', async () => {
    const w = world({ formula: formula(films), profile: down });
    const get = await client(w.deps);
    const reply = await get(path('new'));
    expect(idsOf(reply.body)).toEqual(['12', '0']);
    expect(JSON.parse(reply.body)).toMatchObject({
      servedBy: 'formula',
      why: expect.stringMatching(/cannot be looked up/),
    });
    expect(reply.headers['cache-control']).toBe('private, no-cache');
    w.profile = adult;
    expect(idsOf((await get(path('new'))).body)).toEqual(['12', '0']); // the store rests for a second
    w.now = new Date(NOW.getTime() + 1001);
    expect(idsOf((await get(path('new'))).body)).toEqual(['18', '12', '0', '?']);
  });

  it('a store that hangs costs its time limit once, not for every request', async () => {
    let asked = 0;
    const profile = () => {
      asked++;
      return new Promise<never>(() => {});
    };
    const get = await client(world({ formula: formula(films), profile, limits: { profileMs: 20 } }).deps);
    for (let i = 0; i < 5; i++) expect((await get(path(`v${i}`))).status).toBe(200);
    expect(asked).toBe(1);
  });

  it('no film allowed: nothing, and why', async () => {
    const get = await client(world({ formula: formula([film('18', 18)]), profile: down }).deps);
    const body = recommendationsSchema.parse(JSON.parse((await get(path('new'))).body));
    expect(body).toMatchObject({ servedBy: 'none', items: [], why: expect.stringMatching(/at age 12/) });
  });

  it('nothing released: 503 with Retry-After', async () => {
    const reply = await (await client(world().deps))(path('anna'));
    expect(problemOf(reply, 503)['detail']).toMatch(/matinee nightly --wait/);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('property: certificates of any kind, profiles of any kind: nothing above the age leaves', async () => {
    const w = world();
    const get = await client(w.deps);
    const certificates = fc.dictionary(
      fc.constantFrom('MPA', 'BBFC', 'FSK', 'KMRB', 'CBFC', 'BD', '??'),
      fc.array(
        fc.constantFrom(
          'G',
          'PG',
          'PG-13',
          'R',
          'NC-17',
          'U',
          '12A',
          '18',
          'R18',
          'A',
          'S',
          '6',
          '16',
          'x',
          '',
        ),
      ),
    );
    const market = fc.constantFrom('default', 'US', 'GB', 'DE', 'KR', 'IN', 'BD', 'FR');
    await fc.assert(
      fc.asyncProperty(
        fc.array(certificates, { maxLength: 12 }),
        market,
        fc.option(fc.integer({ min: 1930, max: 2026 })),
        fc.boolean(),
        async (all, market, birthYear, isKids) => {
          const films = all.map((c, i) => film(String(i), undefined, { certificates: c }));
          w.formula = formula(films);
          w.profile = () => Promise.resolve(profile('p', { market, birthYear, isKids }));
          w.now = new Date(w.now.getTime() + 120_000);
          await get(path('p'));
          const limit =
            birthYear === null ? (isKids ? 6 : 12) : Math.max(0, w.now.getUTCFullYear() - birthYear - 1);
          const body = recommendationsSchema.parse(JSON.parse((await get(path('p', '?limit=50'))).body));
          for (const { movieId } of body.items) {
            const minAge = filmMinAge(all[Number(movieId)] ?? {}, market, config.ages);
            expect(minAge).toBeLessThanOrEqual(isKids ? Math.min(12, limit) : limit);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('hostile ids', () => {
  it('property: any id comes back as it was sent, or is refused as the field it is', async () => {
    const get = await client(world({ formula: formula([film('0', 0)]) }).deps);
    const ids = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 140 }),
      fc.string({ minLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        fc.pre(isEncodable(id));
        const reply = await get(path(id));
        if (id.length <= 128 && !id.includes('\0')) {
          expect(reply.status).toBe(200);
          expect(recommendationsSchema.parse(JSON.parse(reply.body)).userId).toBe(id);
        } else {
          expect(problemOf(reply, 400)['errors']).toMatchObject([{ field: 'id' }]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('broken escapes are a 400, not a bug', async () => {
    const w = world({ formula: formula([film('0', 0)]) });
    const get = await client(w.deps);
    for (const bad of ['%', '%zz', '%c3%28', '%ff'])
      problemOf(await get(`/v1/users/${bad}/recommendations`), 400);
    expect(w.log.some((line) => line.includes('"err"'))).toBe(false);
  });
});

/** Lone surrogates have no URL. */
function isEncodable(id: string): boolean {
  try {
    return encodeURIComponent(id) !== '';
  } catch {
    return false;
  }
}
