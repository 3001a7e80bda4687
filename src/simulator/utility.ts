import type { SimulatedFilm } from './catalogue.js';
import { dot } from './taste-space.js';

/**
 * How a viewer's taste θ meets a film's vector q.
 * - `dot-product`: θ·q, the very form that matrix factorisation has: the model's home ground.
 * - `non-linear`: no dot product of as many dimensions can express it (a test measures what the best one leaves):
 *     1. the one thing loved most decides, and the one liked least takes away; the rest does not add up;
 *     2. two loved things in one film are worth more than both alone (a western that is a comedy), axis by axis with its
 *        neighbour;
 *     3. below a threshold nothing helps, and a match can only be so good: tanh.
 */
export const VARIANTS = ['dot-product', 'non-linear'] as const;
export type Variant = (typeof VARIANTS)[number];

const NON_LINEAR = { most: 3, enough: 0.4, both: 4, ceiling: 1.2 };

export function match(variant: Variant, taste: Float64Array, vector: Float64Array): number {
  switch (variant) {
    case 'dot-product':
      return dot(taste, vector);
    case 'non-linear':
      return nonLinear(taste, vector);
  }
}

/** What makes a viewer go on watching and rate high: the match and what everybody finds in the film. */
export function utility(variant: Variant, taste: Float64Array, film: SimulatedFilm): number {
  return match(variant, taste, film.vector) + film.quality;
}

/** ceiling·tanh(most·(max_j h_j − enough) + both·Σ_j min(h_j, h_j+1)⁺ + min_j h_j), h = θ ∘ q. */
function nonLinear(taste: Float64Array, vector: Float64Array): number {
  const { most, enough, both, ceiling } = NON_LINEAR;
  let best = 0;
  let worst = 0;
  let pairs = 0;
  let before = (taste.at(-1) ?? 0) * (vector.at(-1) ?? 0);
  for (let i = 0; i < taste.length; i += 1) {
    const here = (taste[i] ?? 0) * (vector[i] ?? 0);
    if (here > best) best = here;
    if (here < worst) worst = here;
    pairs += Math.max(0, Math.min(before, here));
    before = here;
  }
  return ceiling * Math.tanh(most * (best - enough) + both * pairs + worst);
}
