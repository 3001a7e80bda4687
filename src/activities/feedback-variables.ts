import { type Config, CONSENT } from '../contracts/index.js';
import { DAY_MS, decayTables, EXAMINATION, MICRO, micro, SIGNALS } from '../core/feedback/index.js';
import type { Session } from './deps.js';

/**
 * Gives the feature models their parameters: every tunable of config.feedback and config.filters, in the units the SQL
 * computes in (millionths, milliseconds, microseconds), so that no model holds a number that somebody may want to change.
 */
export async function setFeedbackVariables(session: Session, config: Config, asOf: string): Promise<void> {
  await session.set('as_of', asOf, 'TIMESTAMP');
  await setBuckets(session, 0, config.lists.buckets - 1);
  for (const [name, value] of Object.entries(wholeNumbers(config))) await session.set(name, value, 'BIGINT');
  for (const [name, value] of Object.entries(fractions(config))) await session.set(name, value, 'DOUBLE');
  await session.set('autoplay_surface', config.filters.autoplaySurface);
  await session.set('pick_surface', config.feedback.pickSurface);
  await session.set('bot_devices', config.filters.bots.devices, 'VARCHAR[]');
  // to_days() takes no BIGINT.
  await session.set('dislike_filter_days', config.feedback.dislikeFilterDays, 'INTEGER');
  await session.set('popularity_days', config.feedback.popularityDays, 'INTEGER');
  await session.set('c_over', config.weightedRating.c);
  await session.set('examination', EXAMINATION.map(String), 'BIGINT[]');
  await setDecay(session, config);
}

/** The buckets that the next pass is about, both ends included. */
export async function setBuckets(session: Session, from: number, to: number): Promise<void> {
  await session.set('bucket_from', from, 'INTEGER');
  await session.set('bucket_to', to, 'INTEGER');
}

function wholeNumbers({ feedback, filters, weightedRating, evaluate }: Config): Record<string, number> {
  const { rating, watch, impression } = feedback;
  return {
    history_days: feedback.historyDays,
    consent_bit: CONSENT.personalisation,
    midpoint_prior: rating.midpointPrior,
    rating_scale: micro(rating.scale),
    rating_min: micro(rating.min),
    rating_max: micro(rating.max),
    viewing_micro: micro(rating.viewingStrength),
    like_micro: micro(feedback.like.strength),
    dislike_micro: micro(feedback.dislike.strength),
    bookmark_micro: micro(feedback.bookmark.strength),
    unbookmark_micro: micro(feedback.bookmark.removed),
    share_micro: micro(feedback.share.strength),
    share_cap: micro(feedback.share.cap),
    detail_micro: micro(feedback.detail.strength),
    detail_cap: micro(feedback.detail.cap),
    // Scroll-past is negative; the models carry its size and take the sign at the end.
    impression_micro: Math.abs(micro(impression.strength)),
    impression_cap: Math.abs(micro(impression.cap)),
    impression_min_dwell_ms: impression.minDwellMs,
    impression_min_sessions: impression.minSessions,
    sitting_gap_us: Math.round(watch.sittingGapMinutes * 60 * MICRO),
    resume_us: watch.resumeDays * DAY_MS * 1000,
    ignored_below: micro(watch.ignoredBelow),
    abandoned_below: micro(watch.abandonedBelow),
    rises_from: micro(watch.risesFrom),
    full_from: micro(watch.fullFrom),
    seen_from: micro(watch.seenFrom),
    abandoned_min_ms: Math.round(watch.abandonedMinSec * 1000),
    abandoned_micro: micro(watch.abandonedStrength),
    rewatch_micro: micro(watch.rewatch),
    watch_cap: micro(watch.cap),
    autoplay_min_ms: Math.round(filters.autoplayMinSec * 1000),
    bot_max_dwell_ms: filters.bots.maxMedianDwellMs,
    brigade_median_days: filters.brigade.medianDays,
    brigade_newcomer_ratings: filters.brigade.newcomerRatings,
    explicit_pico: micro(feedback.explicitThreshold) * MICRO,
    pos_pico: micro(feedback.posThreshold) * MICRO,
    neg_pico: micro(feedback.negThreshold) * MICRO,
    w_max: micro(feedback.wMax),
    w_neg_max: micro(feedback.wNegMax),
    votes_min_rated: weightedRating.minRatedTitles,
    votes_min_watched: micro(weightedRating.minWatched),
    relevant_from: micro(evaluate.relevantWatched),
  };
}

function fractions({ feedback, filters, weightedRating, evaluate }: Config): Record<string, number | null> {
  return {
    impression_min_viewport_pct: feedback.impression.minViewportPct,
    dislike_rating: feedback.dislikeRating,
    bot_quantile: filters.bots.quantile,
    brigade_min_votes: filters.brigade.minVotes,
    brigade_times_median: filters.brigade.timesMedian,
    brigade_extreme_share: filters.brigade.extremeShare,
    brigade_newcomer_share: filters.brigade.newcomerShare,
    m_quantile: weightedRating.mQuantile,
    external_share: weightedRating.externalShare,
    m_floor: weightedRating.mFloor,
    m_fixed: weightedRating.mFixed,
    // C without a single vote: the middle of the scale 1..10.
    rating_middle: 5.5,
    relevant_rating: evaluate.relevantRating,
  };
}

async function setDecay(session: Session, config: Config): Promise<void> {
  const tables = decayTables(config.feedback);
  const rows = SIGNALS.flatMap((signal) => tables[signal].map((value, age) => ({ signal, age, value })));
  await session.set(
    'decay_signals',
    rows.map(({ signal }) => signal),
    'VARCHAR[]',
  );
  await session.set(
    'decay_ages',
    rows.map(({ age }) => String(age)),
    'BIGINT[]',
  );
  await session.set(
    'decay_micros',
    rows.map(({ value }) => String(value)),
    'BIGINT[]',
  );
  await session.table('features/decay');
}
