/** One thing that was made again: the same bytes, or what differs. */
export interface Remade {
  what: 'interactions' | 'formula' | 'factors' | 'lists';
  same: boolean;
  /** sha256 of the release, and of now; empty = nothing was made. */
  expected: string;
  seen: string;
  /** The first differences, in words. */
  differences: string[];
  /** Of personal lists: the same films with the same scores, whatever is said of them. */
  sameOrder?: boolean;
  /** How many of the other lists, which no model makes, have other films. */
  unjudged?: number;
}
