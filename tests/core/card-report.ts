import { type Card, cardSchema, configSchema, type Report, type Verdict } from '../../src/contracts/index.js';

const AT = {
  ndcg: 0.1665,
  recall: 0.2,
  precision: 0.1,
  f1: 0.13,
  map: 0.1,
  mrr: 0.3,
  hit: 0.486,
  auc: 0.9,
  coverage: 0.5,
};

/** A small report with a line for the release and two for what it is measured against. */
export function reportWith(changed: Partial<Report> = {}): Report {
  const interval = (model: 'blend' | 'popularity', metric: string, mean: number) => ({
    model,
    metric,
    mean,
    lower: mean - 0.02,
    upper: mean + 0.02,
  });
  return {
    definitionId: 'matinee-ranking/1',
    split: 'last-7-days',
    cutoff: '2026-01-25T00:00:00.000Z',
    viewers: 1000,
    trainPairs: 900,
    testPairs: 100,
    catalogue: 20,
    scores: [
      { model: 'blend', at: { '10': AT } },
      { model: 'popularity', at: { '10': { ...AT, ndcg: 0.1 } } },
    ],
    differences: [{ baseline: 'popularity', mean: 0.0665, lower: 0.05, upper: 0.08, relative: 0.665 }],
    intervals: [
      interval('blend', 'hit@10', 0.486),
      interval('popularity', 'hit@10', 0.341),
      interval('blend', 'ndcg@10', 0.1665),
      interval('popularity', 'ndcg@10', 0.1),
    ],
    gap: { candidate: 0.4, champion: null },
    slices: { tested: 2, shown: 2, worst: null, harmed: [] },
    ...changed,
  };
}

export const VERDICT: Verdict = {
  kind: 'promote',
  provisional: true,
  reasons: ['accepted'],
  class: 'recipe-change',
  gates: [
    { gate: 'G1', state: 'INCONCLUSIVE', sentence: 'too few viewers' },
    { gate: 'G4', state: 'PASS', sentence: '0 of 10' },
  ],
  decision: {
    action: 'accept',
    runId: 'r',
    night: '2026-01-31',
    modelSha256: 'm',
    by: 'Ada',
    reason: 'Tested <by> hand',
    at: '2026-02-01T01:00:00.000Z',
  },
};

const SHA = 'a'.repeat(64);
const ref = (uri: string, rows = 1) => ({ uri, sha256: SHA, rows, bytes: 10, schema: 't' });

/** A card of the formula's lists, and with what a test changes. */
export function card(changed: Partial<Card> = {}): Card {
  return cardSchema.parse({
    schema: 'card/1',
    releaseId: '2026-01-31-abc',
    night: '2026-01-31',
    asOf: '2026-02-01T00:00:00.000Z',
    createdAt: '2026-02-01T02:30:00.000Z',
    provisional: false,
    scoping: configSchema.parse({}).card,
    counts: { viewers: 50, personal: 40, formula: 9, none: 1, noneReasons: {}, films: 20 },
    audit: { pairs: 1234, violations: 0 },
    data: {
      firstDay: '2026-01-01',
      lastDay: '2026-01-31',
      days: 31,
      events: 5000,
      films: 20,
      viewers: 50,
      consenting: 48,
      interactions: 900,
      warnings: [],
    },
    model: null,
    report: null,
    verdict: null,
    errors: null,
    popularity: null,
    repeats: [],
    lineage: {
      schema: 'lineage/1',
      runId: '2026-01-31-r',
      codeSha256: SHA,
      configSha256: SHA,
      toolchain: { lockSha256: SHA, node: 'v20.19.0', duckdb: 'v1.5.5', machine: 'linux-x64' },
      seed: 1,
      interactions: ref('i'),
      formula: ref('f'),
      model: null,
      start: null,
      steps: [{ uri: 'runs/2026-01-31-r/train', wallMs: 1500, rows: 1 }],
      snapshotSha256: SHA,
    },
    hardware: { cpu: 'x', cores: 2, memoryMiB: 1000 },
    runs: { finished: 10, judged: 9, promoted: 7, served: 6 },
    retention: { releases: 7, unservedReleases: 31 },
    ...changed,
  } satisfies Card);
}
