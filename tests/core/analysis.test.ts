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
      device: null,
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
      { third: 'head', pairs: 1, viewers: 1, recall: 1, champion: 0 }, // the champion lists films 59 … 10
      { third: 'mid', pairs: 0, viewers: 0, recall: null, champion: null },
      { third: 'tail', pairs: 2, viewers: 2, recall: 0, champion: 1 },
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

  test('a popularity third that too few viewers wanted is not shown', async () => {
    const { thirds } = await analyse({ ...problem([[0, 55], [58]]), showFloor: 2, champion: null }, pause);
    expect(thirds.map(({ recall, champion }) => [recall, champion])).toEqual([
      [null, null],
      [null, null],
      [0, null],
    ]);
  });

  test('the page holds what was measured of every model, against whom, for which groups, and what was left out', async () => {
    const slice = { dimension: 'genre', value: 'Drama', viewers: 2, base: 0.4, mean: -0.1 } as const;
    const { slices } = await analyse(
      { ...problem([[0, 55], [58]]), slices: [{ ...slice, lower: -0.2, upper: 0.05, p: 0.25 }] },
      pause,
    );
    expect(slices!.find(({ dimension }) => dimension === 'genre')).toMatchObject({
      difference: { mean: -0.1, lower: -0.2, upper: 0.05, p: 0.25 },
    });
    expect(slices!.find(({ dimension }) => dimension === 'tenure')!.difference).toBeNull();
    const plain = reportOf();
    const organic = { mean: 0.04, lower: 0.01, upper: 0.07, relative: 0.2, viewers: 77, required: null };
    const report = {
      ...plain,
      scores: plain.scores.map((score) => ({
        ...score,
        organic: { viewers: 77, ndcg: 0.1234, recall: 0.5 },
      })),
      differences: plain.differences.map((found) => ({ ...found, viewers: 5000, required: 420, organic })),
      agreement: { overlap: 0.62, rbo: 0.571 },
      leftOut: { newViewers: 31, coldPairs: 17 },
      coldFilms: [
        {
          pool: 'new',
          films: 40,
          viewers: 60,
          pairs: 90,
          k: 10,
          recall: { facts: 0.41, genrePopularity: 0.32, chance: 0.25 },
          lead: { mean: 0.09, lower: 0.02, upper: 0.16 },
        },
      ],
      notes: ['a note <of> the night'],
    };
    const verdict = decide({ kind: 'measured', report }, 'first', null, RULES);
    const page = analysisPage('2026-01-31', report, verdict, { ...analysis, slices });
    const cells = (...texts: (string | number)[]) =>
      texts.map((text) => `<td class="n">${text}</td>`).join('');
    expect(page).toContain(`<td>popularity</td>${cells(77, '0.1234', '0.5000')}`);
    expect(page).toContain(`<td>all</td>${cells('0.1000 (0.0500 … 0.1500)', 5000, 420)}`);
    expect(page).toContain(`<td>organic</td>${cells('0.0400 (0.0100 … 0.0700)', 77, 'no number is enough')}`);
    expect(page).toContain('<th class="n">miscalibration</th>');
    expect(page).toContain(cells('-0.1000 (-0.2000 … 0.0500)', '0.250'));
    expect(page).toContain('62 % are the champion');
    expect(page).toContain('31 viewers with too little history, and 17 wanted pairs');
    expect(page).toContain(`<td>new, recall@10</td>${cells(40, 60, 90, '0.4100', '0.3200', '0.2500')}`);
    expect(page).toContain('a note &#60;of&#62; the night');
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
