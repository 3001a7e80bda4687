import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  breakInto,
  fitEven,
  fitStack,
  heightOf,
  type Voice,
  widthOf,
} from '../../src/api/pages/posters/lettering.js';
import { skyline } from '../../src/api/pages/posters/figures-dark.js';
import { motifOf } from '../../src/api/pages/posters/motifs.js';
import { ALL_MOODS, printings } from '../../src/api/pages/posters/palettes.js';
import { poster, type PosterFacts } from '../../src/api/pages/posters/poster.js';
import { parseDemoFilms } from '../../src/simulator/index.js';

const voice: Voice = { name: 'grot', width: 1, capHeight: 0.7, isUpper: true };
const demo: PosterFacts[] = readdirSync('demo')
  .filter((file) => file.endsWith('.ndjson'))
  .flatMap((file) => parseDemoFilms(readFileSync(`demo/${file}`, 'utf8'), file, new Date(0)))
  .map(({ film }) => ({ ...film, movieId: film.filmId, year: film.releaseYear }));

describe('lettering', () => {
  test('widths are Helvetica’s; accents take no room, and a voice scales them', () => {
    expect(widthOf('AB', voice)).toBeCloseTo(1.334, 10);
    expect(widthOf('É', voice)).toBe(widthOf('E', voice));
    expect(widthOf('AB', { ...voice, width: 0.5 })).toBeCloseTo(0.667, 10);
    expect(widthOf('七人', voice)).toBe(2);
  });

  test('lines are broken where the widest of them is narrowest', () => {
    expect(breakInto(['THE', 'CABINET', 'OF', 'DR.', 'CALIGARI'], 3, voice)).toEqual([
      'THE CABINET',
      'OF DR.',
      'CALIGARI',
    ]);
    expect(breakInto(['ONE'], 2, voice)).toBeNull();
  });

  test('whatever the title, it stands within its box', () => {
    const titles = fc.oneof(
      fc.string({ minLength: 1, maxLength: 80 }),
      fc
        .array(fc.string({ minLength: 1, maxLength: 14 }), { minLength: 1, maxLength: 20 })
        .map((w) => w.join(' ')),
    );
    fc.assert(
      fc.property(titles, (title) => {
        for (const lines of [
          fitEven(title, voice, { width: 172, height: 80, leading: 0.94, most: 46 }),
          fitStack(title, voice, { width: 172, height: 128, gap: 7, most: 84 }),
        ]) {
          for (const { width, size } of lines) {
            expect(width).toBeLessThanOrEqual(172.001);
            expect(size).toBeGreaterThan(0);
          }
        }
        const stack = fitStack(title, voice, { width: 172, height: 128, gap: 7, most: 84 });
        if (stack.length > 0) expect(heightOf(stack, voice, 7)).toBeLessThanOrEqual(128.001);
      }),
    );
  });
});

/** Relative luminance contrast of WCAG 2. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * (i === 0 ? 0.2126 : i === 1 ? 0.7152 : 0.0722), 0);
  const [dark, light] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

test.each(ALL_MOODS)('every lettering of the mood %s is read at 4.5 : 1', (mood) => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  for (const { ground, ink, panel, onPanel } of printings(mood)) {
    expect(contrast(ground, ink), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(panel, onPanel), `${onPanel} on ${panel}`).toBeGreaterThanOrEqual(4.5);
  }
});

describe('posters', () => {
  const drawn = demo.map((film) => ({ film, svg: poster(film) }));

  test('the same film has the same poster, and no two films of the demo share one', () => {
    expect(demo.length).toBeGreaterThan(600);
    for (const { film, svg } of drawn.slice(0, 50)) expect(poster(film)).toBe(svg);
    const pictures = drawn.map(({ svg }) => svg.replace(/<text.*?<\/text>/gs, ''));
    expect(new Set(pictures).size).toBe(drawn.length);
  });

  test('each says its whole title; nothing in it needs a style, a script, an id or a request', () => {
    for (const { film, svg } of drawn) {
      const said = [...svg.matchAll(/>([^<>]*)<\/text>/g)].map(([, text]) => text).join(' ');
      const plain = said.replaceAll('&amp;', '&').toLowerCase();
      for (const word of film.title.toLowerCase().split(/\s+/)) expect(plain, film.title).toContain(word);
      expect(svg).not.toMatch(/style=|<style|<script|\sid=|href|url\(|NaN|undefined|Infinity/);
    }
  });

  test('light enough to stand on a page by the dozen', () => {
    const mean = drawn.reduce((sum, { svg }) => sum + svg.length, 0) / drawn.length;
    expect(mean).toBeLessThan(2000);
    expect(Math.max(...drawn.map(({ svg }) => svg.length))).toBeLessThan(9000);
  });

  test('facts may be missing, and hostile titles stay text', () => {
    const bare = { movieId: 'x', year: null, genres: [], directors: [], runtimeMin: null, countries: [] };
    const svg = poster({ ...bare, title: '<script>alert("1")</script> & "co"' });
    expect(svg).not.toContain('<script');
    expect(svg.toLowerCase()).toContain('&lt;script&gt;');
    expect(poster({ ...bare, title: '   ' })).toContain('</svg>');
  });

  test('no lit tower blocks behind a drawn film or an old setting', () => {
    // A lit window of `skyline` is 6 high, and no other figure of these genres has more than a few such.
    const hasBlocks = (svg: string) => (svg.match(/v6h/g) ?? []).length > 4;
    const musical = (genres: string[]) =>
      Array.from({ length: 200 }, (_, i) =>
        poster({
          movieId: `m${i}`,
          title: 'Mulan',
          year: 1998,
          genres,
          directors: [],
          runtimeMin: 88,
          countries: [],
        }),
      );
    expect(motifOf('The Big City')).toBe(skyline);
    expect(musical(['Musical', 'Comedy']).filter(hasBlocks).length).toBeGreaterThan(5);
    for (const genre of ['Animation', 'Adventure', 'History', 'Western'])
      expect(musical([genre, 'Musical', 'Comedy']).filter(hasBlocks), genre).toEqual([]);
  });

  test('a title that names a thing or a number is drawn as that', () => {
    expect(motifOf('A Trip to the Moon')).not.toBeNull();
    expect(motifOf('12 Angry Men')).not.toBeNull();
    expect(motifOf('Seven Samurai')).not.toBeNull();
    expect(motifOf('Rashomon')).toBeNull();
    expect(motifOf('2001')).toBeNull();
    const angry = demo.find(({ title }) => title === '12 Angry Men');
    expect(angry).toBeDefined();
  });
});
