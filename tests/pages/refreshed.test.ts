import { describe, expect, test } from 'vitest';
import { form, shopWorld } from './shop-world.js';

describe('a list refreshed by the shop', () => {
  test('an act that is stored is answered so, however long the list takes', async () => {
    const shop = await shopWorld();
    shop.lists = { ...shop.lists!, behaviour: () => new Promise(() => undefined) };
    const headers = { Cookie: await shop.cookieOf('ada') };
    const liked = await form(shop.ask, '/film/all/act', { do: 'like' }, headers);
    expect([liked.status, liked.headers['location']]).toEqual([303, '/film/all']);
    expect(shop.saved.map(({ type }) => type)).toEqual(['like']);
    expect(shop.log.filter((line) => line.includes('not refreshed'))).toEqual([]);
  });
});
