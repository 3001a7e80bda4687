import { z } from 'zod';
import { scopingSchema } from './scoping.js';
import { sourcesSchema } from './sources.js';
import { MODEL_KINDS } from './kinds.js';

/** A section whose every key has a default: absent = all defaults; unknown key = error (science A.6). */
const section = <S extends z.ZodRawShape>(shape: S) =>
  // `never`: TypeScript cannot see that every key of every shape given here has a default; a test parses {} whole.
  z.strictObject(shape).prefault({} as never);

const halfLife = z.number().positive();

/**
 * The fewest people of whom a list may tell what they like: with fewer, somebody who knows the others of a small market
 * could read one viewer's likes off it.
 */
const fewestTold = z.number().int().min(5);

/** Signal table of science A.3: strengths (s), half-lives in days (H) and caps. Watch is the function of `watch`. */
const feedback = section({
  rating: section({
    scale: z.number().default(2.5),
    min: z.number().default(-1.5),
    max: z.number().default(2),
    midpointPrior: z.number().int().nonnegative().default(10),
    halfLifeDays: halfLife.default(365),
    /**
     * Who rates a film has watched it: where no player says how much, a rating counts as one viewing of this strength,
     * decaying as `watch` does. 0 = a rating is an opinion only (docs/decisions/005).
     */
    viewingStrength: z.number().min(0).default(1),
  }),
  like: section({ strength: z.number().default(1.5), halfLifeDays: halfLife.default(365) }),
  dislike: section({ strength: z.number().default(-1.5), halfLifeDays: halfLife.default(365) }),
  watch: section({
    /** Plays of a pair closer than this are one sitting. */
    sittingGapMinutes: z.number().positive().default(30),
    /** Shares of the film watched: below `ignoredBelow` nothing, then abandoned, nothing, and a line up to `fullFrom`. */
    ignoredBelow: z.number().default(0.05),
    abandonedBelow: z.number().default(0.15),
    risesFrom: z.number().default(0.35),
    fullFrom: z.number().default(0.9),
    /** From here on the film counts as seen. */
    seenFrom: z.number().default(0.5),
    abandonedStrength: z.number().default(-0.3),
    abandonedMinSec: z.number().default(120),
    /** Sittings at most this far apart are one viewing: the later one resumes the earlier. */
    resumeDays: z.number().int().default(7),
    rewatch: z.number().default(0.5),
    cap: z.number().default(1.5),
    halfLifeDays: halfLife.default(120),
  }),
  share: section({
    strength: z.number().default(0.8),
    cap: z.number().default(0.8),
    halfLifeDays: halfLife.default(90),
  }),
  bookmark: section({
    strength: z.number().default(0.6),
    removed: z.number().default(-0.2),
    halfLifeDays: halfLife.default(90),
  }),
  detail: section({
    strength: z.number().default(0.15),
    cap: z.number().default(0.3),
    halfLifeDays: halfLife.default(30),
  }),
  impression: section({
    strength: z.number().default(-0.06),
    cap: z.number().default(-0.3),
    minSessions: z.number().int().default(5),
    minDwellMs: z.number().default(1000),
    minViewportPct: z.number().default(50),
    halfLifeDays: halfLife.default(7),
  }),
  posThreshold: z.number().default(0.35),
  negThreshold: z.number().default(-0.15),
  explicitThreshold: z.number().default(0.6),
  wMax: z.number().default(3),
  wNegMax: z.number().default(1),
  historyDays: z.number().int().positive().default(540),
  dislikeFilterDays: z.number().int().positive().default(365),
  /** A rating at or below it hides the film from lists for `dislikeFilterDays`. */
  dislikeRating: z.number().default(3),
  /** Surface of the page where newcomers pick films they love: who likes one there has seen it, so that it is not listed. */
  pickSurface: z.string().max(32).default('picks'),
  /** Popularity counts viewers with a positive interaction of the last so many days. */
  popularityDays: z.number().int().positive().default(28),
});

/** What is left out before any weighting, for every model and baseline alike (science A.2, B.4). */
const filters = section({
  /** A sitting that autoplay began counts from this many watched seconds. */
  autoplayMinSec: z.number().default(120),
  autoplaySurface: z.string().default('autoplay'),
  /** A viewer's day is a bot's above this quantile of events per viewer and day with a dwell below, or by its device. */
  bots: section({
    quantile: z.number().min(0).max(1).default(0.999),
    maxMedianDwellMs: z.number().int().default(2000),
    devices: z.array(z.string()).default(['bot', 'crawler', 'spider']),
  }),
  /** A film's day of votes is a brigade's when all three hold: a burst, nearly all 10s or all 1s, mostly by newcomers. */
  brigade: section({
    minVotes: z.number().default(20),
    timesMedian: z.number().default(6),
    medianDays: z.number().int().positive().default(28),
    extremeShare: z.number().default(0.8),
    newcomerRatings: z.number().int().default(3),
    newcomerShare: z.number().default(0.5),
  }),
});

/** An age setting within what keeps minors safe; outside, the message says what it would open. */
const agesFrom = (least: number, most: number, why: string) => {
  const error = `must be ${least} to ${most}: ${why}`;
  return z.number().int().min(least, error).max(most, error);
};

const rateOf = (perSecond: number, burst: number) =>
  section({
    perSecond: z.number().positive().default(perSecond),
    burst: z.number().int().min(1).default(burst),
  });

/** Ends of a range that is searched on a log scale. */
const rangeOf = (from: number, to: number) =>
  z
    .tuple([z.number().positive(), z.number().positive()])
    .default([from, to])
    .refine(([least, greatest]) => least <= greatest, 'must be [least, greatest], both above 0');

const sections = z.strictObject({
  feedback,
  filters,
  weightedRating: section({
    /** m = max(mFloor, this quantile of votes over films with a vote), or `mFixed`. */
    mQuantile: z.number().min(0).max(1).default(0.9),
    mFloor: z.number().positive().default(500),
    mFixed: z.number().positive().nullable().default(null),
    /** C: mean over votes, or over films. */
    c: z.enum(['votes', 'movies']).default('votes'),
    /** Fill below m from films with at least m / this. */
    provisionalShare: z.number().default(10),
    /** Regular voters only: rated titles, or share of this film watched. */
    minRatedTitles: z.number().int().default(5),
    minWatched: z.number().default(0.5),
    /**
     * A film's average elsewhere takes the place of up to this share of the prior's m votes of C, one for one; 0 leaves
     * it out. Our own votes then outvote it as they outvote the prior.
     */
    externalShare: z.number().min(0).max(1).default(0.5),
    arrivalsDays: z.number().int().default(30),
    arrivalsWidenDays: z.number().int().default(60),
    arrivalsWanted: z.number().int().default(20),
  }),
  ials: section({
    k: z.number().int().min(1).max(512).default(64),
    alpha0: z.number().positive().default(0.3),
    lambda: z.number().positive().default(0.007),
    nu: z.number().default(1),
    /** Of the epochs: two steps of preconditioned conjugate gradients, or Cholesky, which is 3 times the work. */
    solver: z.enum(['cg', 'exact']).default('cg'),
    epochsCold: z.number().int().min(1).default(8),
    epochsWarm: z.number().int().min(1).default(3),
    seed: z.number().int().default(1),
    initSd: z.number().positive().default(0.1),
    /**
     * γ of the content prior: how much evidence a fact needs before it says something of a film, in films. null = no prior,
     * and so no factors for films below `eligibility.minItemUsers` (docs/decisions/030).
     */
    priorGamma: z.number().positive().nullable().default(30),
    threads: z.number().int().min(1).max(64).default(2),
  }),
  /** What `matinee tune` searches; `evaluate` searches k, alpha0 and lambda of it. */
  tune: section({
    /** Settings to try beside the current one. */
    budget: z.number().int().min(1).max(1000).default(24),
    /** Viewers that settings are measured on, drawn once, when there are more. */
    viewers: z.number().int().min(1).default(5000),
    seed: z.number().int().default(1),
    k: z.array(z.number().int().min(1).max(512)).min(1).default([16, 32, 64, 128]),
    /** Least and greatest. */
    alpha0: rangeOf(0.05, 2),
    /** Of the ridge at nu = 1; for another nu the lambda that pulls as hard in all is worked out. */
    lambda: rangeOf(0.002, 0.02),
    nu: z.array(z.number().min(0).max(2)).min(1).default([0.5, 1]),
    /** Factors of all half-lives of `feedback`. */
    halfLife: z.array(z.number().positive()).min(1).default([0.5, 1, 2]),
  }),
  /** The served order: taste, with what is watched now and the viewer's genres (science I.1, docs/decisions/006). */
  blend: section({
    /** Weight of the trend beside a taste of weight 1; 0 = none. */
    nowWeight: z.number().min(0).default(0.8),
    /** Half-life of a positive interaction in the trend. */
    nowHalfLifeDays: halfLife.default(3),
    /** Weight of how far a film is of the viewer's genres; 0 = none. */
    genreWeight: z.number().min(0).default(0.6),
    /** Films added in so many days before T that too few know for factors of their own may be listed, by their facts … */
    newDays: z.number().int().min(0).default(30),
    /** … in at most so many of every 20 places; 0 = not at all. */
    newPerTwenty: z.number().int().min(0).max(20).default(4),
  }),
  /** What viewers of one market and age band like now: the lists of viewers of whom nothing is known (docs/decisions/037). */
  popularity: section({
    /** Ages at which a band begins; below the first there is one too. */
    ageBands: z
      .array(z.number().int().min(1).max(98))
      .refine((ages) => ages.every((age, n) => n === 0 || age > ages[n - 1]!), 'must ascend')
      .default([7, 12, 16, 18, 25, 35, 50]),
    /** Viewers who came to like something in `feedback.popularityDays`: with fewer the whole market decides, then everybody. */
    minViewers: fewestTold.default(50),
    /** Of them, those that a film must have to be told: k-anonymity. */
    minFilmViewers: fewestTold.default(5),
  }),
  /** Which model a night trains (docs/decisions/040); auto = both, and the better one on a week before the judged one (041). */
  model: z.enum([...MODEL_KINDS, 'auto']).default('als'),
  ease: section({
    /** λ of the night. */
    lambda: z.number().positive().default(500),
    /** A catalogue with more films that enough people know is not for EASE: it holds a weight of 4 bytes for each pair of films. */
    maxFilms: z.number().int().min(2).max(20_000).default(5000),
    /** λ that `matinee evaluate` chooses from, on a part of the train data. */
    lambdas: z.array(z.number().positive()).min(1).default([100, 250, 500, 1000, 2000]),
  }),
  eligibility: section({
    minUserPos: z.number().int().default(1),
    /** Films with fewer raters have no factors of their own, only what their facts say; also the k-anonymity floor. */
    minItemUsers: z.number().int().default(20),
  }),
  checks: section({
    minCompleteness: z.number().default(0.99),
    maxOrphanShare: z.number().default(0.005),
    /** Above this share of events about unknown films or viewers, training stops. */
    blockOrphanShare: z.number().default(0.05),
    maxDuplicateShare: z.number().default(0.001),
    /** Volume below this share of the same weekday's median warns; below half of it blocks. */
    volumeWarn: z.number().default(0.6),
    volumeBlock: z.number().default(0.0),
    maxQuarantineShare: z.number().default(0.05),
    /** A raw segment above that share is left out until a person decides, if at least so many rows of it were refused. */
    suspectRefusedRows: z.number().int().min(1).default(100),
    freshnessHours: z.number().default(26),
  }),
  evaluate: section({
    k: z.array(z.number().int()).default([5, 10, 50]),
    /** A test rating at or above it is relevant. */
    relevantRating: z.number().default(7),
    relevantWatched: z.number().default(0.5),
    minTrainPositives: z.number().int().default(3),
    /** Viewers a split must have to be used: the test floor of science C.7; on fewer, chance decides. */
    minViewers: z.number().int().default(300),
    bootstrap: z.number().int().default(2000),
    seed: z.number().int().default(1),
  }),
  /** Thresholds of the release gate (science C.9). Ratios and differences are to the champion, refitted on the same split. */
  gate: section({
    /** G1: share of the champion's NDCG@10 and Recall@50 that a candidate may be worse by, at 95 % one-sided. */
    margin: z.number().positive().default(0.03),
    /** G1 after a change of code: days that the champion's refit, made by the code of then, may end before tonight's. */
    maxTwinDays: z.number().min(0).default(7),
    /** G1 of a refresh with too few viewers for that proof: standard errors below the champion that still are noise. */
    controlBand: z.number().positive().default(3),
    /** G2: how much better than popularity, relatively; the formula must be beaten at all. */
    minLift: z.number().min(0).default(0.1),
    /** G3: a tested slice is harmed when worse by this share, at Holm-adjusted `sliceAlpha`. */
    sliceHarm: z.number().positive().default(0.1),
    sliceAlpha: z.number().positive().default(0.05),
    /** Viewers that a slice must have to be tested, and to be shown at all (k-anonymity). */
    sliceTestFloor: z.number().int().default(300),
    sliceShowFloor: z.number().int().default(50),
    /** G5: share of the films that the model knows, in any top 50; and shares of what the champion shows. */
    minCoverage: z.number().min(0).max(1).default(0.15),
    coverageRatio: z.number().default(0.8),
    tailRatio: z.number().default(0.8),
    /** G6. */
    maxPopularityRatio: z.number().default(1.15),
    maxGiniIncrease: z.number().default(0.03),
    minDiversityRatio: z.number().default(0.95),
    maxMiscalibrationRatio: z.number().default(1.1),
    /** G7: dislikes in unfiltered lists. */
    maxDislikedRatio: z.number().default(1.1),
    /** Warnings: how much larger than the champion's the gap between train and test may be; how much the last epoch may lower the loss. */
    maxGapGrowth: z.number().min(0).default(0.3),
    maxLastFall: z.number().min(0).default(0.02),
    /** G8: bytes of the model. */
    maxBytesRatio: z.number().default(1.3),
    /** G8: CPU seconds of a training epoch, as a ratio to the champion's; up to `freeEpochSeconds` it is no matter. */
    maxTrainRatio: z.number().positive().default(1.5),
    freeEpochSeconds: z.number().min(0).default(2),
    /** G8: share of the memory that training and judging may take, and that memory; null = what the system allows. */
    maxMemoryShare: z.number().positive().max(1).default(0.8),
    memoryLimitMiB: z.number().int().positive().nullable().default(null),
    /** G8, measured before the channel moves: p95 of cached lists at so many requests a second, and of fold-ins. */
    serving: section({
      perSecond: z.number().int().min(1).max(2000).default(200),
      listMs: z.number().positive().default(50),
      foldInMs: z.number().positive().default(150),
      /** Seconds of requests in a round; two rounds, and a third where they disagree. */
      seconds: z.number().positive().max(60).default(0.5),
    }),
    /** G9: age of the newest interaction at T; age and share of test labels that count as settled. */
    maxLagHours: z.number().positive().default(26),
    matureHours: z.number().default(24),
    minMatureShare: z.number().min(0).max(1).default(0.5),
    /** G9: share of relevant pairs that were positive in the train part (a bookmark, then a play). More is a leak. */
    maxLeakedShare: z.number().min(0).max(1).default(0.5),
    /** G10: top-10 overlap of the candidate with the refit that was judged in its place; median factor length, ±. */
    minTwinOverlap: z.number().min(0).max(1).default(0.6),
    maxTwinNormDrift: z.number().default(0.2),
    /** Rounds of the sign-flip test. */
    permutations: z.number().int().positive().default(10_000),
    /** Surfaces where recommendations are shown: what they led to is not organic. The defaults are the shop's, and one more name. */
    recommendationSurfaces: z
      .array(z.string())
      .default(['home', 'for-you', 'recommendations', 'similar', 'picks']),
  }),
  lists: section({
    size: z.number().int().min(1).max(200).default(50),
    buckets: z
      .number()
      .int()
      .refine((n) => n > 0 && (n & (n - 1)) === 0, 'must be a power of two')
      .default(16),
    /** Neighbouring buckets are scored together up to this many viewers. */
    viewersAtOnce: z.number().int().positive().default(5000),
    /** Reasons cite films whose contribution is at least this multiple of the mean positive one, or half of their sum. */
    reasonFactor: z.number().default(2),
    maxReasons: z.number().int().default(2),
  }),
  ages: section({
    /** Age limit of a page without a profile. */
    audience: z.number().int().min(0).max(19).default(18),
    unknownKids: agesFrom(0, 12, 'a kids profile of unknown age sees no more than one of 12').default(6),
    unknownProfile: agesFrom(0, 18, 'a viewer of unknown age sees no more than a declared adult').default(12),
    unknownCertificate: agesFrom(18, 99, 'a film without a certificate is not for minors').default(18),
  }),
  /** The HTTP API. */
  api: section({
    /** Who may read /metrics: everybody who reaches the port, or API keys of scope operator. */
    metrics: z.enum(['public', 'operator']).default('public'),
    /** How long a viewer token is good. */
    viewerTokenMinutes: z.number().int().min(1).max(1440).default(30),
    /** How often the API keys are read again: a revoked key works this much longer. */
    keysEverySeconds: z.number().positive().default(5),
    /** Longest body, unpacked. */
    bodyBytes: z.number().int().min(1000).default(1_000_000),
    /** Connections at once; more are closed at the door. */
    connections: z.number().int().min(1).default(10_000),
    /** Proxies in front, whose X-Forwarded-For is believed; 0: callers are who connects. */
    proxies: z.number().int().min(0).max(10).default(0),
    /** Requests a second for long, and at once after a rest. */
    rate: section({
      key: rateOf(5000, 10_000),
      viewer: rateOf(20, 200),
      /** Without a key or token, and every try with a wrong one. */
      address: rateOf(50, 500),
    }),
  }),
  /** The storefront `/` of the API. */
  shop: section({
    enabled: z.boolean().default(true),
    /** Without a password anybody may be one of the simulated people, and nobody else; off: nobody at all. */
    signIn: z.enum(['simulated', 'off']).default('simulated'),
  }),
  schedule: section({
    enabled: z.boolean().default(true),
    hour: z.number().int().min(0).max(23).default(2),
    minute: z.number().int().min(0).max(59).default(30),
    timezone: z.string().default('UTC'),
    catchupHours: z.number().positive().default(12),
    formulaEveryMinutes: z.number().int().min(1).default(5),
  }),
  retention: section({
    runs: z.number().int().min(1).default(7),
    /** Nights that were served. */
    releases: z.number().int().min(2).default(7),
    /** Releases that were never served: of backfilled and of other past nights. */
    unservedReleases: z.number().int().min(1).default(31),
    formulaReleases: z.number().int().min(2).default(5),
    /**
     * Raw segments and quarantine whose days all ended longer ago than this go. A night's history is read from raw
     * segments every night, so they outlive it; by a month, in which a past night can be run again in full.
     */
    rawDays: z.number().int().min(1).default(570),
  }),
  /** What each release's model card says of purpose and owners. */
  card: scopingSchema.prefault({}),
  warehouse: section({ memoryLimit: z.string().default('4GB'), threads: z.number().int().min(1).default(2) }),
  sources: sourcesSchema,
});

/** The whole config. What two sections must agree on is checked here. */
export const configSchema = sections.refine(
  ({ retention, feedback }) => retention.rawDays > feedback.historyDays,
  {
    path: ['retention', 'rawDays'],
    message:
      'must be at least feedback.historyDays + 1, for training reads that much history from raw segments: ' +
      'raise retention.rawDays or lower feedback.historyDays',
  },
);
export type Config = z.infer<typeof configSchema>;
export type FeedbackConfig = Config['feedback'];
