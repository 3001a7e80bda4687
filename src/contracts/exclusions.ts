import { z } from 'zod';

/**
 * not_interested: this film is hidden from the viewer's lists.
 * dont_use: what the viewer did with this film no longer trains, judges or explains anything; hidden too, since nobody
 * would know any more that it was seen.
 */
export const EXCLUSION_KINDS = ['not_interested', 'dont_use'] as const;
export const exclusionKindSchema = z.enum(EXCLUSION_KINDS);
export type ExclusionKind = z.infer<typeof exclusionKindSchema>;

/** One exclusion that holds. */
export interface Exclusion {
  filmId: string;
  kind: ExclusionKind;
  /** ISO instant. */
  excludedAt: string;
}

/** The last thing that was said about a film, undo included. */
export interface ExclusionChange {
  profileId: string;
  filmId: string;
  kind: ExclusionKind;
  isActive: boolean;
}

/**
 * What a viewer has done with a film since the served lists were made. Disliked and seen films leave lists at once, as
 * excluded ones do, and come back when that is taken back.
 */
export interface Departure {
  profileId: string;
  filmId: string;
  isDisliked: boolean;
  /** Rated, or played to its end. */
  isSeen: boolean;
}
