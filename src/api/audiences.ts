import type { Config } from '../contracts/config.js';
import { type Audience, everybody } from './audience.js';
import type { ProfileAnswer, Profiles } from './profiles.js';

/** Whose films a page may show. */
export interface Audiences {
  /** A page without a profile. */
  everybody: Audience;
  /** A page that the viewer of this profile asks for; at once when the profile is known here. */
  of(profileId: string): Audience | Promise<Audience>;
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
  };
}
