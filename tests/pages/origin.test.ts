import { afterEach, expect, test, vi } from 'vitest';
import { form, shopWorld } from './shop-world.js';

/** What shop/*.js asks of a browser, and no more: attributes of the page that the server really wrote. */
class Node {
  readonly dataset: Record<string, string>;
  readonly attributes: Record<string, string>;
  readonly parent: Node | null;
  readonly classList = { add() {}, remove() {} };
  readonly heard = new Map<string, () => void>();
  disabled = true;
  value = '';
  constructor(attributes: Record<string, string> = {}, parent: Node | null = null) {
    this.attributes = attributes;
    this.parent = parent;
    const data = Object.entries(attributes).filter(([name]) => name.startsWith('data-'));
    this.dataset = Object.fromEntries(data.map(([name, text]) => [name.slice('data-'.length), text]));
  }
  getAttribute(name: string) {
    return this.attributes[name] ?? null;
  }
  setAttribute(name: string, text: string) {
    this.attributes[name] = text;
  }
  addEventListener(type: string, listener: () => void) {
    this.heard.set(type, listener);
  }
  closest(selector: string): Node | null {
    const name = /\[([\w-]+)\]$/.exec(selector)?.[1] ?? '';
    return name in this.attributes ? this : (this.parent?.closest(selector) ?? null);
  }
}
class Button extends Node {}
class Input extends Node {}
class Select extends Node {}

const attributesOf = (tag: string) =>
  Object.fromEntries(
    [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', text = '']) => [name, text]),
  );

/** The first item of a list, and the link in it. */
function linkIn(page: string, list: string): Node {
  const [, listTag = '', rest = ''] =
    new RegExp(`(<(?:ul|ol)[^>]*data-list="${list}"[^>]*>)(.*)`, 's').exec(page) ?? [];
  const [, itemTag = '', inItem = ''] = /(<li[^>]*>)(.*)/s.exec(rest) ?? [];
  const [linkTag = ''] = /<a[^>]*>/.exec(inItem) ?? [];
  return new Node(attributesOf(linkTag), new Node(attributesOf(itemTag), new Node(attributesOf(listTag))));
}

const ORIGIN = 'http://shop.test';
const storage = new Map<string, string>();
const posted: Record<string, unknown>[] = [];

/** Opens a page of the shop with its own script. */
async function open(page: string, path: string, { referrer = '' } = {}) {
  vi.resetModules();
  const [bodyTag = ''] = /<body[^>]*>/.exec(page) ?? [];
  const [playerTag] = /<section[^>]*data-player[^>]*>/.exec(page) ?? [];
  const [formTag] = /<form[^>]*class="opinions"[^>]*>/.exec(page) ?? [];
  const clicks: ((event: { target: Node }) => void)[] = [];
  const controls: Record<string, Node> = { play: new Button(), seek: new Input(), speed: new Select() };
  const found: Record<string, Node | null> = {
    '[data-player]': playerTag === undefined ? null : new Node(attributesOf(playerTag)),
    '.film-page form[data-act]': formTag === undefined ? null : new Node(attributesOf(formTag)),
  };
  vi.stubGlobal('document', {
    body: new Node(attributesOf(bodyTag)),
    referrer: referrer === '' ? '' : `${ORIGIN}${referrer}`,
    addEventListener: (type: string, listener: (event: { target: Node }) => void) =>
      type === 'click' && clicks.push(listener),
    querySelector: (selector: string) => found[selector] ?? null,
    querySelectorAll: () => [],
    getElementById: (id: string) => controls[id] ?? null,
  });
  vi.stubGlobal('location', { origin: ORIGIN, pathname: path });
  const kinds = { Element: Node, HTMLElement: Node, HTMLButtonElement: Button };
  const fields = { HTMLInputElement: Input, HTMLSelectElement: Select };
  for (const [name, kind] of Object.entries({ ...kinds, ...fields })) vi.stubGlobal(name, kind);
  vi.stubGlobal('IntersectionObserver', class {});
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('navigator', { language: 'en' });
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, text: string) => storage.set(key, text),
  });
  vi.stubGlobal('fetch', async (_: string, { body }: { body?: string } = {}) => {
    posted.push(...(body === undefined ? [] : (JSON.parse(body) as { events: [] }).events));
    return Response.json({ rejected: [] }, { status: 202 });
  });
  const [shop, events, origin] = ['shop', 'events', 'origin'].map((name) => `../../shop/${name}.js`);
  await import(shop!);
  const { flush } = (await import(events!)) as { flush: () => Promise<void> };
  const { addOrigin } = (await import(origin!)) as { addOrigin: (fields: URLSearchParams) => void };
  return {
    click: (target: Node) => clicks.forEach((listener) => listener({ target })),
    play: () => controls['play']?.heard.get('click')?.(),
    /** What has been posted since. */
    async events() {
      // A flush that the page began is waited for by the next.
      await vi.waitFor(async () => {
        await flush();
        expect(posted.length).toBeGreaterThan(0);
      });
      return posted
        .splice(0)
        .map(({ type, surface, listId, position, releaseId }) =>
          JSON.parse(JSON.stringify({ type, surface, listId, position, releaseId })),
        ) as unknown[];
    },
    formFields() {
      const sent = new URLSearchParams({ do: 'like', form: 'f' });
      addOrigin(sent);
      return Object.fromEntries(sent);
    },
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
  storage.clear();
  posted.length = 0;
});

/** Ada's pages, read with the address that a browser would say it came from. */
async function adasShop() {
  const shop = await shopWorld();
  const cookie = await shop.cookieOf('ada');
  const read = async (path: string, from = '') => {
    const sent = { Authorization: '', Accept: 'text/html', Cookie: cookie, Host: 'shop.test' };
    const page = from === '' ? {} : { Referer: from.startsWith('/') ? ORIGIN + from : from };
    return (await shop.ask(path, { headers: { ...sent, ...page } })).body;
  };
  return { shop, cookie, read };
}

const RELEASE = '2026-05-31-bbbbbbbbbbbb';

test('a film that a list led to says so on its page, in the projector, and in its forms', async () => {
  const { shop, cookie, read } = await adasShop();
  const home = await read('/');
  const list = await open(home, '/');
  list.click(linkIn(home, 'for-you'));
  const led = { surface: 'home', listId: 'for-you', position: 1, releaseId: RELEASE };

  const film = await open(await read('/film/adult', '/'), '/film/adult', { referrer: '/' });
  expect(await film.events()).toEqual([{ type: 'detail_open', ...led }]);
  const sent = film.formFields();
  await form(shop.ask, '/film/adult/act', sent, { Cookie: cookie });
  expect(shop.saved).toMatchObject([{ type: 'like', ...led }]);

  const projector = await open(await read('/film/adult/play'), '/film/adult/play', {
    referrer: '/film/adult',
  });
  projector.play();
  expect(await projector.events()).toEqual([{ type: 'play_start', ...led }]);

  // By its address: nobody led there.
  const typed = await open(await read('/film/adult'), '/film/adult');
  expect(await typed.events()).toEqual([{ type: 'detail_open', surface: 'film' }]);
  const later = await open(await read('/film/adult/play'), '/film/adult/play', { referrer: '/film/adult' });
  later.play();
  expect(await later.events()).toEqual([{ type: 'play_start', surface: 'player' }]);
});

test('films like a film are a surface of their own', async () => {
  const { read } = await adasShop();
  const film = await read('/film/all');
  const page = await open(film, '/film/all');
  expect(await page.events()).toEqual([{ type: 'detail_open', surface: 'film' }]);
  const link = linkIn(film, 'similar');
  page.click(link);
  const other = link.getAttribute('href') ?? '';
  const next = await open(await read(other, '/film/all'), other, { referrer: '/film/all' });
  expect(await next.events()).toMatchObject([{ surface: 'similar', listId: 'similar', position: 1 }]);
});

test('without script, or in a tab of its own, the page before is known by the request', async () => {
  const { read } = await adasShop();
  const hidden = async (from: string) =>
    /name="from" value="([\w-]+)"/.exec(await read('/film/all', from))?.[1];
  const pages = ['/', '/for-you', '/search?q=x', '/film/teen', '/film/all', '/film/all/play', '/sign-in', ''];
  expect(await Promise.all(pages.map(hidden))).toEqual([
    'home',
    'for-you',
    'search',
    'similar',
    'film',
    'film',
    'film',
    undefined,
  ]);
  expect(await hidden('http://elsewhere.test/')).toBe(undefined);
  const tab = await open(await read('/film/all', '/for-you'), '/film/all', { referrer: '/for-you' });
  expect(await tab.events()).toEqual([{ type: 'detail_open', surface: 'for-you' }]);
});

test('a form says no surface, list or place but those there are; picks are made on their own page alone', async () => {
  const { shop, cookie } = await adasShop();
  const say = (fields: Record<string, string>, n: number) =>
    form(shop.ask, '/film/all/act', { do: 'like', form: `f${n}`, ...fields }, { Cookie: cookie });
  const said = [
    { from: 'picks' },
    { from: 'autoplay', list: 'x', place: '1' },
    { from: 'home', list: 'no name', place: '0', release: '<b>' },
    { from: 'top', list: 'top50', place: '12', release: RELEASE },
  ];
  for (const [n, fields] of said.entries()) await say(fields, n);
  expect(
    shop.saved.map(({ surface, listId, position, releaseId }) => [surface, listId, position, releaseId]),
  ).toEqual([
    ['film', undefined, undefined, undefined],
    ['film', undefined, undefined, undefined],
    ['home', undefined, undefined, undefined],
    ['top', 'top50', 12, RELEASE],
  ]);
});
