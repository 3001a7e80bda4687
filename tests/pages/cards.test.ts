import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Card } from '../../src/contracts/index.js';
import { cardSchema } from '../../src/contracts/index.js';
import { card } from '../core/card-report.js';
import { shopWorld } from './shop-world.js';

async function withCards(cards: Record<string, Card>) {
  const asked: string[] = [];
  const world = await shopWorld({
    card: async (releaseId) => {
      asked.push(releaseId);
      return cards[releaseId] ?? null;
    },
  });
  return { asked, ...world };
}

const SERVED = '2026-05-31-bbbbbbbbbbbb';

test('the footer leads to the card of what is served; it is read once, and lets nothing in but its own style', async () => {
  const { ask, asked } = await withCards({ [SERVED]: card({ releaseId: SERVED }) });
  expect((await ask('/about')).body).toContain('<a href="/card">The model card</a>');
  const page = await ask('/card');
  expect(page.status).toBe(200);
  expect(page.body).toContain(`<code>${SERVED}</code>`);
  expect(page.body).toContain('<a href="/">Retro Movies</a>');
  const style = /<style>([\s\S]*)<\/style>/.exec(page.body)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page.headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
  );
  await ask('/card');
  expect(asked).toEqual([SERVED]);
});

test('the card of an earlier night by its release, and no page where there is none', async () => {
  const { ask } = await withCards({ early: card({ releaseId: 'early', night: '2026-01-02' }) });
  expect((await ask('/releases/early/card')).body).toContain(
    'Recommendations of the night of 2 January 2026',
  );
  for (const path of ['/card', '/releases/none/card', '/releases/%2e%2e/card']) {
    expect((await ask(path, { headers: { accept: 'text/html' } })).status, path).toBe(404);
  }
  const { ask: without } = await shopWorld();
  expect((await without('/about')).body).not.toContain('/card');
  expect(cardSchema.parse(card())).toEqual(card());
});
