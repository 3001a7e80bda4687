import { expect, it } from 'vitest';
import type { Why } from '../../src/contracts/api.js';
import { whyPlot } from '../../src/api/pages/why-plot.js';
import type { Programme } from '../../src/api/pages/programme.js';

/** An audience that may see every film but "secret". */
const programme = {
  film: (movieId: string) => (movieId === 'secret' ? null : { movieId, title: `Film ${movieId}` }),
} as unknown as Programme;
const cited = (movieId: string, share: number) => ({
  movieId,
  title: `Film ${movieId}`,
  kind: 'watched' as const,
  contribution: share,
  share,
});
const why = (more: Partial<Why>): Why => ({
  userId: 'ada',
  movieId: 'x',
  title: 'X',
  year: 1950,
  release: 'r',
  night: '2026-05-31',
  servedBy: 'personal',
  position: 1,
  score: 2,
  parts: { taste: 2, now: 1, genres: -1 },
  taste: 1,
  rank: 1,
  reason: null,
  contributions: [],
  others: { films: 0, contribution: 0 },
  decisions: [],
  summary: '',
  ...more,
});
/** Rows as read: label and share. */
const rows = (of: Why | null) =>
  [...(whyPlot(of, programme)?.text ?? '').matchAll(/<th[^>]*>(.*?)<\/th>.*?why-share">(.*?)<\/td>/gs)].map(
    ([, label = '', share = '']) => `${label.replace(/<[^>]*>/g, '').trim()}: ${share.trim()}`,
  );

it('the parts of the score, in shares of all that lifts or lowers it', () => {
  expect(rows(why({}))).toEqual([
    'Your taste: what you did with other films: 50 %',
    'What many viewers watch now: 25 %',
    'The kinds of film you like: −25 %',
  ]);
});

it('the films of the taste, the rest as one; what may not be seen is among the rest', () => {
  const contributions = [cited('a', 0.5), cited('secret', 0.3), cited('b', -0.1)];
  expect(rows(why({ contributions, others: { films: 2, contribution: 0.3 } })).slice(3)).toEqual([
    'Film a, watched: 50 %',
    'Film b, watched: −10 %',
    '3 more films together: 60 %',
  ]);
  const six = Array.from({ length: 6 }, (_, i) => cited(String(i), i === 0 ? 0.5 : 0.1));
  expect(rows(why({ contributions: six })).at(-1)).toBe('one more film: 10 %');
});

it('the figures add up, and a minus is explained where there is one', () => {
  const parts = { taste: 73.4, now: 20.3, genres: 6.3 }; // rounded one by one: 73, 20 and 6
  expect(rows(why({ parts })).map((row) => row.replace(/.*: /, ''))).toEqual(['74 %', '20 %', '6 %']);
  expect(whyPlot(why({ parts }), programme)?.text).not.toContain('minus');
  expect(whyPlot(why({}), programme)?.text).toContain('minus');
  const contributions = [cited('a', 0.554), cited('b', -0.108), cited('c', 0.554)];
  const films = rows(why({ parts, contributions })).slice(3);
  expect(films).toEqual(['Film a, watched: 56 %', 'Film b, watched: −11 %', 'Film c, watched: 55 %']);
  expect(whyPlot(why({ parts, contributions }), programme)?.text).toContain('minus');
});

it('bars are as long as their figures, without style: the page allows none inline', () => {
  const text = whyPlot(why({}), programme)?.text ?? '';
  expect([...text.matchAll(/why-(?:for|against)" width="([\d.]+)"/g)].map(([, width]) => width)).toEqual([
    '50.0',
    '25.0',
    '25.0',
  ]);
  expect(text).not.toContain('style=');
});

it('nothing to share out, no plot', () => {
  expect(whyPlot(null, programme)).toBeNull();
  expect(whyPlot(why({ parts: null }), programme)).toBeNull();
  expect(rows(why({ taste: null, contributions: [cited('a', 1)] }))).toHaveLength(3);
});
