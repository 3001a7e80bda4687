import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { picture } from './screenshots.js';
import type { WatchedPage } from './watched-page.js';

/** Signs in as somebody new, by keyboard from the picks on, who wanted to see the whole list. Returns the films picked. */
export async function pickThree(page: Page): Promise<string[]> {
  await page.goto('/sign-in?next=/for-you');
  await page.click('button[value="nell"]');
  await page.waitForURL('**/picks?next=%2Ffor-you');
  await picture(page, 'picks');
  await page.focus('.pick input');
  for (let n = 0; n < 3; n++) {
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
  }
  const picked = await page
    .locator('.pick:has(:checked)')
    .evaluateAll((items) => items.map((item) => item.getAttribute('data-film') ?? ''));
  expect(picked).toHaveLength(3);
  await page.focus('text=Make my list');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/for-you');
  return picked;
}

/**
 * On the page of a film of the list: its place goes, and comes back without a new page. Where the place cannot be asked for, what
 * was stored stays shown as stored.
 */
export async function dislikeAndTakeBack({ page, faults }: WatchedPage): Promise<void> {
  const place = page.locator('.film-page .personal');
  const dislike = page.locator('.toggles >> text=Dislike');
  expect(await place.isVisible()).toBe(true);
  await dislike.click();
  await page.getByText('it is gone from your lists').waitFor();
  await place.waitFor({ state: 'hidden' });

  await page.route(page.url(), (route) => route.abort());
  const unanswered = page.waitForEvent('requestfailed');
  await dislike.click();
  await unanswered;
  expect(await page.locator('#said').textContent()).not.toContain('could not be reached');
  expect(await dislike.getAttribute('aria-pressed')).toBe('false');
  await page.unroute(page.url());
  faults.splice(0); // the browser’s own lines about that

  await dislike.click();
  await page.getByText('it is gone from your lists').waitFor();
  await dislike.click();
  await place.waitFor({ state: 'visible' });
  expect(await place.locator('.reason').first().textContent()).toMatch(/^No\. \d+ on your list\./);
}

/** Past the masthead, into the programme, to the first film of the list, and a rating of nine. */
export async function rateByKeyboard(page: Page): Promise<void> {
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the programme');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('The whole list');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/film/**');
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('document.activeElement.getAttribute("aria-label")')) === 'Rate 9 of 10') break;
  }
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  await page.keyboard.press('Space');
  await page.getByText('You gave it 9 of 10.').waitFor();
}
