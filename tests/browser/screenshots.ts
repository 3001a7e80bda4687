import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** With MATINEE_PICTURES=1 the pictures of docs/images are taken anew; else the test only looks. */
const isWanted = process.env['MATINEE_PICTURES'] === '1';

export async function picture(page: Page, name: string): Promise<void> {
  if (!isWanted) return;
  mkdirSync('docs/images', { recursive: true });
  await page.screenshot({ path: join('docs/images', `${name}.png`) });
}
