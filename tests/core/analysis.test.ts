import { describe, expect, test } from 'vitest';
import { analysisSchema } from '../../src/contracts/analysis.js';
import { type AnalysisInput, analyse } from '../../src/core/analysis/analysis.js';
import { countMisses, missesOf, topErrors } from '../../src/core/analysis/misses.js';
import { analysisPage } from '../../src/core/analysis/page.js';
import { escape } from '../../src/core/report-page/document.js';
import { decide } from '../../src/core/gate/verdict.js';
import { packLists } from '../../src/core/metrics/film-lists.js';
import { createJudgement } from '../../src/core/metrics/judgement.js';
import { createViewerRanker, judgementUnits } from '../../src/core/metrics/rank-viewers.js';
import { RULES, reportOf } from './gate-reports.js';

const pause = async () => {};

/**
 * 60 films, film n ranked n+1 by everybody, so that films 0 … 49 are the list of 50. Genres: 0 of films 0 … 54, 1 of the
 * others. Counts fall from 100 by 1; film 59 is unknown to the model. Viewer 1's recent films are all of genre 1.
 */
function problem(relevant: number[][]): AnalysisInput {
  const films = 60;
  const shared = {
    kind: 'shared' as const,
    name: 'test',
    scores: Float64Array.from({ length: films }, (_, n) => -n),
  };
  const other = { ...shared, scores: Float64Array.from({ length: films }, (_, n) => n) };
  const judgement = createJudgement({
    films,
    relevant: packLists(relevant),
    seen: packLists(relevant.map(() => [])),
    classOf: new Int32Array(relevant.length),
    hidden: new Uint8Array(films),
    candidates: null,
    ks: [10, 50],
    scorers: [shared, other],
  });
  const run = createViewerRanker(judgement);
  for (let unit = 0; unit < judgementUnits(judgement); unit++) run(unit);
  const rows = Int32Array.from({ length: films }, (_, n) => (n === 59 ? -1 : n));
  return {
    judgement,
    candidate: 0,
    champion: 1,
    facts: {
      genresOf: packLists(Array.from({ length: films }, (_, n) => [n < 55 ? 0 : 1])),
      genres: 2,
      counts: Int32Array.from({ length: films }, (_, n) => (n === 54 ? 1 : 100 - n)),
      countTotal: 1000,
      isFresh: new Uint8Array(films),
      thirds: Int8Array.from({ length: films }, (_, n) => Math.floor(n / 20)),
      history: packLists(relevant.map(() => [0, 1, 2, 56])),
      recent: packLists(relevant.map((_, viewer) => (viewer === 1 ? [56] : [0]))),
      disliked: packLists(relevant.map(() => [])),
      factors: { stride: 1, films: new Float32Array(films), rowOfFilm: rows },
      dropped: { 'not in the market': 0, 'above the age': 2, 'came after the cut': 1, 'seen earlier': 0 },
    },
    viewers: relevant.map(() => ({
      tenureDays: 30,
      positives: 20,
      maxAge: 18,
      market: 'default',
      language: null,
      genre: 'Drama',
    })),
    slices: [],
    showFloor: 1,
    titles: Array.from({ length: films }, (_, n) => `Film <${n}>`),
    genreNames: ['Drama', 'Horror'],
    nameOf: (viewer) => `viewer-${viewer}`,
  };
}

describe('misses', () => {
  test('each type by hand: found, near, wrong genre, crowded out, unknown, taste that moved', async () => {
    const input = problem([[3, 50, 54, 55, 59], [50]]);
    const types = await missesOf(input.judgement, 0, input.facts, 50, pause);
    expect(types).toEqual([
      null,
      'ranked 51 or lower',
      'popularity-crowded',
      'wrong genre',
      'too few raters',
      'stale taste',
    ]);
    const counts = countMisses(types, input.facts);
    expect(counts).toMatchObject({ 'above the age': 2, 'came after the cut': 1, 'stale taste': 1 });
    expect(topErrors(counts, 1)).toEqual([{ type: 'above the age', count: 2, share: 0.25 }]);
    expect(topErrors({ ...counts, 'above the age': 0 }, 2).map(({ type }) => type)).toEqual([
      'came after the cut',
      'too few raters',
    ]);
  });
});

test('others get a turn every 512 viewers, and before each part', async () => {
  const count = async (viewers: number) => {
    let turns = 0;
    await analyse(problem(Array.from({ length: viewers }, () => [55])), async () => {
      turns++;
    });
    return turns;
  };
  const ofOne = await count(1);
  expect(ofOne).toBe(1 + 7);
  expect(await count(512)).toBe(ofOne);
  expect(await count(1025)).toBe(ofOne + 2);
});

describe('analysis', async () => {
  const analysis = await analyse(problem([[0, 55], [58]]), pause);

  test('names what fails, for whom, and what changed', () => {
    expect(analysisSchema.parse(analysis)).toEqual(analysis);
    expect(analysis.viewers).toBe(2);
    expect(analysis.thirds).toEqual([
      { third: 'head', pairs: 1, recall: 1 },
      { third: 'mid', pairs: 0, recall: null },
      { third: 'tail', pairs: 2, recall: 0 },
    ]);
    expect(analysis.worstViewers[0]).toMatchObject({
      name: 'viewer-1',
      ndcg: 0,
      missed: [{ film: 'Film <58>', type: 'stale taste' }],
    });
    expect(analysis.worstViewers[0]!.difference).toBeLessThan(0);
    expect(analysis.biggestChanges).toHaveLength(2);
    expect(analysis.biggestChanges[0]).toMatchObject({
      overlap: 0,
      now: expect.arrayContaining(['Film <0>']),
    });
    // two missed films of genre 1 (horror), the lists are all drama
    expect(analysis.confusion.wantedByGiven).toEqual([
      [0, 0],
      [2, 0],
    ]);
    expect(analysis.exposure.over[0]!.ratio).toBeGreaterThan(analysis.exposure.under[0]!.ratio);
  });

  test('the page holds verdict, gates and plots, and escapes every title', () => {
    const report = reportOf({ conditions: { ageViolations: 1 } });
    const verdict = decide({ kind: 'measured', report }, 'first', null, RULES);
    const page = analysisPage('2026-01-31', report, verdict, analysis);
    expect(page).toContain('<td class="FAIL">FAIL</td>');
    expect(page.match(/<svg /g)).toHaveLength(3);
    expect(page).toContain('Film &#60;58&#62;');
    expect(page).not.toContain('Film <');
    expect(page).not.toMatch(/<script|https?:/);
    expect(escape(`a"b'c&`)).toBe('a&#34;b&#39;c&#38;');
  });
});
