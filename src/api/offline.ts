import { createReleaseStore } from '../adapters/releases/release-store.js';
import type { Settings } from '../config.js';
import type { Why } from '../contracts/api.js';
import { createWhy } from './why.js';
import { catalogueOfCurrent, pagesOfCurrent } from './app.js';
import { everybody } from './audience.js';
import type { ApiDeps } from './deps.js';
import { absentStore } from './absent-store.js';
import { createExclusions } from './exclusions.js';
import { createProfiles } from './profiles.js';
import { createRecommender } from './recommender.js';
import { movieListBody } from './routes/movies.js';
import { parseParams, userParams } from './query.js';
import { textOf } from './respond.js';
import { openServing } from './serving-store.js';

/** The API's answers without its server, by the same code: what commands print is what frontends are sent. */
export interface OfflineAnswers {
  /** Whether anything was ever released. */
  hasReleases(): boolean;
  /** Body of `GET /v1/users/:id/recommendations`; without a `store` the ages of strangers are unknown. */
  recommendations(
    userId: string,
    limit: number,
    viewers: Pick<ApiDeps, 'pidOf'> & { store: ApiDeps['store'] | undefined },
  ): Promise<string>;
  /** Body of `GET /v1/users/:id/recommendations/:movieId/why`, told of films of any age too; null = no such film. */
  why(
    userId: string,
    movieId: string,
    viewers: Pick<ApiDeps, 'pidOf'> & { store: ApiDeps['store'] | undefined },
  ): Promise<Why | null>;
  /** Body of `GET /v1/movies/top`; null before the first formula release. */
  top(limit: number): string | null;
  close(): Promise<void>;
}

/** Longest wait for a profile, ms: a command has more time than a page. */
const PROFILE_MS = 3000;

/** `onError` hears of releases that cannot be opened. */
export async function openOffline(
  settings: Settings,
  onError: (channel: string, error: unknown) => void,
): Promise<OfflineAnswers> {
  const clock = { now: () => new Date() };
  const releases = createReleaseStore(settings.warehouse, clock);
  const serving = await openServing(settings.warehouse, releases, { onError });
  const pages = pagesOfCurrent({ serving, config: settings.config });
  return {
    hasReleases: () => serving.lists() !== null || serving.formula() !== null,
    async recommendations(userId, limit, { pidOf, store = absentStore }) {
      const deps = { serving, config: settings.config, clock, store, pidOf };
      const profiles = createProfiles(deps, PROFILE_MS);
      await profiles.find(userId); // known before the list is read, as to a server at its second request
      const answer = await createRecommender(
        deps,
        profiles,
        pages,
        createExclusions(deps, PROFILE_MS),
      ).answer({
        userId: parseParams(userParams, { id: userId }).id,
        limit,
        isFresh: () => false,
      });
      if (answer.kind !== 'page') throw new Error('nothing has been released yet');
      return textOf(answer.body);
    },
    why(userId, movieId, { pidOf, store = absentStore }) {
      const deps = { serving, config: settings.config, clock, store, pidOf };
      const profiles = createProfiles(deps, PROFILE_MS);
      const exclusions = createExclusions(deps, PROFILE_MS);
      const catalogue = catalogueOfCurrent(deps);
      const { id } = parseParams(userParams, { id: userId });
      return createWhy({ ...deps, profiles, exclusions, catalogue })(id, movieId, { ofAnyAge: true });
    },
    top(limit) {
      const current = pages();
      return current === null ? null : movieListBody(current.top(everybody(settings.config.ages), limit));
    },
    close: () => serving.close(),
  };
}
