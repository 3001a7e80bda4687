import { describe, expect, test } from 'vitest';
import { gatesInShort } from '../../src/core/card/gates-in-short.js';
import { knownLimits } from '../../src/core/card/limits.js';
import { createListTally } from '../../src/core/card/list-tally.js';
import { cardPage } from '../../src/core/card/page.js';
import { metricIntervals } from '../../src/core/metrics/intervals.js';
import { createJudgement } from '../../src/core/metrics/judgement.js';
import { packLists } from '../../src/core/metrics/film-lists.js';
import { LIST_COLUMNS } from '../../src/core/metrics/list-judgement.js';
import { card, reportWith, VERDICT } from './card-report.js';

describe('the list tally', () => {
  const earlier = [
    {
      releaseId: 'r',
      night: '2026-01-30',
      nights: 1,
      listOf: (pid: string) => (pid === 'b' ? null : ['a', 'x', 'c']),
    },
  ];

  test('counts what is shown and what was there before, of personal lists alone', () => {
    const tally = createListTally(earlier);
    tally.see({ pid: 'a', isPersonal: true, filmIds: ['a', 'b', 'c', 'd'] }); // a and c of ten were there
    tally.see({ pid: 'b', isPersonal: true, filmIds: ['a'] }); // had no list
    tally.see({ pid: 'c', isPersonal: false, filmIds: ['d', 'd', 'd'] });
    expect(tally.repeats()).toEqual([
      { releaseId: 'r', night: '2026-01-30', nights: 1, viewers: 1, overlap: 0.2 },
    ]);
  });

  test('groups films by how many liked them: shares of likes and of places, hand-computed', () => {
    const tally = createListTally([]);
    const films = Array.from({ length: 20 }, (_, i) => `f${String(i).padStart(2, '0')}`);
    // f00 and f01 drew 45 of 90 likes and hold 3 of 4 places; f19 holds the other one.
    const standing = films.map((_, i) => ({ positives: i === 0 ? 30 : i === 1 ? 15 : 2.5, trendMicro: 0 }));
    tally.see({ pid: 'a', isPersonal: true, filmIds: ['f00', 'f01'] });
    tally.see({ pid: 'b', isPersonal: true, filmIds: ['f00', 'f19'] });
    const { groups } = tally.popularity(films, standing);
    expect(groups).toHaveLength(10);
    expect(groups[0]).toEqual({ films: 2, liked: 0.5, shown: 0.75 });
    expect(groups[9]).toMatchObject({ films: 2, shown: 0.25 });
    expect(groups.reduce((sum, { liked }) => sum + liked, 0)).toBeCloseTo(1, 12);
  });
});

test('bounds are the mean ± 1.645 standard errors; lists without a value are left out', () => {
  const viewers = 4;
  const judgement = createJudgement({
    films: 3,
    relevant: packLists([[0], [0], [0], [0]]),
    seen: packLists([[], [], [], []]),
    classOf: new Int32Array(viewers),
    hidden: new Uint8Array(3),
    candidates: null,
    ks: [10],
    scorers: [{ kind: 'shared', name: 'popularity', scores: new Float64Array(3) }],
  });
  // ndcg is the first column: 0, 0, 1, 1 → mean .5, sd √(1/3), error √(1/12)
  [0, 0, 1, 1].forEach((value, viewer) => (judgement.values[0]![viewer * 8] = value));
  const values = [new Float64Array(viewers * LIST_COLUMNS.length).fill(Number.NaN)];
  values[0]![LIST_COLUMNS.indexOf('novelty')] = 3;
  const found = metricIntervals(judgement, { judgement, facts: {} as never, values }, ['popularity']);
  const ndcg = found.find(({ metric }) => metric === 'ndcg@10')!;
  expect([ndcg.mean, ndcg.lower, ndcg.upper]).toEqual([
    0.5,
    expect.closeTo(0.5 - 1.645 * Math.sqrt(1 / 12), 12),
    expect.closeTo(0.5 + 1.645 * Math.sqrt(1 / 12), 12),
  ]);
  expect(found.filter(({ metric }) => (LIST_COLUMNS as readonly string[]).includes(metric))).toEqual([
    { model: 'popularity', metric: 'novelty', mean: 3, lower: 3, upper: 3 },
  ]);
});

describe('the page', () => {
  test('a card of the formula’s lists is a whole page, too', () => {
    const page = cardPage(card());
    expect(page).toContain('<h1>Recommendations of the night of 31 January 2026</h1>');
    expect(page).toContain('No model made these lists: everybody has the formula’s.');
    expect(page).toContain(
      'Of 10 runs that ended before this one, 9 made a model that was judged, 7 were promoted, and 6 (60 %) became a served release.',
    );
  });

  test('figures, gates, a person’s word and what was waived stand in it, escaped, and nothing from elsewhere', () => {
    const page = cardPage(
      card({
        report: reportWith(),
        verdict: VERDICT,
        errors: {
          topErrors: [{ type: 'wrong genre', share: 0.5, count: 5 }],
          thirds: [{ third: 'head', pairs: 10, recall: 0.7 }],
          slices: [
            { dimension: 'market', value: 'BD', viewers: 60, ndcg: 0.2, error: 0.01 },
            { dimension: 'market', value: '<KR>', viewers: 60, ndcg: 0.1, error: 0.01 },
          ],
        },
        popularity: { groups: [{ films: 2, liked: 0.4, shown: 0.65 }] },
        repeats: [{ releaseId: 'r', night: '2026-01-24', nights: 7, viewers: 30, overlap: 0.7 }],
      }),
    );
    for (const said of [
      'of 1,000 viewers, 49 % had in their first ten films',
      '+67 %',
      'accepted by Ada on 2026-02-01, because: “Tested &#60;by&#62; hand”',
      'Waived: G1.',
      '65 % of the places in first tens',
      '70 % of the first ten films are those of the night of 2026-01-24, 7 nights before',
      '&#60;KR&#62; (60)',
      'wrong genre',
      '2 groups were large enough',
    ]) {
      expect(page).toContain(said);
    }
    expect(page).not.toMatch(/<script|<link|https?:|url\(|@import| style="|NaN|undefined|\[object/);
  });

  test('gates that a class of release leaves out are named, not counted as passed', () => {
    const asked = ['G4', 'G7', 'G8', 'G9', 'G10'] as const;
    const gates = asked.map((gate) => ({ gate, state: 'PASS' as const, sentence: '' }));
    const first = { ...VERDICT, class: 'first' as const, gates };
    expect(gatesInShort(first)).toEqual([
      '5 of 5',
      'gates that were asked passed; G1–G3, G5, G6 are asked from the second release on',
    ]);
    expect(cardPage(card({ verdict: first }))).toContain('from the second release on');
    const { class: _, ...old } = first;
    expect(gatesInShort(old)).toEqual(['5 of 5', 'gates that were asked passed']);
  });

  test('beside the formula: what is true of both between nights', () => {
    const page = cardPage(card());
    expect(page).not.toContain('with the next page');
    expect(page).toContain('by default every five minutes, and after imports; without any training');
    expect(page).toContain('that viewer’s own list is worked out again where a refresh is asked for');
  });

  test('limits say what is not known', () => {
    const limits = knownLimits(card({ provisional: true, report: reportWith() })).join('\n');
    expect(limits).toContain('Measured on what 1,000 viewers did afterwards');
    expect(limits).toContain('Nothing is learnt from 2 viewers who do not allow it');
    expect(limits).toContain('1 viewers have no list');
    expect(limits).toContain('canary');
  });
});
