import { describe, expect, test } from 'vitest';
import { browse, form, shopWorld } from './shop-world.js';

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

  test('the pages say so, and no longer that it was chosen last night', async () => {
    const { ask, cookieOf, lists, ...shop } = await shopWorld();
    const cookie = await cookieOf('ada');
    const said = async () => [
      (await browse(ask, '/', cookie)).body,
      (await browse(ask, '/for-you', cookie)).body,
    ];
    for (const body of await said()) expect(body).toContain('Chosen last night');
    const released = { ...lists! };
    Object.assign(lists!, {
      peek: (pid: string) => {
        const list = released.peek(pid);
        return list === null ? null : { ...list, madeAt: 1 };
      },
    });
    expect(shop.saved).toEqual([]);
    for (const body of await said()) {
      expect(body).toContain('Worked out again since last night');
      expect(body).not.toContain('Chosen last night');
    }
  });
});
