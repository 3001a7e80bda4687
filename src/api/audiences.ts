import type { Config } from '../contracts/config.js';
import { type Audience, everybody } from './audience.js';
import { HttpProblem, unavailable } from './problem.js';
import type { ProfileAnswer, Profiles } from './profiles.js';

/** Whose films a page may show. */
export interface Audiences {
  /** A page without a profile. */
  everybody: Audience;
  /** A page that the viewer of this profile asks for; at once when the profile is known here. */
  of(profileId: string): Audience | Promise<Audience>;
  /** The same, from the store and no memory: a profile that is not there is a 404, a store that is not there a 503. */
  known(profileId: string): Promise<Audience>;
}

/**
 * The page without a profile is for `ages.audience`. A profile brings its market and narrows the age, never widens it;
 * while the store is down, or when the profile is gone, nobody knows how old its viewer is.
 */
export function createAudiences(profiles: Profiles, ages: Config['ages']): Audiences {
  const all = everybody(ages);
  const narrowed = ({ market, maxAge }: Audience): Audience => ({
    market,
    maxAge: Math.min(maxAge, all.maxAge),
  });
  const audienceFor = (found: ProfileAnswer) =>
    narrowed(found.kind === 'known' ? found.limits : { ...all, maxAge: ages.unknownProfile });
  return {
    everybody: all,
    of(profileId) {
      const known = profiles.recall(profileId);
      return known === undefined ? profiles.find(profileId).then(audienceFor) : narrowed(known);
    },
    async known(profileId) {
      const found = await profiles.find(profileId);
      if (found.kind === 'known') return narrowed(found.limits);
      throw found.kind === 'unknown' ? noSuchProfile(profileId) : storeDown();
    },
  };
}

export function noSuchProfile(profileId: string): HttpProblem {
  return new HttpProblem(404, `there is no profile ${JSON.stringify(profileId)}`);
}

export function storeDown(): HttpProblem {
  return unavailable('the operational database does not answer now; lists are served all the same', 2);
}
