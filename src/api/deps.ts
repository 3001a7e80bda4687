import type { Clock, OperationalStore, PackedList } from '../activities/deps.js';
import type { Card } from '../contracts/card.js';
import type { Config } from '../contracts/config.js';
import type { Behaviour, FormulaLists } from '../contracts/release.js';
import type { ServeGates } from './audience.js';
import type { Auth } from './auth/guard.js';
import type { Model } from '../core/ranking/model.js';
import type { SimilarTable } from '../core/similar/similar-table.js';
import type { AcceptedHosts } from './hosts.js';
import type { Assets } from './pages/assets.js';

/** What the channels point at now. Both calls are synchronous and cheap: every request makes them. */
export interface ServingStore {
  /** The personal release being served; null before the first one. */
  lists(): ServedLists | null;
  formula(): ServedFormula | null;
}
export interface ServedLists {
  releaseId: string;
  night: string;
  get(pid: string): PackedList | null;
  /** The same for who reads it to the end at once: good until the next look-up. */
  peek(pid: string): PackedList | null;
  /** Film ids that PackedList counts films by. */
  films?: readonly string[] | undefined;
  /** What the lists were made by, read once; null = no model. Absent: it cannot be read. */
  model?: (() => Promise<Model | null>) | undefined;
  /** What of all viewers decided about each that night; null or absent: the release does not say. */
  behaviour?: (() => Promise<Behaviour | null>) | undefined;
  /** Films like each film, by taste and facts. Absent: the release has none. */
  similar?: SimilarTable | undefined;
}
export interface ServedFormula {
  releaseId: string;
  night: string;
  lists: FormulaLists;
  /** Films like each film, by facts. */
  similar?: SimilarTable | undefined;
}

/** One JSON line at a time; pino's destinations fit. */
export interface LogDestination {
  write(line: string): void;
}

/** What the API asks of the operational store. */
export type ApiStore = Pick<
  OperationalStore,
  | 'saveEvents'
  | 'profile'
  | 'demoPeople'
  | 'profilesOf'
  | 'ratings'
  | 'opinions'
  | 'acts'
  | 'exclusions'
  | 'exclude'
  | 'undoExclusion'
  | 'exclusionChanges'
  | 'departuresSince'
  | 'departuresOf'
>;

/** Everything the app needs from outside. Lists are served with `store` down. */
export interface ApiDeps {
  config: Pick<
    Config,
    'ages' | 'weightedRating' | 'api' | 'lists' | 'eligibility' | 'blend' | 'feedback' | 'filters'
  >;
  auth: Auth;
  clock: Clock;
  serving: ServingStore;
  store: ApiStore;
  /** Operational id → pid. A rehearsal gives the identity, and so addresses lists by pid; no public route can. */
  pidOf(userId: string): string;
  log: LogDestination;
  /** Absent: no shop, as in a rehearsal. `assets`: its static files. */
  shop?: {
    assets: Assets;
    signIn: Config['shop']['signIn'];
    /** Model card of a release; absent: none can be read. */
    card?: (releaseId: string) => Promise<Card | null>;
  };
  /** What films must pass to be shown; absent: all gates. Only tests take one away. */
  gates?: ServeGates | undefined;
  /** Absent: any, as in a rehearsal, which no browser can reach. */
  hosts?: AcceptedHosts;
  limits?: Partial<ApiLimits>;
}

export interface ApiLimits {
  /** Longest wait for the store to commit a batch, ms. */
  saveEventsMs: number;
  /** Longest wait for a profile, ms; then its age is unknown. */
  profileMs: number;
  /** Batches in hand at once; more are told to come back. Bounds memory to this many MB. */
  batchesInHand: number;
}
export const DEFAULT_LIMITS: ApiLimits = { saveEventsMs: 5000, profileMs: 300, batchesInHand: 64 };
