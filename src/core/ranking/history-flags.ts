import type { Interaction } from './viewer.js';

type Flagged = Pick<Interaction, 'isSeen' | 'isDisliked' | 'isHidden' | 'kind'>;

/**
 * What a stored history says of an interaction beside its weight, in one number: bit 0 seen, bit 1 disliked, bit 2 hidden on
 * request, from bit 3 the kind's index + 1. warehouse/publish/histories.sql writes the same.
 */
export const flagsOf = ({ isSeen, isDisliked, isHidden, kind }: Flagged): number =>
  Number(isSeen) + 2 * Number(isDisliked) + 4 * Number(isHidden) + 8 * (kind + 1);

export const readFlags = (flags: number): Flagged => ({
  isSeen: (flags & 1) !== 0,
  isDisliked: (flags & 2) !== 0,
  isHidden: (flags & 4) !== 0,
  kind: (flags >> 3) - 1,
});
