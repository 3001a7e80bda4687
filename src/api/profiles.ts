import { profileMaxAge, yearOf } from '../core/age-gate/index.js';
import { CONSENT, type Profile } from '../contracts/films.js';
import type { ApiDeps } from './deps.js';
import { within } from './within.js';

/** What a profile, as it is now, allows. */
export interface ViewerLimits {
  maxAge: number;
  market: string;
  accountId: string;
  /** Consents to personalisation. */
  isPersonal: boolean;
}
export type ProfileAnswer = { kind: 'known'; limits: ViewerLimits } | { kind: 'unknown' } | { kind: 'down' };

export interface Profiles {
  /** Asks the store, but no longer than `profileMs`. */
  find(userId: string): Promise<ProfileAnswer>;
  /**
   * What is known without waiting, for lists that are served from a release. Starts a look-up in the background when
   * that is old, so that a profile narrowed since the night is narrowed here from its next request on.
   */
  recall(userId: string): ViewerLimits | undefined;
}

/** Profiles kept in memory, about 100 bytes each. */
const CAPACITY = 20_000;
/** A recalled profile older than this is looked up again. */
const FRESH_MS = 60_000;
/** Background look-ups are at least this far apart: a look-up costs more CPU than serving a list. */
const REFRESH_GAP_MS = 25;
/** After a failure the store is left alone this long: an outage must not cost every request its time limit. */
const REST_MS = 1000;

interface Remembered {
  limits: ViewerLimits | undefined;
  at: number;
}

export function createProfiles(
  { store, config, clock }: Pick<ApiDeps, 'store' | 'config' | 'clock'>,
  profileMs: number,
): Profiles {
  const remembered = new Map<string, Remembered>();
  const underWay = new Map<string, Promise<ProfileAnswer>>();
  let restUntil = 0;
  let nextRefresh = 0;
  const nowMs = () => clock.now().getTime();

  const remember = (userId: string, limits: ViewerLimits | undefined) => {
    remembered.delete(userId);
    remembered.set(userId, { limits, at: nowMs() });
    const oldest = remembered.size > CAPACITY ? remembered.keys().next().value : undefined;
    if (oldest !== undefined) remembered.delete(oldest);
  };
  const limitsOf = (profile: Profile): ViewerLimits => ({
    maxAge: profileMaxAge(profile, yearOf(clock.now()), config.ages),
    market: profile.market,
    accountId: profile.accountId,
    isPersonal: (profile.consent & CONSENT.personalisation) !== 0,
  });
  const ask = async (userId: string): Promise<ProfileAnswer> => {
    try {
      const profile = await within(store.profile(userId), profileMs, 'the profile look-up');
      const limits = profile === null ? undefined : limitsOf(profile);
      remember(userId, limits);
      return limits === undefined ? { kind: 'unknown' } : { kind: 'known', limits };
    } catch {
      restUntil = nowMs() + REST_MS;
      return { kind: 'down' };
    }
  };

  const find = (userId: string): Promise<ProfileAnswer> => {
    const asked = underWay.get(userId);
    if (asked !== undefined) return asked;
    if (nowMs() < restUntil) return Promise.resolve({ kind: 'down' });
    const answer = ask(userId).finally(() => underWay.delete(userId));
    underWay.set(userId, answer);
    return answer;
  };

  return {
    find,
    recall(userId) {
      const found = remembered.get(userId);
      const now = nowMs();
      if ((found === undefined || now - found.at > FRESH_MS) && now >= nextRefresh && now >= restUntil) {
        nextRefresh = now + REFRESH_GAP_MS;
        void find(userId);
      }
      return found?.limits;
    },
  };
}
