import type { SliceHarm } from '../../contracts/index.js';
import { sharedFloat64 } from '../als/cells.js';
import { percentileInterval, resampleMeans } from './bootstrap.js';
import { holm, signFlipHarm } from './inference.js';
import { meanOf } from './judgement.js';
import type { Slice } from './slices.js';

/** Paired differences of each slice, tested for harm; one slice is one unit of work. */
export interface SliceTests {
  /** Of all viewers: candidate minus champion. */
  differences: Float64Array;
  /** Of all viewers: the champion's. */
  base: Float64Array;
  slices: Slice[];
  seed: number;
  resamples: number;
  rounds: number;
  /** Out: slices × [lower, upper, p]. */
  found: Float64Array;
}

export function createSliceTests(input: Omit<SliceTests, 'found'>): SliceTests {
  return { ...input, found: sharedFloat64(input.slices.length * 3) };
}

export function testSlice(
  { differences, slices, seed, resamples, rounds, found }: SliceTests,
  n: number,
): void {
  const own = Float64Array.from(slices[n]!.viewers, (viewer) => differences[viewer]!);
  const means = new Float64Array(resamples);
  resampleMeans(own, seed, 0, resamples, means);
  const { lower, upper } = percentileInterval(own, means);
  found.set([lower, upper, signFlipHarm(own, seed, rounds)], n * 3);
}

export interface SliceOutcome {
  dimension: Slice['dimension'];
  value: string;
  viewers: number;
  /** Mean of the champion, of the difference, and its one-sided 95 % bounds. */
  base: number;
  mean: number;
  lower: number;
  upper: number;
  /** One-sided p of harm, Holm-adjusted over the tested slices; null = too few viewers to test. */
  p: number | null;
}

/** Slices with at least `showFloor` viewers; those with `testFloor` share one family of tests. */
export function sliceOutcomes(
  { differences, base, slices, found }: SliceTests,
  floors: { show: number; test: number },
): SliceOutcome[] {
  const shown = slices.flatMap(({ dimension, value, viewers }, n) => {
    if (viewers.length < floors.show) return [];
    const mean = (values: Float64Array) => meanOf(Float64Array.from(viewers, (viewer) => values[viewer]!));
    const [lower, upper, p] = [found[n * 3]!, found[n * 3 + 1]!, found[n * 3 + 2]!];
    return [
      {
        dimension,
        value,
        viewers: viewers.length,
        base: mean(base),
        mean: mean(differences),
        lower,
        upper,
        p,
      },
    ];
  });
  const tested = shown.filter(({ viewers }) => viewers >= floors.test);
  const adjusted = holm(tested.map(({ p }) => p));
  return shown.map((slice) => {
    const at = tested.indexOf(slice);
    return { ...slice, p: at < 0 ? null : adjusted[at]! };
  });
}

/** G3's evidence: slices worse by `harm` of the champion's mean and more, at the adjusted level `alpha`. */
export function sliceHarm(outcomes: readonly SliceOutcome[], harm: number, alpha: number): SliceHarm {
  const tested = outcomes
    .filter(({ p, base }) => p !== null && base > 0)
    .map(({ dimension, value, viewers, mean, base, p }) => ({
      slice: `${dimension} ${value}`,
      viewers,
      relative: mean / base,
      isHarmed: p! <= alpha && mean / base <= -harm,
    }))
    .sort((a, b) => a.relative - b.relative);
  const plain = ({ slice, viewers, relative }: (typeof tested)[number]) => ({ slice, viewers, relative });
  return {
    tested: tested.length,
    shown: outcomes.length,
    worst: tested[0] === undefined ? null : plain(tested[0]),
    harmed: tested.filter(({ isHarmed }) => isHarmed).map(plain),
  };
}
