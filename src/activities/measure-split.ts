import type { Comparison, Conditions, Report } from '../contracts/index.js';
import { overlapAt, rankBiasedOverlap } from '../core/metrics/agreement.js';
import { DEFINITION_IDS } from '../core/metrics/definition-ids.js';
import { METRICS_DEFINITION } from '../core/metrics/definitions.js';
import { listOf } from '../core/metrics/film-lists.js';
import { fittingOf, fittingWarnings } from '../core/metrics/generalisation.js';
import { requiredViewers, standardDeviation } from '../core/metrics/inference.js';
import {
  type Judgement,
  type Metric,
  createJudgement,
  meanOf,
  summarise,
  topOf,
  valuesOf,
} from '../core/metrics/judgement.js';
import { createListJudgement, vectorsOf, summariseLists } from '../core/metrics/list-judgement.js';
import { metricIntervals } from '../core/metrics/intervals.js';
import { organicValues } from '../core/metrics/organic.js';
import {
  type SliceOutcome,
  createSliceTests,
  sliceHarm,
  sliceOutcomes,
} from '../core/metrics/slice-tests.js';
import { slicesOf } from '../core/metrics/slices.js';
import type { Seen } from './candidate-conditions.js';
import type { ActivityDeps } from './deps.js';
import { type Fit, fitScorer } from './fit-scorer.js';
import { blendScorer } from './judgement-blend.js';
import type { JudgementData } from './judgement-data.js';
import type { Opponent } from './opponent.js';
import { measureCold } from './measure-cold.js';
import { pause } from './pause.js';
import type { SplitParts } from './split-parts.js';

type MeasureDeps = Pick<ActivityDeps, 'config' | 'trainer' | 'judge'>;

/** The K of the paired differences and of lists, always measured; and the depth of a served list. */
const DIFFERENCE_K = 10;
const LIST_K = 50;
/** The candidate is the order that is served; its taste alone stands beside it. */
const MODELS = ['blend', 'als', 'popularity', 'weighted-rating', 'champion'] as const;
const CANDIDATE = 'blend';
/** Persistence and depth of the rank-biased overlap with the champion. */
const RBO = { p: 0.9, depth: 10 };

export interface Measuring {
  data: JudgementData;
  /** The champion's line, where there is one. */
  opponent(): Promise<Opponent | null>;
  /** What is read off the candidate, beside its refit and what its lists showed. */
  conditions(twin: Fit, seen: Seen): Promise<Conditions>;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

/** What was measured, and all that an error analysis looks into. */
export interface Measured {
  report: Report;
  judgement: Judgement;
  slices: SliceOutcome[];
  twin: Fit;
}

/**
 * Refits the recipe on the train part from its seeds, and measures it against both baselines and the champion's line over
 * the same viewers. Throws ModelDiverged when the candidate's refit does.
 */
export async function measureSplit(
  deps: MeasureDeps,
  { plan }: SplitParts,
  { data, signal, say, ...ask }: Measuring,
): Promise<Measured> {
  const { ials } = deps.config;
  const { training, rowOfFilm, rowOfViewer } = data;
  const twin = await fitScorer(deps.trainer, {
    name: 'als',
    ials,
    training,
    rowOfFilm,
    rowOfViewer,
    signal,
    say,
  });
  const opponent = await ask.opponent();
  const judgement = await rank(deps, data, twin, opponent, signal, say);
  const lists = createListJudgement(judgement, {
    ...data.facts,
    factors: vectorsOf(twin.scorer),
  });
  const options = { threads: ials.threads, signal };
  await deps.judge.lists(lists, options);
  const models = MODELS.slice(0, judgement.scorers.length);
  const hasChampion = judgement.scorers.length === MODELS.length;
  const slices = hasChampion ? await testSlices(deps, judgement, data, signal) : [];
  const { gate } = deps.config;
  const scores: Report['scores'] = [];
  for (const [s, model] of models.entries()) {
    const at = summarise(judgement, s, data.catalogue);
    await pause();
    scores.push({ model, at, lists: summariseLists(lists, s, data.catalogue) });
    await pause();
  }
  const inspected = inspectLists(judgement, data);
  await pause();
  const seen: Seen = { ...inspected, leakedShare: leakedShare(data) };
  await pause();
  const fitting = fittingOf(
    judgement,
    {
      candidate: placeOf(CANDIDATE),
      popularity: placeOf('popularity'),
      champion: hasChampion ? placeOf('champion') : null,
    },
    twin.losses,
  );
  const report: Report = {
    definitionId: METRICS_DEFINITION,
    split: plan.kind,
    cutoff: plan.cutoff,
    viewers: data.rowOfViewer.length,
    trainPairs: training.byViewer.column.length,
    testPairs: data.testPairs,
    catalogue: data.catalogue,
    scores,
    differences: [
      await difference(deps, judgement, 'popularity', signal),
      await difference(deps, judgement, 'weighted-rating', signal),
    ],
    lift: liftOf(judgement),
    intervals: metricIntervals(judgement, lists, models),
    conditions: await ask.conditions(twin, seen),
    gap: fitting.gap,
    warnings: fittingWarnings(fitting, gate),
    leftOut: data.leftOut,
    coldFilms: await measureCold(deps, data, twin, signal),
    definitions: DEFINITION_IDS,
    notes: [...data.notes, ...(opponent === null ? [] : [opponent.note])],
    ...(opponent?.scorer === null ? { noChampion: opponent.note } : {}),
    ...(hasChampion
      ? {
          comparisons: await compare(deps, judgement, data, signal),
          slices: sliceHarm(slices, gate.sliceHarm, gate.sliceAlpha),
          agreement: agreementOf(judgement),
        }
      : {}),
  };
  return { report, judgement, slices, twin };
}

async function rank(
  { config, judge }: MeasureDeps,
  data: JudgementData,
  twin: Fit,
  opponent: Opponent | null,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Judgement> {
  const judgement = createJudgement({
    ...data.lists,
    films: data.catalogue,
    candidates: null,
    ks: [...new Set([...config.evaluate.k, DIFFERENCE_K, LIST_K])].sort((a, b) => a - b),
    scorers: [
      blendScorer(twin, data.training, data.blend, config),
      twin.scorer,
      { kind: 'grouped', name: 'popularity', ...data.popularity },
      { kind: 'shared', name: 'weighted-rating', scores: data.formula },
      ...(opponent?.scorer == null ? [] : [opponent.scorer]),
    ],
  });
  await judge.rank(judgement, {
    threads: config.ials.threads,
    signal,
    onProgress: (done, of) => say({ step: 'ranking', done, of }),
  });
  return judgement;
}

const placeOf = (model: (typeof MODELS)[number]) => MODELS.indexOf(model);

function values(
  judgement: Judgement,
  model: (typeof MODELS)[number],
  k: number,
  metric: Metric,
): Float64Array {
  return valuesOf(judgement, placeOf(model), judgement.ks.indexOf(k), metric);
}

const minus = (a: Float64Array, b: Float64Array) => a.map((value, n) => value - b[n]!);

/** NDCG of the model minus that of a baseline, viewer by viewer. */
async function difference(
  deps: MeasureDeps,
  judgement: Judgement,
  baseline: 'popularity' | 'weighted-rating',
  signal: AbortSignal,
): Promise<Report['differences'][number]> {
  const theirs = values(judgement, baseline, DIFFERENCE_K, 'ndcg');
  const found = minus(values(judgement, CANDIDATE, DIFFERENCE_K, 'ndcg'), theirs);
  const interval = await intervalOf(deps, found, signal);
  const base = meanOf(theirs);
  return { baseline, ...interval, relative: base === 0 ? 0 : interval.mean / base };
}

function intervalOf({ config, judge }: MeasureDeps, differences: Float64Array, signal: AbortSignal) {
  const { bootstrap, seed } = config.evaluate;
  return judge.interval(differences, { seed, resamples: bootstrap, threads: config.ials.threads, signal });
}

/** Candidate minus champion: NDCG@10 and Recall@50, over all plays and over organic ones. */
async function compare(
  deps: MeasureDeps,
  judgement: Judgement,
  { isOrganic }: JudgementData,
  signal: AbortSignal,
): Promise<Comparison[]> {
  const found: Comparison[] = [];
  for (const [metric, name, k] of [
    ['ndcg@10', 'ndcg', DIFFERENCE_K],
    ['recall@50', 'recall', LIST_K],
  ] as const) {
    const all = (model: typeof CANDIDATE | 'champion') => values(judgement, model, k, name);
    const organic = (model: typeof CANDIDATE | 'champion') =>
      organicValues(judgement, placeOf(model), isOrganic, name, k);
    for (const [plays, of] of [
      ['all', all],
      ['organic', organic],
    ] as const) {
      const base = of('champion');
      if (base.length === 0) continue;
      const differences = minus(of(CANDIDATE), base);
      const required = requiredViewers(differences, meanOf(base), deps.config.gate.margin);
      found.push({
        metric,
        plays,
        viewers: base.length,
        base: meanOf(base),
        ...(await intervalOf(deps, differences, signal)),
        required: Number.isFinite(required) ? required : null,
      });
    }
  }
  return found;
}

async function testSlices(
  { config, judge }: MeasureDeps,
  judgement: Judgement,
  { viewers }: JudgementData,
  signal: AbortSignal,
): Promise<SliceOutcome[]> {
  const { gate, evaluate, ials } = config;
  const base = values(judgement, 'champion', DIFFERENCE_K, 'ndcg');
  const tests = createSliceTests({
    differences: minus(values(judgement, CANDIDATE, DIFFERENCE_K, 'ndcg'), base),
    base,
    slices: slicesOf(viewers).filter((slice) => slice.viewers.length >= gate.sliceShowFloor),
    seed: evaluate.seed,
    resamples: evaluate.bootstrap,
    rounds: gate.permutations,
  });
  await judge.slices(tests, { threads: ials.threads, signal });
  return sliceOutcomes(tests, { show: gate.sliceShowFloor, test: gate.sliceTestFloor });
}

/** ln of the ratio of means, and its standard error by the delta method: paired, so a hard week hurts both alike. */
function liftOf(judgement: Judgement): { log: number; error: number } | undefined {
  const ours = values(judgement, CANDIDATE, DIFFERENCE_K, 'ndcg');
  const theirs = values(judgement, 'popularity', DIFFERENCE_K, 'ndcg');
  const [a, b] = [meanOf(ours), meanOf(theirs)];
  if (a <= 0 || b <= 0) return undefined;
  const influence = ours.map((value, n) => value / a - theirs[n]! / b);
  return { log: Math.log(a / b), error: standardDeviation(influence) / Math.sqrt(ours.length) };
}

/** The candidate's refit lists against the age rule itself, and whether they are as long as they could be. */
function inspectLists(
  judgement: Judgement,
  { lists, minAges, viewers, catalogue }: JudgementData,
): Omit<Seen, 'leakedShare'> {
  const { hidden, classOf, seen } = lists;
  const visible = Array.from({ length: hidden.length / Math.max(catalogue, 1) }, (_, c) =>
    hidden.subarray(c * catalogue, (c + 1) * catalogue).reduce((n, bit) => n + 1 - bit, 0),
  );
  let [agePairs, ageViolations, shortLists] = [0, 0, 0];
  viewers.forEach(({ maxAge }, viewer) => {
    const list = topOf(judgement, placeOf(CANDIDATE), viewer).subarray(0, LIST_K);
    const from = classOf[viewer]! * catalogue;
    agePairs += list.length;
    for (const film of list) ageViolations += Number(minAges[from + film]! > maxAge);
    let open = visible[classOf[viewer]!]!;
    for (const film of listOf(seen, viewer)) open -= 1 - hidden[from + film]!;
    if (list.length < Math.min(LIST_K, open)) shortLists++;
  });
  return { agePairs, ageViolations, shortLists };
}

/** Relevant pairs that are positive cells of the train part. */
function leakedShare({ training, rowOfViewer, rowOfFilm, lists }: JudgementData): number {
  const { start, column, weightMicro } = training.byViewer;
  const { relevant } = lists;
  let leaked = 0;
  rowOfViewer.forEach((row, viewer) => {
    const learnt = new Set<number>();
    for (let c = start[row]!; c < start[row + 1]!; c++) if (weightMicro[c]! > 0) learnt.add(column[c]!);
    for (const film of listOf(relevant, viewer)) leaked += Number(learnt.has(rowOfFilm[film]!));
  });
  return relevant.film.length === 0 ? 0 : leaked / relevant.film.length;
}

function agreementOf(judgement: Judgement): NonNullable<Report['agreement']> {
  const viewers = judgement.relevant.start.length - 1;
  let [overlap, rbo] = [0, 0];
  for (let viewer = 0; viewer < viewers; viewer++) {
    const [ours, theirs] = [
      topOf(judgement, placeOf(CANDIDATE), viewer),
      topOf(judgement, placeOf('champion'), viewer),
    ];
    overlap += overlapAt(ours, theirs, DIFFERENCE_K);
    rbo += rankBiasedOverlap(ours, theirs, RBO.p, RBO.depth);
  }
  return { overlap: overlap / viewers, rbo: rbo / viewers };
}
