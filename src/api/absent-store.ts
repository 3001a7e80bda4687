import type { ApiDeps } from './deps.js';

const absent = () => Promise.reject(new Error('no operational database here'));

/** The store where there is none: events are refused, profiles unknown, lists served. */
export const absentStore: ApiDeps['store'] = {
  saveEvents: absent,
  profile: absent,
  demoPeople: absent,
  profilesOf: absent,
  ratings: absent,
  opinions: absent,
  acts: absent,
  exclusions: absent,
  exclude: absent,
  undoExclusion: absent,
  exclusionChanges: absent,
  departuresSince: absent,
  departuresOf: absent,
};
