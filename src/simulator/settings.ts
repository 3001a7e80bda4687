import { DEMO_SPACE } from './demo-space.js';
import { REFERENCE_SPACE } from './reference-space.js';
import type { Leaning, TasteSpace } from './taste-space.js';
import type { Variant } from './utility.js';

/** A market, how many viewers live in it, and how its mean taste differs. */
export interface Market {
  name: string;
  share: number;
  mean: Leaning;
}

/**
 * Everything that decides how an audience behaves (science J.1). One generator, several audiences: the demo's is made to
 * be read by a person, the reference one has the statistics that the system is judged by.
 */
export interface AudienceSettings {
  space: TasteSpace;
  variant: Variant;
  markets: readonly Market[];
  /** Sessions per day: Gamma(shape, mean/shape): most viewers come seldom, a few daily. */
  activity: { shape: number; mean: number };
  /** P(play | examined) = σ(a + b·match + c·pop + quality − perExposure·exposures − seen). */
  play: { a: number; b: number; c: number; perExposure: number; seenAdult: number; seenChild: number };
  /** Watched share ~ Beta(σ(a + b·utility), concentration). */
  watch: { a: number; b: number; concentration: number };
  /**
   * Given with probability share + perFeeling·|utility − neutral|, times `child` for children; of the value
   * clip(round(middle + slope·utility + bias_u + N(0, sd²)), 1, 10): missing not at random.
   */
  rating: {
    middle: number;
    slope: number;
    sd: number;
    biasSd: number;
    share: number;
    perFeeling: number;
    neutral: number;
    child: number;
    /** Sessions in which films known from elsewhere are rated without a play. */
    fromMemory: number;
  };
  /** Utility at which a viewer likes rather than dislikes. */
  content: number;
  /** How often the viewer stays with the home row, and the slope of the choice among the other shelves. */
  shelf: { home: number; slope: number };
  page: {
    /** Films in a row. */
    row: number;
    /** Shelves looked through before a viewer gives up, and films watched at most, in one session. */
    shelvesMax: number;
    playsMax: number;
    /** Of the films examined and passed over on shelves, this share of impressions is recorded, as a frugal frontend does. */
    impressionShare: number;
  };
  /** h = σ(intercept + unsatisfied·(unsatisfied sessions in a row) − watched·log(1 + hours)), every four weeks; null: nobody leaves. */
  churn: { intercept: number; unsatisfied: number; watched: number } | null;
  /** Share of viewers whose favourites change on one day of the period. */
  driftShare: number;
}

/** Retro Movies: distinct tastes, few impressions, nobody leaves, so that the same names do the same every day. */
export const DEMO_SETTINGS: AudienceSettings = {
  space: DEMO_SPACE,
  variant: 'dot-product',
  markets: [{ name: 'default', share: 1, mean: {} }],
  activity: { shape: 0.6, mean: 0.34 },
  play: { a: -3.7, b: 2.7, c: 0.35, perExposure: 0.12, seenAdult: 5, seenChild: 3 },
  watch: { a: 0.3, b: 1.3, concentration: 5 },
  rating: {
    middle: 5,
    slope: 1.9,
    sd: 0.9,
    biasSd: 0.7,
    share: 0.22,
    perFeeling: 0.35,
    neutral: 0.6,
    child: 0.15,
    fromMemory: 0.15,
  },
  content: 1,
  shelf: { home: 0.45, slope: 3 },
  page: { row: 12, shelvesMax: 3, playsMax: 2, impressionShare: 0.05 },
  churn: null,
  driftShare: 0,
};

/** The audience of science J.1: eight axes, three markets, ratings in 8 % of plays and more where feelings are strong. */
export const REFERENCE_SETTINGS: AudienceSettings = {
  space: REFERENCE_SPACE,
  variant: 'dot-product',
  markets: [
    { name: 'default', share: 0.6, mean: {} },
    { name: 'GB', share: 0.25, mean: { laughter: 0.2, 'golden-age': 0.15, spectacle: -0.15 } },
    { name: 'KR', share: 0.15, mean: { world: 0.4, shadow: 0.15, 'golden-age': -0.25 } },
  ],
  activity: { shape: 0.6, mean: 0.4 },
  play: { a: -3.2, b: 1.8, c: 0.25, perExposure: 0.1, seenAdult: 4, seenChild: 2.5 },
  watch: { a: 0.2, b: 1.3, concentration: 5 },
  rating: {
    middle: 5.5,
    slope: 2.2,
    sd: 1.2,
    biasSd: 0.7,
    share: 0.025,
    perFeeling: 0.1,
    neutral: 0.3,
    child: 0.15,
    fromMemory: 0.01,
  },
  content: 0.6,
  shelf: { home: 0.45, slope: 2 },
  page: { row: 12, shelvesMax: 3, playsMax: 2, impressionShare: 0.15 },
  churn: { intercept: -4, unsatisfied: 1.2, watched: 0.8 },
  driftShare: 0.1,
};
