/**
 * Seeded randomness with the same bits on every engine: 32-bit integer operations, exact additions and one exactly
 * rounded multiplication; no Math.log, Math.cos or Math.random.
 */
export interface Random {
  /** Uniform integer in [0, 2^32). */
  next(): number;
}

/** Generator sfc32 (C. Doty-Humphrey, PractRand), keyed by any list of strings and integers. */
export function randomOf(...key: (string | number)[]): Random {
  let [a, b, c, counter] = hash128(key.join('\u0000'));
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + out;
    return out >>> 0;
  };
  for (let i = 0; i < 12; i++) next(); // lets every key bit reach every state bit
  return { next };
}

/** Uniform integer in [0, n), n ≤ 2^21: the product with a 32-bit number is exact in a double. */
export function below(random: Random, n: number): number {
  return Math.floor((random.next() * n) / 4294967296);
}

/**
 * Standard normal deviate as the sum of twelve uniforms minus six (Irwin–Hall; mean 0, variance 1, |z| ≤ 6). Every sum
 * is of integers below 2^36, so it is exact; tails beyond 3.5 sd are thin, which a start of factors does not mind.
 */
export function normal(random: Random): number {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum / 4294967296 - 6;
}

/** 128 bits of a text's UTF-16 units; four multiplicative lanes that stir each other (after cyrb128, public domain). */
function hash128(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ unit, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ unit, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ unit, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ unit, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}
