/** Draws that are thrown away first, so that every bit of the key reaches every bit of the state. */
const WARM_UP = 12;

/** 96 bits that a stream begins from. */
interface Words {
  a: number;
  b: number;
  c: number;
}

/**
 * Seeded randomness of the simulated audience. Every stream has a seed and a key ("viewer/sim-000012-1"), so a viewer's
 * behaviour depends on nobody else's and can be made again alone.
 *
 * Generator: sfc32 (C. Doty-Humphrey, PractRand), 128 bits of state, period ≥ 2^32.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** The second of a pair of normal deviates. */
  #spare: number | null = null;

  constructor(seed: number, key: string | Words) {
    const { a, b, c } = typeof key === 'string' ? wordsOf(seed, key) : key;
    this.#a = a;
    this.#b = b;
    this.#c = c;
    for (let i = 0; i < WARM_UP; i += 1) this.bits();
  }

  /** 32 uniform bits as an unsigned integer. */
  bits(): number {
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    this.#c |= 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.bits() / 2 ** 32;
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** An element of a non-empty list. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)];
    if (item === undefined) throw new RangeError('pick: the list is empty');
    return item;
  }

  /** Index drawn in proportion to non-negative weights, given as their cumulative sums (ascending, last = total > 0). */
  index(cumulative: ArrayLike<number>): number {
    const target = this.next() * (cumulative[cumulative.length - 1] ?? 0);
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** N(0, 1), Box–Muller. */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    const angle = 2 * Math.PI * this.next();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Gamma(shape, 1), mean = shape. Marsaglia & Tsang (2000); below 1 by Gamma(shape + 1)·U^(1/shape). */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.next()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.next()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Beta with the given mean in (0, 1) and concentration (α + β). */
  beta(mean: number, concentration: number): number {
    const a = this.gamma(mean * concentration);
    const b = this.gamma((1 - mean) * concentration);
    return a + b === 0 ? mean : a / (a + b);
  }

  /** Poisson, Knuth's product of uniforms: for the small means of a day (mean ≲ 30). */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > limit; product *= this.next()) count += 1;
    return count;
  }

  /** A UUID of version 4's form. */
  uuid(): string {
    const [w, x, y, z] = [this.bits(), this.bits(), this.bits(), this.bits()];
    const version = 0x4000 | (x & 0x0fff);
    const variant = 0x8000 | ((y >>> 16) & 0x3fff);
    return `${hex16(w >>> 16)}${hex16(w)}-${hex16(x >>> 16)}-${hex16(version)}-${hex16(variant)}-${hex16(y)}${hex16(z >>> 16)}${hex16(z)}`;
  }
}

/**
 * A family of streams, one for every whole number: a viewer's days. Neither text nor earlier numbers are needed for the n-th,
 * so that any day can be made alone, in any order, on any thread.
 */
export class StreamKey {
  readonly #words: Words;

  constructor(seed: number, key: string) {
    this.#words = wordsOf(seed, key);
  }

  at(n: number): Random {
    const { a, b, c } = this.#words;
    return new Random(0, { a: a ^ mix(n), b: b ^ mix(n ^ 0x243f6a88), c: c ^ mix(n ^ 0xb7e15162) });
  }

  /** What `at(n).next()` would draw first, without making the stream: most days of most viewers need no more. */
  first(n: number): number {
    let a = this.#words.a ^ mix(n);
    let b = this.#words.b ^ mix(n ^ 0x243f6a88);
    let c = this.#words.c ^ mix(n ^ 0xb7e15162);
    for (let counter = 1; ; counter += 1) {
      const t = (a + b + counter) | 0;
      if (counter > WARM_UP) return (t >>> 0) / 2 ** 32;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + t) | 0;
    }
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex16(bits: number): string {
  return `${HEX[(bits >>> 8) & 255]}${HEX[bits & 255]}`;
}

function wordsOf(seed: number, key: string): Words {
  const text = `${seed}:${key}`;
  return { a: hash32(text, 0x9e3779b9), b: hash32(text, 0x243f6a88), c: hash32(text, 0xb7e15162) };
}

/** FNV-1a from a given basis, with MurmurHash3's finaliser so that neighbouring keys do not give neighbouring states. */
function hash32(text: string, basis: number): number {
  let hash = basis | 0;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** MurmurHash3's finaliser. */
function mix(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
