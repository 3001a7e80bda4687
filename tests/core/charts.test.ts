import { expect, test } from 'vitest';
import { inReadingOrder } from '../../src/core/metrics/slices.js';
import { bars, curve, dots, pairs } from '../../src/core/report-page/charts.js';

/** Width of a sign of DejaVu Sans, which is among the widest of system fonts, at 13 px; digits have this one. */
const SIGN = 8.27;

/** Texts that would be cut off, by where they begin and end. */
function cutOff(svg: string): string[] {
  const width = Number(/viewBox="0 0 ([\d.]+)/.exec(svg)?.[1]);
  return [...svg.matchAll(/<text[^>]*? x="([\d.-]+)"([^>]*)>([^<]*)/g)].flatMap(([, at, look, text = '']) => {
    const long = text.length * SIGN;
    const start = Number(at) - (look!.includes('"end"') ? long : look!.includes('"middle"') ? long / 2 : 0);
    return start < -0.1 || start + long > width + 0.1
      ? [`${text}: ${start} to ${start + long} of ${width}`]
      : [];
  });
}

const four = (value: number) => value.toFixed(4);

test('no text of a chart leaves its picture, however long names and numbers are', () => {
  const groups = [
    { name: 'heavy, 50 and more (121)', value: 0.19, range: [0.15, 0.23] as const },
    { name: 'medium, 10 to 49 (1,960)', value: 0.1, range: [0.09, 0.1] as const },
    { name: 'light, to 9 (330)', value: 0.05, range: [0, 0.2] as const },
  ];
  const long = [...groups, { ...groups[0]!, name: 'a name that is longer than half of the whole picture' }];
  for (const svg of [
    dots('d', groups, { at: 0.1, show: four }),
    dots('d', long, { at: 0.1, show: four }),
    bars('b', groups, four),
    bars('b', long, (value) => `${value.toFixed(4)} of very many`),
    curve('c', [123456, 1234.5], (value) => value.toFixed(3)),
    pairs('p', ['share of likes', 'share of places'], [{ name: 'most', values: [1, 2] }], four),
  ]) {
    expect(cutOff(svg)).toEqual([]);
  }
});

test('bands read from little to much, names by their letters', () => {
  const order = (...values: string[]) =>
    inReadingOrder(values.map((value) => ({ value }))).map((s) => s.value);
  expect(order('heavy, 50 and more', 'light, to 9', 'medium, 10 to 49')).toEqual([
    'light, to 9',
    'medium, 10 to 49',
    'heavy, 50 and more',
  ]);
  expect(order('12 to 15', '18 and over', '7 to 11', 'under 7', '16 and 17')).toEqual([
    'under 7',
    '7 to 11',
    '12 to 15',
    '16 and 17',
    '18 and over',
  ]);
  expect(order('Drama', 'Comedy')).toEqual(['Comedy', 'Drama']);
});
