import { type SimulatedFilm, type Shelf, utility } from './catalogue.js';
import type { SimulatedViewer } from './households.js';
import type { Random } from './random.js';
import { dot } from './taste-space.js';

/**
 * How a viewer decides (science J.1). Everything here is a probability or a draw; events are made in session.ts.
 *
 *   θ(pos)          = 1 / log2(1 + pos) · device                       position examined, pos from 1
 *   P(play | exam)  = σ(a + b·θ_u·q_i + c·pop_i + quality_i − fatigue)  fatigue grows with past exposures, and much once seen
 *   watch fraction  ~ Beta(mean σ(a_w + b_w·utility), κ)
 *   rating          = clip(round(5 + 1.9·utility + bias_u + N(0, σ²)), 1, 10), given more often when feelings are strong
 */
export const BEHAVIOUR = {
  play: { a: -3.7, b: 2.7, c: 0.35, perExposure: 0.12, seenAdult: 5, seenChild: 3 },
  watch: { a: 0.3, b: 1.3, concentration: 5 },
  rating: { middle: 5, slope: 1.9, sd: 0.9, share: 0.22, perFeeling: 0.35, child: 0.15 },
  /** Temperature of the choice of a shelf; and how often the viewer stays with `home`. */
  shelf: { home: 0.45, slope: 3 },
} as const;

export const DEVICES = [
  { name: 'tv', share: 0.5, examination: 1 },
  { name: 'phone', share: 0.3, examination: 0.8 },
  { name: 'web', share: 0.2, examination: 0.9 },
] as const;
export type Device = (typeof DEVICES)[number];

/** What a viewer has met so far; one byte per film of the catalogue. */
export interface Memory {
  exposures: Uint8Array;
  seen: Uint8Array;
  rated: Uint8Array;
  bookmarked: Uint8Array;
  /** Their choice of shelves as cumulative weights: they follow from taste alone. */
  shelfCumulative: Float64Array;
}

export function newMemory(viewer: SimulatedViewer, films: number, shelves: Shelf[]): Memory {
  let total = 0;
  return {
    exposures: new Uint8Array(films),
    seen: new Uint8Array(films),
    rated: new Uint8Array(films),
    bookmarked: new Uint8Array(films),
    shelfCumulative: Float64Array.from(shelves, (shelf, place) => {
      if (place > 0) total += Math.exp(BEHAVIOUR.shelf.slope * dot(viewer.taste, shelf.mean));
      return total;
    }),
  };
}

/** The home shelf, or one chosen in proportion to exp(slope · θ·mean of its films). */
export function chooseShelf(shelves: Shelf[], memory: Memory, random: Random): Shelf | undefined {
  const stays = random.chance(BEHAVIOUR.shelf.home) || shelves.length === 1;
  return shelves[stays ? 0 : random.index(memory.shelfCumulative)];
}

/** `count` different films of a shelf by popularity, as its row is filled; those not yet in the catalogue are absent. */
export function fillRow(shelf: Shelf, count: number, nowMs: number, random: Random): SimulatedFilm[] {
  const row = new Set<SimulatedFilm>();
  for (let tries = 0; row.size < count && tries < count * 4; tries += 1) {
    const film = shelf.films[random.index(shelf.cumulative)];
    if (film !== undefined && film.addedAtMs <= nowMs) row.add(film);
  }
  return [...row];
}

export function examinationProbability(position: number, device: Device): number {
  return device.examination / Math.log2(1 + position);
}

export function playProbability(viewer: SimulatedViewer, film: SimulatedFilm, memory: Memory): number {
  const { a, b, c, perExposure, seenAdult, seenChild } = BEHAVIOUR.play;
  const again = viewer.age < 13 ? seenChild : seenAdult;
  const fatigue =
    perExposure * (memory.exposures[film.index] ?? 0) + (memory.seen[film.index] === 1 ? again : 0);
  return sigmoid(a + b * dot(viewer.taste, film.vector) + c * film.popularity + film.quality - fatigue);
}

export function watchFraction(viewer: SimulatedViewer, film: SimulatedFilm, random: Random): number {
  const { a, b, concentration } = BEHAVIOUR.watch;
  return random.beta(sigmoid(a + b * utility(viewer.taste, film)), concentration);
}

export function ratingProbability(viewer: SimulatedViewer, film: SimulatedFilm): number {
  const { share, perFeeling, child } = BEHAVIOUR.rating;
  const feeling = Math.min(1.5, Math.abs(utility(viewer.taste, film) - 0.6));
  return (viewer.age < 13 ? child : 1) * (share + perFeeling * feeling);
}

export function rating(viewer: SimulatedViewer, film: SimulatedFilm, random: Random): number {
  const { middle, slope, sd } = BEHAVIOUR.rating;
  const felt = middle + slope * utility(viewer.taste, film) + viewer.ratingBias + sd * random.normal();
  return Math.max(1, Math.min(10, Math.round(felt)));
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
