import type { Reason } from '../../contracts/index.js';

/** Of one viewer: what the filters need, and interactions in ascending film index. */
export interface Viewer {
  market: string;
  maxAge: number;
  /** Consents to personal lists. */
  isPersonal: boolean;
  history: Interaction[];
}
export interface Interaction {
  /** Index in the catalogue. */
  film: number;
  /** +w·10^6 for p = 1, −w·10^6 for p = 0, 0 = unobserved cell. */
  weightMicro: number;
  isSeen: boolean;
  isDisliked: boolean;
  /** The viewer asked not to be shown it. */
  isHidden: boolean;
  /** Index in EVIDENCE_KINDS, of the strongest positive event; −1 = none. */
  kind: number;
}

/** Never listed to this viewer again. */
export const isPassedOver = ({ isSeen, isDisliked, isHidden }: Interaction): boolean =>
  isSeen || isDisliked || isHidden;

export interface ScoredItem {
  /** Index in the catalogue. */
  film: number;
  minAge: number;
  /** See recommendationItemSchema. */
  score: number;
  reason: Reason;
}
