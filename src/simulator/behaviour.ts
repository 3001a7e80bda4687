import type { AudienceSettings } from './settings.js';
import type { SimulatedFilm, Shelf } from './catalogue.js';
import type { SimulatedViewer } from './households.js';
import type { Random } from './random.js';
import { dot } from './taste-space.js';
import { match, utility } from './utility.js';

/**
 * How a viewer decides (science J.1). Everything here is a probability or a draw; events are made in session.ts.
 *
 *   θ(pos)          = 1 / log2(1 + pos) · device                       position examined, pos from 1
 *   P(play | exam)  = σ(a + b·match + c·pop_i + quality_i − fatigue)    fatigue grows with past exposures, and much once seen
 *   watch fraction  ~ Beta(mean σ(a_w + b_w·utility), κ)
 *   rating          = clip(round(middle + slope·utility + bias_u + N(0, σ²)), 1, 10), given more often when feelings are strong
 */
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
}

export function newMemory(films: number): Memory {
  return {
    exposures: new Uint8Array(films),
    seen: new Uint8Array(films),
    rated: new Uint8Array(films),
    bookmarked: new Uint8Array(films),
  };
}

/** Memory is large where catalogues are; one is used again for viewer after viewer. */
export function forget(memory: Memory): void {
  for (const bytes of [memory.exposures, memory.seen, memory.rated, memory.bookmarked]) bytes.fill(0);
}

/** A taste's weights of the shelves but the first, exp(slope · θ·mean of its films), as cumulative sums. */
export function shelfWeights(shelves: Shelf[], taste: Float64Array, slope: number): Float64Array {
  let total = 0;
  return Float64Array.from(shelves, (shelf, place) => {
    if (place > 0) total += Math.exp(slope * dot(taste, shelf.mean));
    return total;
  });
}

/** `count` different films of a shelf by popularity, as its row is filled; those not yet in the catalogue are absent. */
export function fillRow(shelf: Shelf, count: number, nowMs: number, random: Random): SimulatedFilm[] {
  const row: SimulatedFilm[] = [];
  for (let tries = 0; row.length < count && tries < count * 4; tries += 1) {
    const film = shelf.films[random.index(shelf.cumulative)];
    if (film !== undefined && film.addedAtMs <= nowMs && !row.includes(film)) row.push(film);
  }
  return row;
}

export function examinationProbability(position: number, device: Device): number {
  return device.examination / Math.log2(1 + position);
}

/** Somebody of an age and with a taste, which may change. */
export type Person = Pick<SimulatedViewer, 'age' | 'taste' | 'ratingBias'>;

export function playProbability(
  { play, variant }: AudienceSettings,
  person: Person,
  film: SimulatedFilm,
  memory: Memory,
): number {
  const again = person.age < 13 ? play.seenChild : play.seenAdult;
  const fatigue =
    play.perExposure * (memory.exposures[film.index] ?? 0) + (memory.seen[film.index] === 1 ? again : 0);
  const fit = match(variant, person.taste, film.vector);
  return sigmoid(play.a + play.b * fit + play.c * film.popularity + film.quality - fatigue);
}

export function watchFraction({ watch }: AudienceSettings, felt: number, random: Random): number {
  return random.beta(sigmoid(watch.a + watch.b * felt), watch.concentration);
}

/** `felt`: the utility. Strong feelings, of either kind, are told. */
export function ratingProbability({ rating }: AudienceSettings, person: Person, felt: number): number {
  const feeling = Math.min(1.5, Math.abs(felt - rating.neutral));
  return (person.age < 13 ? rating.child : 1) * (rating.share + rating.perFeeling * feeling);
}

export function ratingOf(
  { rating }: AudienceSettings,
  { ratingBias }: Person,
  felt: number,
  random: Random,
): number {
  const exact = rating.middle + rating.slope * felt + ratingBias + rating.sd * random.normal();
  return Math.max(1, Math.min(10, Math.round(exact)));
}

export function feltBy(
  { variant }: AudienceSettings,
  person: Pick<Person, 'taste'>,
  film: SimulatedFilm,
): number {
  return utility(variant, person.taste, film);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
