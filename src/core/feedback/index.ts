/**
 * Behaviour → preference (science A.3), readable and pure. The warehouse computes the same in SQL (`warehouse/features/`)
 * over millions of rows; this is its specification and its test oracle, and the source of its decay tables.
 */
export { ageDays, DAY_MS, decayTable, decayTables, EXAMINATION, MICRO, micro, SIGNALS } from './decay.js';
export { newestRating, type PairEvent } from './events.js';
export { type Interaction, interactionOf, opinionOf } from './interaction.js';
export { meanRatingMicro, midpointMicro, ratingStrength } from './rating.js';
export { type ViewerAct, viewerInteractions } from './viewer-history.js';
export { unionMs, viewingsOf } from './watch.js';
