import { describe, expect, test } from 'vitest';
import { film } from '../api/world.js';
import { ADA, browse, form, shopWorld } from './shop-world.js';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'";

describe('pages', () => {
  test('each is HTML under a strict policy, complete without a viewer, and shared with a tag', async () => {
    const { ask } = await shopWorld();
    for (const path of [
      '/',
      '/top',
      '/browse',
      '/browse?genre=Comedy',
      '/search?q=all',
      '/film/all',
      '/film/all/play',
    ]) {
      const page = await browse(ask, path);
      expect([page.status, path]).toEqual([200, path]);
      expect(page.headers['content-security-policy']).toContain(POLICY);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.headers['vary']).toContain('Cookie');
      expect(page.body).not.toMatch(/<style|style="|<script(?! type="module" src="\/assets\/)|\son\w+=/);
      const again = await ask(path, {
        headers: { Authorization: '', Accept: 'text/html', 'If-None-Match': String(page.headers['etag']) },
      });
      expect([again.status, again.body]).toEqual([304, '']);
    }
  });

  test('a page changes with the release, and its tag with it', async () => {
    const shop = await shopWorld();
    const before = await browse(shop.ask, '/');
    shop.formula = {
      ...shop.formula!,
      releaseId: '2026-06-01-cccccccccccc',
      lists: { ...shop.formula!.lists, newArrivals: ['teen'] },
    };
    const after = await browse(shop.ask, '/');
    expect(after.headers['etag']).not.toBe(before.headers['etag']);
    expect(after.body).toContain('data-release="2026-06-01-cccccccccccc"');
  });

  test('the second page of a list goes on counting: place 41 is not place 1', async () => {
    const films = Array.from({ length: 43 }, (_, i) => film(`f${i}`, 0, { genres: ['Comedy'] }));
    const { ask } = await shopWorld({ films });
    const first = (await browse(ask, '/browse?genre=Comedy')).body;
    const more = /href="(\/browse\?[^"]*more=[^"]*)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const places = (body: string) =>
      [...body.matchAll(/data-place="(\d+)"/g)].map(([, place]) => Number(place));
    expect(places(first).at(-1)).toBe(40);
    expect(places((await browse(ask, more)).body)).toEqual([41, 42, 43]);
  });

  test('the edition is of the night that made the lists, not of the formula’s', async () => {
    const shop = await shopWorld();
    shop.formula = { ...shop.formula!, night: '2026-06-01' };
    expect((await browse(shop.ask, '/')).body).toContain('Sunday 31 May 2026');
    shop.lists = { ...shop.lists!, night: '2026-06-01' };
    expect((await browse(shop.ask, '/')).body).toContain('Monday 1 June 2026');
  });

  test('names of films and searches are text, whatever is in them', async () => {
    const bad = '<script>alert(1)</script>"\'&';
    const { ask } = await shopWorld({
      films: [
        film('x"><b>', 0, { title: bad, actors: [bad], directors: [bad], genres: [bad], countries: [bad] }),
      ],
    });
    for (const path of [
      '/',
      '/top',
      `/film/${encodeURIComponent('x"><b>')}`,
      `/search?q=${encodeURIComponent(bad)}`,
    ]) {
      const { status, body } = await browse(ask, path);
      expect([status, path]).toEqual([200, path]);
      expect(body).not.toContain('<script>alert');
      expect(body).not.toContain('x"><b>');
    }
  });

  test('a film explains its weighted rating with its own numbers', async () => {
    const { ask } = await shopWorld({
      films: [
        film('f', 0, { votes: 1500, averageRating: 8.4, weightedRating: (1500 * 8.4 + 100 * 6) / 1600 }),
      ],
    });
    const { body } = await browse(ask, '/film/f');
    expect(body.replace(/\s+/g, ' ')).toContain('1,500 · 8.40 + 100 · 6.00');
    expect(body).toContain('8.25'); // (1500·8.4 + 100·6) / 1600
    expect(body).toContain('94 %'); // 1500 / 1600
  });
});

describe('signing in', () => {
  test('the cookie is out of reach of scripts and other sites; the page is the viewer’s own', async () => {
    const { ask, cookieOf } = await shopWorld();
    const signedIn = await form(ask, '/sign-in', { viewer: 'ada', next: '/film/all' });
    expect([signedIn.status, signedIn.headers['location']]).toEqual([303, '/film/all']);
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(
      /^matinee_viewer=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=1800$/,
    );
    const page = await browse(ask, '/', await cookieOf('ada'));
    expect(page.body).toContain('For Ada');
    expect(page.body).toMatch(/Because you watched <a\s+href="\/film\/teen"\s*>For Teens<\/a/);
    expect(page.headers['cache-control']).toBe('private, no-cache');
    expect(page.headers['etag']).toBeUndefined();
  });

  test('only simulated people, and only while it is switched on', async () => {
    const shop = await shopWorld();
    expect((await form(shop.ask, '/sign-in', { viewer: 'real' })).status).toBe(404);
    expect((await form(shop.ask, '/sign-in', { viewer: 'nobody' })).status).toBe(404);
    const people = await browse(shop.ask, '/sign-in');
    expect(people.body).toContain('value="ada"');
    expect(people.body).not.toContain('value="real"');
  });

  test('forms of other sites are refused, signing in too; so is the way out to another site', async () => {
    const { ask, cookieOf, saved } = await shopWorld();
    const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://elsewhere.example' };
    expect((await form(ask, '/sign-in', { viewer: 'ada' }, foreign)).status).toBe(403);
    const cookie = await cookieOf('ada');
    expect((await form(ask, '/film/all/act', { do: 'like' }, { Cookie: cookie, ...foreign })).status).toBe(
      403,
    );
    expect(saved).toEqual([]);
    for (const next of [
      'https://elsewhere.example',
      '//elsewhere.example',
      '/\\elsewhere.example',
      'javascript:1',
    ])
      expect((await form(ask, '/sign-in', { viewer: 'ada', next })).headers['location']).toBe('/');
  });

  test('who keeps reading stays signed in: a token past the half of its life is replaced', async () => {
    const shop = await shopWorld();
    const cookie = await shop.cookieOf('ada');
    expect((await browse(shop.ask, '/', cookie)).headers['set-cookie']).toBeUndefined();
    shop.now = new Date(shop.now.getTime() + 20 * 60_000);
    const renewed = await browse(shop.ask, '/', cookie);
    expect(renewed.body).toContain('For Ada');
    expect(renewed.headers['set-cookie']?.[0]).toContain('matinee_viewer=');
    const watching = await browse(shop.ask, '/session', cookie);
    expect([watching.status, JSON.parse(watching.body)]).toEqual([200, { viewer: 'ada' }]);
    expect(watching.headers['set-cookie']?.[0]).toContain('matinee_viewer=');
    shop.now = new Date(shop.now.getTime() + 11 * 60_000);
    expect((await browse(shop.ask, '/', cookie)).body).not.toContain('For Ada');
    expect((await browse(shop.ask, '/session', cookie)).status).toBe(401);
  });
});

describe('a child’s profile', () => {
  test('no page shows, links or names a film above its age, even when a list or a reason would', async () => {
    const { ask, cookieOf } = await shopWorld();
    const cookie = await cookieOf('mia');
    for (const path of [
      '/',
      '/top',
      '/browse',
      '/browse?genre=Comedy',
      '/search?q=for',
      '/search?q=ann',
      '/film/all',
      '/film/all/play',
      '/mine',
      '/for-you',
      '/about',
      '/film/adult',
    ]) {
      const { body } = await browse(ask, path, cookie);
      expect(body, path).not.toMatch(/For Adults|For Teens|Never Certified|film\/(adult|teen|unknown)/);
    }
    for (const path of ['/film/adult', '/film/teen/play', '/film/unknown'])
      expect((await browse(ask, path, cookie)).status).toBe(404);
    const home = await browse(ask, '/', cookie);
    expect(home.body).toContain('For All');
    expect(home.body).toContain('names films that this profile may not see'); // the reason named one for adults
    expect(home.body).not.toContain('fits your taste'); // nobody worked that out
  });

  test('cannot say anything of such a film', async () => {
    const { ask, cookieOf, saved } = await shopWorld();
    const cookie = await cookieOf('mia');
    expect((await form(ask, '/film/adult/act', { do: 'like' }, { Cookie: cookie })).status).toBe(404);
    expect(saved).toEqual([]);
  });

  test('an adult’s pages in the same process do not reach it, nor its own an adult', async () => {
    const { ask, cookieOf } = await shopWorld();
    const [ada, mia] = [await cookieOf('ada'), await cookieOf('mia')];
    // Rows, charts and searches are kept per audience: whoever comes first leaves nothing to the next.
    for (const path of ['/', '/top', '/search?q=for', '/browse?genre=Comedy']) {
      for (const [cookie, isAdult] of [
        [ada, true],
        [mia, false],
        [undefined, true],
        [ada, true],
        [mia, false],
      ] as const) {
        const { body } = await browse(ask, path, cookie);
        expect(body.includes('For Adults'), path).toBe(isAdult);
      }
    }
  });
});

describe('forms of a film', () => {
  test('each is an event, once however often the form is sent; the page shows it and takes it back', async () => {
    const { ask, cookieOf, saved } = await shopWorld();
    const headers = { Cookie: await cookieOf('ada') };
    const liked = await form(ask, '/film/all/act', { do: 'like', form: 'f1' }, headers);
    expect([liked.status, liked.headers['location']]).toEqual([303, '/film/all']);
    expect(liked.headers['set-cookie']).toEqual([
      'matinee_done=like; Path=/film/all; HttpOnly; SameSite=Strict; Max-Age=30',
    ]);
    await form(ask, '/film/all/act', { do: 'like', form: 'f1' }, headers);
    await form(ask, '/film/all/act', { do: 'rate', value: '10', form: 'f1' }, headers);
    expect(saved.map(({ type, value }) => [type, value])).toEqual([
      ['like', undefined],
      ['rating', 10],
    ]);
    expect(saved[0]).toMatchObject({ userId: ADA.profileId, movieId: 'all', surface: 'film' });
    const page = await browse(ask, '/film/all', `${headers.Cookie}; matinee_done=rate-10`);
    expect(page.body).toContain('You gave it 10 of 10.');
    expect(page.headers['set-cookie']?.[0]).toContain('matinee_done=; Path=/film/all;');
    const forged = await browse(ask, '/film/all?done=rate-3', headers.Cookie);
    expect(forged.body).not.toContain('You gave it');
    expect(page.body).toMatch(/value="unlike"\s+aria-pressed="true"/);
    await form(ask, '/film/all/act', { do: 'unlike', form: 'f2' }, headers);
    expect((await browse(ask, '/film/all', headers.Cookie)).body).toMatch(
      /value="like"\s+aria-pressed="false"/,
    );
  });

  test('what no form of ours says is refused', async () => {
    const { ask, cookieOf, saved } = await shopWorld();
    const headers = { Cookie: await cookieOf('ada') };
    const bad = [
      {},
      { do: 'impression' },
      { do: 'toString' },
      { do: 'rate' },
      { do: 'rate', value: '0' },
      { do: 'rate', value: '11' },
      { do: 'rate', value: '7.5' },
    ];
    for (const fields of bad)
      expect((await form(ask, '/film/all/act', fields as Record<string, string>, headers)).status).toBe(404);
    expect(saved).toEqual([]);
    const stranger = await form(ask, '/film/all/act', { do: 'like' });
    expect([stranger.status, stranger.headers['location']]).toEqual([303, '/sign-in?next=%2Ffilm%2Fall']);
  });

  test('exclusions are said and taken back; the script is answered in JSON', async () => {
    const { ask, cookieOf, deps } = await shopWorld();
    const excluded = async () =>
      (await deps.store.exclusions('ada')).map(({ filmId, kind }) => `${kind} ${filmId}`);
    const headers = { Cookie: await cookieOf('ada'), Accept: 'application/json' };
    const aside = await form(ask, '/film/teen/act', { do: 'dont_use' }, headers);
    expect([aside.status, JSON.parse(aside.body)]).toEqual([
      200,
      { said: expect.stringContaining('your list is made without it'), to: '/film/teen' },
    ]);
    expect(await excluded()).toEqual(['dont_use teen']);
    expect((await browse(ask, '/mine', headers.Cookie)).body).toContain('For Teens');
    await form(ask, '/film/teen/act', { do: 'undo_dont_use' }, headers);
    expect(await excluded()).toEqual([]);
  });
});

describe('with the store down', () => {
  test('the programme goes on; what cannot be recorded says so, and a signed-in viewer of unknown age sees less', async () => {
    let isDown = false;
    const { ask, cookieOf, log } = await shopWorld({ isDown: () => isDown });
    const cookie = await cookieOf('ada');
    isDown = true;
    for (const path of ['/', '/top', '/film/all', '/search?q=all'])
      expect((await browse(ask, path, cookie)).status).toBe(200);
    expect((await browse(ask, '/film/all', cookie)).body).toContain('cannot be looked up just now');
    const refused = await form(ask, '/film/all/act', { do: 'like' }, { Cookie: cookie });
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
    expect(refused.body).toContain('The box office is closed');
    const json = await form(
      ask,
      '/film/all/act',
      { do: 'like' },
      { Cookie: cookie, Accept: 'application/json' },
    );
    expect([json.status, JSON.parse(json.body).said]).toEqual([
      503,
      expect.stringContaining('nothing can be recorded'),
    ]);
    expect(log.some((line) => line.includes('what a viewer said was not stored'))).toBe(true);
    expect((await browse(ask, '/mine', cookie)).status).toBe(503);
  });

  test('nobody can sign in, and the page says why', async () => {
    const { ask } = await shopWorld({ isDown: () => true });
    const page = await browse(ask, '/sign-in');
    expect([page.status, page.body.includes('The box office is closed')]).toEqual([503, true]);
    expect((await form(ask, '/sign-in', { viewer: 'ada' })).status).toBe(503);
    expect((await browse(ask, '/')).status).toBe(200);
  });
});
