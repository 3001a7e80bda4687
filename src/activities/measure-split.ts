import { type Conditions, type ModelKind, type Report, KIND_NAMES } from '../contracts/index.js';
import { overlapAt, rankBiasedOverlap } from '../core/metrics/agreement.js';
import { DEFINITION_IDS } from '../core/metrics/definition-ids.js';
import { METRICS_DEFINITION } from '../core/metrics/definitions.js';
import { listOf } from '../core/metrics/film-lists.js';
import { fittingOf, fittingWarnings } from '../core/metrics/generalisation.js';
import { type Judgement, createJudgement, summarise, topOf } from '../core/metrics/judgement.js';
import { createListJudgement, summariseLists, vectorsOf } from '../core/metrics/list-judgement.js';
import { metricIntervals } from '../core/metrics/intervals.js';
import {
  type SliceOutcome,
  createSliceTests,
  sliceHarm,
  sliceOutcomes,
} from '../core/metrics/slice-tests.js';
import { slicesOf } from '../core/metrics/slices.js';
import type { Seen } from './candidate-conditions.js';
import type { ActivityDeps } from './deps.js';
import { divergence } from './failures.js';
import type { Fit } from './fit-scorer.js';
import { CANDIDATE, DIFFERENCE_K, LIST_K, LINES, minus, placeOf, valuesAt } from './judged-models.js';
import { blendScorer } from './judgement-blend.js';
import type { JudgementData } from './judgement-data.js';
import type { Opponent } from './opponent.js';
import { measureCold } from './measure-cold.js';
import { compare, difference, liftOf, organicScore } from './measure-differences.js';
import { pause } from './pause.js';
import type { SplitParts } from './split-parts.js';

type MeasureDeps = Pick<ActivityDeps, 'config' | 'judge'>;

/** Persistence and depth of the rank-biased overlap with the champion. */
const RBO = { p: 0.9, depth: 10 };

export interface Measuring {
  data: JudgementData;
  /** Of the candidate. */
  kind: ModelKind;
  /** Another kind to show beside it; null = none. */
  other: ModelKind | null;
  /** Refits a kind's recipe on the train part from its seeds. */
  fit: (kind: ModelKind) => Promise<Fit>;
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
  { data, kind, other, signal, say, ...ask }: Measuring,
): Promise<Measured> {
  const { ials } = deps.config;
  const { training } = data;
  const twin = await ask.fit(kind);
  const opponent = await ask.opponent();
  const { beside, lacking } = await besideIt(ask.fit, other);
  const judgement = await rank(deps, data, { twin, opponent, beside }, signal, say);
  const lists = createListJudgement(judgement, {
    ...data.facts,
    factors: vectorsOf(twin.scorer),
  });
  const options = { threads: ials.threads, signal };
  await deps.judge.lists(lists, options);
  const hasChampion = opponent?.scorer != null;
  const models = LINES.filter((line) => line !== 'champion' || hasChampion).map((line) =>
    line === 'taste' ? kind : line,
  );
  const shown = [...models, ...(beside === null ? [] : ['other' as const])];
  const slices = hasChampion ? await testSlices(deps, judgement, data, signal) : [];
  const { gate } = deps.config;
  const scores: Report['scores'] = [];
  for (const [s, model] of shown.entries()) {
    const at = summarise(judgement, s, data.catalogue);
    await pause();
    const ofLists = summariseLists(lists, s, data.catalogue);
    await pause();
    const organic = organicScore(judgement, s, data.isOrganic);
    scores.push({ model, at, lists: ofLists, ...(organic === null ? {} : { organic }) });
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
      await difference(deps, judgement, 'popularity', data.isOrganic, signal),
      await difference(deps, judgement, 'weighted-rating', data.isOrganic, signal),
    ],
    lift: liftOf(judgement),
    intervals: metricIntervals(judgement, lists, shown),
    conditions: await ask.conditions(twin, seen),
    gap: fitting.gap,
    warnings: fittingWarnings(fitting, gate),
    leftOut: data.leftOut,
    coldFilms: await measureCold(deps, data, twin, signal),
    definitions: DEFINITION_IDS,
    notes: [...data.notes, ...(opponent === null ? [] : [opponent.note]), ...lacking],
    ...(opponent?.scorer === null ? { noChampion: opponent.note } : {}),
    ...(hasChampion
      ? {
          comparisons: await compare(deps, judgement, data.isOrganic, signal),
          slices: sliceHarm(slices, gate.sliceHarm, gate.sliceAlpha),
          agreement: agreementOf(judgement),
        }
      : {}),
  };
  return { report, judgement, slices, twin };
}

/** The other kind is there to be looked at: where it cannot be fitted, the candidate is judged without it. */
async function besideIt(
  fit: Measuring['fit'],
  other: ModelKind | null,
): Promise<{ beside: Fit | null; lacking: string[] }> {
  if (other === null) return { beside: null, lacking: [] };
  try {
    return { beside: await fit(other), lacking: [] };
  } catch (error) {
    const why = divergence(error);
    if (why === null) throw error;
    return { beside: null, lacking: [`${KIND_NAMES[other]} cannot be shown beside it: ${why}`] };
  }
}

async function rank(
  { config, judge }: MeasureDeps,
  data: JudgementData,
  { twin, opponent, beside }: { twin: Fit; opponent: Opponent | null; beside: Fit | null },
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
      ...(beside === null ? [] : [blendScorer(beside, data.training, data.blend, config)]),
    ],
  });
  await judge.rank(judgement, {
    threads: config.ials.threads,
    signal,
    onProgress: (done, of) => say({ step: 'ranking', done, of }),
  });
  return judgement;
}

async function testSlices(
  { config, judge }: MeasureDeps,
  judgement: Judgement,
  { viewers }: JudgementData,
  signal: AbortSignal,
): Promise<SliceOutcome[]> {
  const { gate, evaluate, ials } = config;
  const base = valuesAt(judgement, 'champion', DIFFERENCE_K, 'ndcg');
  const tests = createSliceTests({
    differences: minus(valuesAt(judgement, CANDIDATE, DIFFERENCE_K, 'ndcg'), base),
    base,
    slices: slicesOf(viewers).filter((slice) => slice.viewers.length >= gate.sliceShowFloor),
    seed: evaluate.seed,
    resamples: evaluate.bootstrap,
    rounds: gate.permutations,
  });
  await judge.slices(tests, { threads: ials.threads, signal });
  return sliceOutcomes(tests, { show: gate.sliceShowFloor, test: gate.sliceTestFloor });
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
