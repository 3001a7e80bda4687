import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { knownAbove, knownFor } from '../support/known-ages.js';
import { findChromium, NO_BROWSER, openBrowser } from './browser.js';
import { crawl, films, minAges } from './crawl.js';
import { openHouse, type RunningHouse } from './house.js';
import { dislikeAndTakeBack, pickThree, rateByKeyboard } from './steps.js';
import { picture } from './screenshots.js';
import { type WatchedPage, watchedPage } from './watched-page.js';

/**
 * A browser in a real home with a real night. The tests tell one story, in order: a viewer signs in, watches, rates, the
 * next night comes, and the list has changed for a reason that it names.
 */
const folder = mkdtempSync(join(tmpdir(), 'matinee-shop-'));
const chromium = await findChromium(folder);
if (chromium === null) console.warn(`The shop is not tested in a browser: ${NO_BROWSER}`);

const PAGES = ['/', '/top', '/browse', '/browse?genre=Western', '/search?q=chaplin', '/about', '/sign-in'];

/** A person looks this long: a busy day whose median look is shorter than two seconds is taken for a bot's (science A.2). */
const PERSON_MS = 2500;

const posted = z.object({
  events: z.array(z.object({ fromSec: z.number().optional(), toSec: z.number().optional() })),
});

describe.skipIf(chromium === null)('Retro Movies in a browser', () => {
  let house: RunningHouse;
  let browser: Browser;
  let watched: WatchedPage;
  const open: WatchedPage[] = [];
  const visit = async (options?: Parameters<typeof watchedPage>[2]) => {
    const page = await watchedPage(browser, house.url, options);
    open.push(page);
    return page;
  };

  beforeAll(async () => {
    [house, browser] = await Promise.all([openHouse(join(folder, 'home')), openBrowser(chromium ?? '')]);
    watched = await visit();
  }, 420_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  afterEach(() => {
    const faults = open.flatMap((page) => page.faults.splice(0));
    expect(faults).toEqual([]);
  });

  /** Film ids of the list "For …", in its order. */
  const listOf = ({ page }: Pick<WatchedPage, 'page'>) =>
    page.locator('.ticket').evaluateAll((items) => items.map((item) => item.getAttribute('data-film') ?? ''));

  let before: string[] = [];
  let film = '';
  let title = '';

  test('everybody sees the programme; a viewer signs in and finds five films, each with a reason', async () => {
    const { page } = watched;
    await page.goto('/');
    expect(await page.locator('#welcome').count()).toBe(1);
    await picture(page, 'home');
    await page.goto('/top');
    expect(await page.locator('.chart li').count()).toBe(50);
    expect(await page.getByText('Provisional').count()).toBe(0);
    await watched.signIn('ada');
    before = await listOf(watched);
    expect(before).toHaveLength(5);
    expect(new Set(before).size).toBe(5);
    for (const reason of await page.locator('.ticket .reason').allTextContents())
      expect(reason.trim()).toMatch(/^(Because|Popular|New)/);
    await page.setViewportSize({ width: 1280, height: 1000 });
    await picture(page, 'for-you');
    await page.waitForTimeout(PERSON_MS);
  });

  test('she watches the first one through; what ran is reported, and stored', async () => {
    const { page } = watched;
    [film = ''] = before;
    title = films.find(({ filmId }) => filmId === film)?.title ?? '';
    await page.click(`.ticket[data-film="${film}"] .ticket-film`);
    expect(await page.locator('h1').textContent()).toBe(title);
    await picture(page, 'film');
    await page.click('.actions .button');
    await page.selectOption('#speed', '1800');
    await page.click('#play');
    await page.getByText('Play again').waitFor();
    await page.getByText(/reported, and stored/).waitFor();
    const said = (await page.locator('#reported').textContent()) ?? '';
    const [, minutes, of] = /(\d+) of (\d+) minutes/.exec(said) ?? [];
    expect(Number(minutes)).toBe(Number(of));
    await picture(page, 'projection');
  });

  test('she rates it 10, bookmarks another, likes and takes that back; each is there after a reload', async () => {
    const { page } = watched;
    await page.goto(`/film/${film}`);
    await page.click('button[aria-label="Rate 10 of 10"]');
    await page.getByText('You gave it 10 of 10.').waitFor();
    await page.reload();
    expect(await page.getAttribute('button[aria-label="Rate 10 of 10"]', 'aria-pressed')).toBe('true');
    const fillOf = (mark: number) =>
      page.evaluate(
        `getComputedStyle(document.querySelector('[aria-label="Rate ${mark} of 10"]')).backgroundColor`,
      );
    expect(await fillOf(10), 'what is chosen is filled').not.toBe(await fillOf(9));
    expect(await watched.axe(), 'with a chosen rating').toEqual([]);

    await page.goto(`/film/${before[1]}`);
    await page.click('text=Bookmark');
    await page.getByText('Bookmarked.').waitFor();
    await page.click('.toggles >> text=Like');
    await page.getByText('You like it.').waitFor();
    await page.click('.toggles >> text=Like');
    await page.getByText('Like taken back.').waitFor();
    await page.reload();
    const pressed = await page.locator('.toggles [aria-pressed="true"]').allTextContents();
    expect(pressed.map((text) => text.trim())).toEqual(['Bookmark']);
    await page.goto('/mine');
    await page.waitForTimeout(PERSON_MS);
    expect(await page.locator(`[data-list="saved"] [data-film="${before[1]}"]`).count()).toBe(1);
  });

  test('what she saw in lists was measured: half of it for a second, with list, release and place', async () => {
    const { page } = watched;
    await page.goto('/');
    const list = await listOf(watched);
    expect(list).toHaveLength(5);
    expect(list, 'watched and rated, so gone at once').not.toContain(film);
    const sent = page.waitForRequest(
      (request) => request.url().endsWith('/v1/events') && (request.postData() ?? '').includes('impression'),
    );
    await page.waitForTimeout(PERSON_MS);
    await page.click('nav >> text=Top 50');
    const body: unknown = JSON.parse((await sent).postData() ?? '');
    const events = (body as { events: Record<string, unknown>[] }).events;
    const impression = events.find(({ type, movieId }) => type === 'impression' && movieId === list[0]);
    expect(impression).toMatchObject({
      userId: 'ada',
      listId: 'for-you',
      position: 1,
      releaseId: expect.stringMatching(/^\d{4}-\d\d-\d\d-[0-9a-f]{12}$/),
    });
    expect(impression?.['dwellMs']).toBeGreaterThanOrEqual(1000);
    expect(impression?.['viewportPct']).toBeGreaterThanOrEqual(50);
  });

  test('pausing stops the clock, and what was skipped by seeking is not reported', async () => {
    const { page, signIn } = await visit();
    await signIn('emil');
    const stretches: [from: number, to: number][] = [];
    page.on('request', (request) => {
      if (!request.url().endsWith('/v1/events')) return;
      const { events } = posted.parse(JSON.parse(request.postData() ?? ''));
      for (const { fromSec, toSec } of events)
        if (fromSec !== undefined && toSec !== undefined) stretches.push([fromSec, toSec]);
    });
    await page.goto('/film/casablanca-1942/play'); // 102 minutes
    await page.selectOption('#speed', '60');
    await page.click('#play');
    await expect.poll(async () => Number(await page.inputValue('#seek'))).toBeGreaterThan(20);
    await page.click('#play');
    const paused = Number(await page.inputValue('#seek'));
    await page.waitForTimeout(300);
    expect(Number(await page.inputValue('#seek'))).toBe(paused);
    await page.evaluate(
      'seek = document.getElementById("seek"); seek.value = "6000"; seek.dispatchEvent(new Event("input"))',
    );
    await page.click('#play');
    await page.getByText('Play again').waitFor();
    await page.getByText(/reported, and stored/).waitFor();
    expect(stretches.length).toBeGreaterThanOrEqual(2);
    for (const [from, to] of stretches)
      expect(to <= paused + 1 || from >= 6000, `${from} to ${to}`).toBe(true);
  });

  test('what the server did not store is taken back on the page, with the reason', async () => {
    const watcher = await visit();
    const { page, signIn, faults } = watcher;
    await signIn('emil');
    await page.goto('/film/casablanca-1942');
    await page.route('**/act', (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/json',
        body: '{"said":"The box office is closed."}',
      }),
    );
    await page.click('.toggles >> text=Bookmark');
    await page.getByText('The box office is closed.').waitFor();
    expect(await page.getAttribute('[data-on="bookmark_add"]', 'aria-pressed')).toBe('false');
    await page.unroute('**/act');
    await page.route('**/act', (route) => route.abort());
    await page.click('button[aria-label="Rate 3 of 10"]');
    await page.getByText('could not be reached').waitFor();
    expect(await page.getAttribute('button[aria-label="Rate 3 of 10"]', 'aria-pressed')).toBe('false');
    faults.splice(0); // the browser’s own lines about the refusals
  });

  test('without script she can still like, rate and take back', async () => {
    const { page, signIn } = await visit({ javaScriptEnabled: false });
    await signIn('bruno');
    const own = await listOf({ page });
    const [first = ''] = own;
    const done = page.locator('.done');
    await page.click(`.ticket >> nth=0 >> .ticket-film`);
    await page.click('.toggles >> text=Dislike');
    expect(await done.textContent()).toContain('You dislike it');
    expect(await page.getAttribute('button[data-on="dislike"]', 'aria-pressed')).toBe('true');
    await page.goto('/');
    expect(await listOf({ page })).not.toContain(first);
    await page.goto(`/film/${first}`);
    await page.click('.toggles >> text=Dislike');
    expect(await done.textContent()).toContain('taken back');
    await page.click('button[aria-label="Rate 7 of 10"]');
    expect(await page.locator('legend').textContent()).toContain('7 of 10');
    await page.click('text=Take the rating back');
    expect(await done.textContent()).toContain('Rating taken back');
    expect(await page.getByText('7 of 10', { exact: false }).count()).toBe(0);
    await page.goto('/');
    expect(await listOf({ page })).toEqual(own);
  });

  test('somebody new picks three films by keyboard, without script, and has a list of their own at once', async () => {
    const { page } = await visit({ javaScriptEnabled: false });
    const picked = await pickThree(page);
    const own = await listOf({ page });
    expect(own.length).toBeGreaterThan(20);
    expect(
      own.filter((id) => picked.includes(id)),
      'what was picked was seen',
    ).toEqual([]);
    const reasons = await page.locator('.ticket .reason').allTextContents();
    expect(reasons.filter((text) => text.includes('Because you like')).length).toBeGreaterThan(3);
  });

  test('a place that an act takes away comes back with the act, on the page as it stands', async () => {
    const watcher = await visit();
    const { page, signIn } = watcher;
    await signIn('bruno');
    const [first = ''] = await listOf({ page });
    await page.goto(`/film/${first}`);
    await dislikeAndTakeBack(watcher);
  });

  test('by keyboard alone: past the masthead, into the programme, to a film, and a rating', async () => {
    const { page, signIn } = await visit();
    await signIn('dora');
    await rateByKeyboard(page);
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing serious on any page, %s, wide and narrow',
    async (colorScheme) => {
      const wide = await visit({ colorScheme });
      await wide.signIn('chitra');
      const [own = ''] = await listOf(wide);
      for (const path of [...PAGES, '/mine', '/for-you', '/picks', `/film/${own}`, `/film/${own}/play`]) {
        await wide.page.goto(path);
        expect(await wide.axe(), path).toEqual([]);
      }
      const narrow = await visit({ colorScheme, viewport: { width: 390, height: 844 } });
      for (const path of [...PAGES, `/film/${own}`, '/card']) {
        await narrow.page.goto(path);
        expect(await narrow.axe(), path).toEqual([]);
        const overflow = await narrow.page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${path} at 390 px`).toBeLessThanOrEqual(0);
        if (path === '/') await picture(narrow.page, `phone-${colorScheme}`);
      }
      await wide.page.goto('/');
      if (colorScheme === 'dark') await picture(wide.page, 'night');
    },
  );

  test('a page that is not there is a page', async () => {
    const { page, faults } = await visit();
    const answer = await page.goto('/film/no-such-film');
    expect(answer?.status()).toBe(404);
    expect(await page.locator('h1').textContent()).toBe('Not on the programme');
    expect(faults.splice(0)).toHaveLength(1); // the browser's own console line about the 404
  });

  test('a child of seven: no page, link, search or address shows a film above its age', async () => {
    const { page, signIn, context } = await visit();
    await signIn('mia');
    await picture(page, 'child');
    const { shown, wrongAnswers } = await crawl(context.request, 7);
    expect(wrongAnswers).toEqual([]);
    const above = [...shown].filter((id) => (minAges.get(id) ?? 99) > 7);
    expect(above).toEqual([]);
    expect(knownAbove(7).filter((id) => shown.has(id))).toEqual([]);
    expect(knownFor(7).filter((id) => !shown.has(id))).toEqual([]);
    expect(shown.size).toBeGreaterThan(50);
    // Everything of her age can be found, so the gate is not simply shut.
    expect(shown.size).toBe(films.filter(({ minAge }) => minAge <= 7).length);
  });

  test('the next night: the list has changed, and a reason names the film she watched', async () => {
    const today = new Date().toISOString().slice(0, 10);
    await house.matinee('nightly', '--date', today, '--wait');
    const { page } = watched;
    await expect
      .poll(
        async () => {
          await page.goto('/');
          return ((await page.getAttribute('.for-you ol', 'data-release')) ?? '').slice(0, 10);
        },
        { timeout: 20_000 },
      )
      .toBe(today);
    const after = await listOf(watched);
    expect(after).not.toContain(film);
    expect(after).not.toEqual(before);
    await page.goto('/for-you');
    const because = page.locator('.ticket', { has: page.locator(`.reason a[href="/film/${film}"]`) });
    expect(await because.count(), `reasons that name ${title}`).toBeGreaterThan(0);
    await because.first().locator('summary').click();
    await page.evaluate('scrollTo(0, 0)');
    await picture(page, 'next-night');
  }, 200_000);
});
