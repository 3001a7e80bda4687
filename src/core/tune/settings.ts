import type { Config, Trial } from '../../contracts/index.js';
import { below, randomOf } from '../random/random.js';

export type Setting = Trial['setting'];

/** Where to look: lists of values, or ends of a range that is searched evenly on a log scale. */
export interface Space {
  k: readonly number[];
  alpha0: readonly [number, number];
  /** Of λ at ν = 1; see `lambdaFor`. */
  lambda: readonly [number, number];
  nu: readonly number[];
  halfLife: readonly number[];
}

/** A draw: λ still as it would be at ν = 1. */
export type Draw = Omit<Setting, 'lambda'> & { lambdaAt1: number };

/** Figures that a person reads and types. */
const DIGITS = 2;

/**
 * A seeded Latin hypercube: each range is cut into `count` equal strata of which every one is drawn from once, each list is
 * used as evenly as it goes; which values meet is random. Better spread than independent draws, and no grid's repeats.
 */
export function drawSettings(space: Space, count: number, seed: number): Draw[] {
  const random = randomOf('tune-draw', seed);
  const places = () => shuffled(count, (n) => below(random, n));
  const range = ([from, to]: readonly [number, number]) =>
    places().map((place) => {
      const at = (place + below(random, 1024) / 1024) / count;
      return Number((from * (to / from) ** at).toPrecision(DIGITS));
    });
  const list = (values: readonly number[]) =>
    places().map((place) => values[Math.floor((place * values.length) / count)]!);
  const k = list(space.k);
  const alpha0 = range(space.alpha0);
  const lambdaAt1 = range(space.lambda);
  const nu = list(space.nu);
  const halfLife = list(space.halfLife);
  return k.map((_, n) => ({
    k: k[n]!,
    alpha0: alpha0[n]!,
    lambdaAt1: lambdaAt1[n]!,
    nu: nu[n]!,
    halfLife: halfLife[n]!,
  }));
}

/** 0 … count−1 in random order (Fisher–Yates). */
function shuffled(count: number, belowOf: (n: number) => number): number[] {
  const order = Array.from({ length: count }, (_, n) => n);
  for (let n = count - 1; n > 0; n--) {
    const other = belowOf(n + 1);
    [order[n], order[other]] = [order[other]!, order[n]!];
  }
  return order;
}

/** What a ridge multiplies: Σ w of every row of one side, and the number of columns. */
export interface Mass {
  sums: Float64Array;
  columns: number;
}

/**
 * The λ of ridges λ·mass^ν that pull as hard in all as λ₁·mass would (Rendle et al. 2022): λ = λ₁ Σ mass / Σ mass^ν over both
 * sides' rows, mass = Σ w + α₀·columns. Without it a λ would mean another thing at each ν.
 */
export function lambdaFor({ lambdaAt1, alpha0, nu }: Draw, sides: readonly Mass[]): number {
  if (nu === 1) return lambdaAt1;
  let [plain, raised] = [0, 0];
  for (const { sums, columns } of sides) {
    for (const sum of sums) {
      const mass = sum + alpha0 * columns;
      plain += mass;
      raised += mass ** nu;
    }
  }
  return Number(((lambdaAt1 * plain) / raised).toPrecision(DIGITS));
}

/** Σ |w| of each row of compressed cells, whose weights are in millionths. */
export function massOf({
  rows,
  columns,
  start,
  weightMicro,
}: {
  rows: number;
  columns: number;
  start: Int32Array;
  weightMicro: Int32Array;
}): Mass {
  const sums = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    for (let c = start[r]!; c < start[r + 1]!; c++) sums[r]! += Math.abs(weightMicro[c]!) / 1e6;
  }
  return { sums, columns };
}

/** The config with a setting in it. */
export function withSetting(config: Config, { halfLife, ...hyper }: Setting): Config {
  return {
    ...config,
    ials: { ...config.ials, ...hyper },
    feedback: scaled(config.feedback, halfLife) as Config['feedback'],
  };
}

/** Every `halfLifeDays` of a section and of those in it, times a factor. */
function scaled(section: object, factor: number): object {
  return Object.fromEntries(
    Object.entries(section).map(([name, value]: [string, unknown]) => {
      if (name === 'halfLifeDays') return [name, (value as number) * factor];
      return [name, typeof value === 'object' && value !== null ? scaled(value, factor) : value];
    }),
  );
}
