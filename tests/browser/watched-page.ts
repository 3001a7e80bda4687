import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const findings = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      help: z.string(),
      nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
    }),
  ),
});

/** A page that remembers everything that must not happen on it. */
export interface WatchedPage {
  page: Page;
  context: BrowserContext;
  /** Console errors, uncaught errors, breaches of the page's policy, requests that failed or left the house. */
  faults: string[];
  /** Serious and critical findings of axe on what is shown now. */
  axe: () => Promise<string[]>;
  signIn: (profileId: string) => Promise<void>;
  close: () => Promise<void>;
}

export async function watchedPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    baseURL: url,
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) faults.push(`left the house: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A navigation away cuts off what is under way; events that were cut off wait for the next page.
    const isCut = request.failure()?.errorText === 'net::ERR_ABORTED';
    const isUnwanted = options?.javaScriptEnabled === false && request.url().endsWith('.js');
    if (!isCut && !isUnwanted) faults.push(`failed: ${request.url()}`);
  });
  return {
    page,
    context,
    faults,
    async axe() {
      await page.evaluate(AXE);
      const found = findings.parse(await page.evaluate('axe.run(document, { resultTypes: ["violations"] })'));
      return found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, help, nodes }) =>
            `${id}: ${help}: ${nodes
              .map(({ target }) => target.join(' '))
              .slice(0, 5)
              .join(' | ')}`,
        );
    },
    async signIn(profileId) {
      await page.goto('/sign-in');
      await page.click(`button[value="${profileId}"]`);
      await page.waitForURL('**/');
    },
    close: () => context.close(),
  };
}
