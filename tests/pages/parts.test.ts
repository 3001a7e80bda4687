import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { eventSchema } from '../../src/contracts/events.js';
import { actOf, eventOf, localPath, saidOf, uuidOf } from '../../src/api/pages/acts.js';
import { codingFor, readAssets } from '../../src/api/pages/assets.js';
import { longDate } from '../../src/api/pages/frame.js';
import { html, raw } from '../../src/api/pages/html.js';
import { visitorOf } from '../../src/api/pages/people.js';
import { assets } from './shop-world.js';

describe('html', () => {
  test('values are text unless they are HTML already; lists join, nothing is nothing', () => {
    const bold = html`<b>${'<&"\'>'}</b>`;
    expect(bold.text).toBe('<b>&lt;&amp;&quot;&#39;&gt;</b>');
    expect(html`${[bold, null, undefined, false, 1, ['a', raw('<i>')]]}`.text).toBe(`${bold.text}1a<i>`);
  });
});

describe('static files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'matinee-assets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return readAssets(folder);
  };

  test('a script’s name changes with what it imports, and its imports are by those names', () => {
    const first = write({ 'a.js': "import { b } from './b.js';\nb();", 'b.js': 'export const b = () => 1;' });
    const second = write({ 'b.js': 'export const b = () => 2;' });
    expect(second.path('a.js')).not.toBe(first.path('a.js'));
    const text = second.find(second.path('a.js').replace('/assets/', ''))?.body.identity.toString() ?? '';
    expect(text).toContain(`from './${second.path('b.js').replace('/assets/', '')}'`);
    expect(second.scripts('a.js')).toEqual([second.path('a.js'), second.path('b.js')]);
    expect(second.find('a.js')).toBeNull();
  });

  test('a style sheet is sent as one, its parts in their places', () => {
    mkdirSync(join(folder, 'styles'), { recursive: true });
    const found = write({
      'styles/one.css': 'a { top: 0 }\n',
      'styles/two.css': 'b { top: 0 }\n',
      'x.css': "@import './styles/two.css';\n@import './styles/one.css';\nc { top: 0 }\n",
    });
    const address = found.path('x.css').replace('/assets/', '');
    expect(found.find(address)?.body.identity.toString()).toBe('b { top: 0 }\na { top: 0 }\nc { top: 0 }\n');
    expect(
      assets.find(assets.path('shop.css').replace('/assets/', ''))?.body.identity.toString(),
    ).not.toContain('@import');
  });

  test('what cannot be linked is refused when the server starts', () => {
    expect(() => write({ 'b.js': "import './x';import { a } from './a.js';" })).toThrow('b.js → a.js');
    expect(() => write({ 'b.js': "export { c } from './c.js';" })).toThrow(
      'b.js imports ./c.js, which is not in',
    );
    expect(() => write({ 'x.css': "@import './styles/gone.css';\n" })).toThrow(
      'x.css imports ./styles/gone.css, which is not in',
    );
  });

  test('the codings hold the same bytes; a phone loads style, scripts and icon in less than 20 KB', () => {
    const files = ['shop.css', 'icon.svg'].map((name) => assets.path(name)).concat(assets.scripts('shop.js'));
    const found = files.map((path) => assets.find(path.replace('/assets/', ''))!.body);
    for (const { identity, gzip, br } of found) {
      expect(gunzipSync(gzip).equals(identity)).toBe(true);
      expect(brotliDecompressSync(br).equals(identity)).toBe(true);
    }
    expect(found.reduce((sum, { gzip }) => sum + gzip.length, 0)).toBeLessThan(20_000);
  });

  test.each([
    [undefined, 'identity'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1.0, br;q=0', 'gzip'],
    ['gzip;q=0.0', 'identity'],
    ['GZIP', 'gzip'],
  ])('Accept-Encoding %s takes %s', (accept, coding) => {
    expect(codingFor(accept)).toBe(coding);
  });
});

describe('acts', () => {
  test('each makes an event that the API’s own schema takes', () => {
    const at = new Date('2026-06-01T12:00:00Z');
    for (const what of [
      'like',
      'unlike',
      'dislike',
      'undislike',
      'bookmark_add',
      'bookmark_remove',
      'share',
      'rate',
    ]) {
      const act = actOf(what, '7');
      if (act === null || act.kind === 'exclusion') throw new Error(what);
      const event = eventOf(act, { userId: 'u', movieId: 'm', form: 'f', at, surface: 'film' });
      expect(eventSchema.safeParse(event).success, what).toBe(true);
      expect(saidOf(what === 'rate' ? 'rate-7' : what)).toBe(act.said);
    }
    expect(saidOf('__proto__')).toBeNull();
  });

  test('an event id follows from its parts, and parts do not run together', () => {
    expect(uuidOf(['a', 'b'])).toBe(uuidOf(['a', 'b']));
    expect(uuidOf(['a', 'b'])).not.toBe(uuidOf(['ab', '']));
    expect(uuidOf(['x'])).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('only our own places are gone back to', () => {
    expect(localPath('/film/a?x=like', '/')).toBe('/film/a?x=like');
    for (const bad of ['//x', '/\\x', 'x', '/a\nb', '', undefined, `/${'x'.repeat(600)}`])
      expect(localPath(bad, '/')).toBe('/');
  });
});

test('days and names in words', () => {
  expect(longDate('2026-11-24')).toBe('Tuesday 24 November 2026');
  expect(longDate('soon')).toBe('soon');
  const about = { profileId: 'ada', accountId: 'a' };
  expect(visitorOf({ ...about, name: 'Ada, film noir' })).toMatchObject({
    name: 'Ada',
    about: 'film noir',
  });
  expect(visitorOf({ ...about, name: '' })).toMatchObject({ name: 'ada', about: '' });
});
