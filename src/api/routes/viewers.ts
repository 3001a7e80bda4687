import { z } from 'zod';
import {
  type AccountProfiles,
  accountProfilesSchema,
  bookmarksSchema,
  exclusionListSchema,
  exclusionRequestSchema,
  ratingsSchema,
} from '../../contracts/api.js';
import type { Config } from '../../contracts/config.js';
import { profileMaxAge, yearOf } from '../../core/age-gate/index.js';
import type { Audience } from '../audience.js';
import { type Audiences, noSuchProfile, storeDown } from '../audiences.js';
import type { ApiDeps } from '../deps.js';
import type { Exclusions } from '../exclusions.js';
import { HttpProblem } from '../problem.js';
import { limitField, userIdSchema, userParams } from '../query.js';
import { respond } from '../respond.js';
import type { Shelf } from '../shelf.js';
import { within } from '../within.js';
import { noSuchFilm } from './films.js';
import { nothingReleased } from './nothing-released.js';
import { defineRoute, type Route } from './registry.js';

const JSON_HEADERS = [
  'Content-Type',
  'application/json; charset=utf-8',
  'Cache-Control',
  'private, no-store',
];
const ownProfile = { tag: 'viewers', access: { scopes: ['storefront'], viewer: 'own-profile' } } as const;
const unknownProfile = { description: 'No such profile' };
const pageQuery = z.object({ limit: limitField({ default: 100, max: 1000 }) });

export interface ViewerRouteDeps {
  deps: Pick<ApiDeps, 'store' | 'clock'> & { config: Pick<Config, 'ages'> };
  audiences: Audiences;
  exclusions: Exclusions;
  shelf: () => Shelf | null;
  /** Longest wait for the store, ms. */
  storeMs: number;
}

/** What a viewer did and wants, read back and changed. Films that are not for the viewer's age are never named. */
export function viewerRoutes({ deps, audiences, exclusions, shelf, storeMs }: ViewerRouteDeps): Route[] {
  const asked = <T>(work: Promise<T>): Promise<T> =>
    within(work, storeMs, 'the operational database').catch(() => {
      throw storeDown();
    });
  const shelfNow = () => {
    const films = shelf();
    if (films === null) throw nothingReleased();
    return films;
  };
  /** Rows with the names of their films, less those that this audience may not see. */
  const named = <T extends { filmId: string }>(rows: readonly T[], audience: Audience, limit: number) => {
    const films = shelfNow();
    return rows
      .flatMap(({ filmId, ...rest }) => {
        const film = films.film(filmId, audience);
        return film === null ? [] : [{ movieId: filmId, title: film.title, year: film.year, ...rest }];
      })
      .slice(0, limit);
  };

  /** What a viewer did or wants, read back: `rows` of the store with the names of their films. */
  const readBack = <T extends { filmId: string }>(
    described: { path: string; operationId: string; summary: string; description: string; schema: z.ZodType },
    rowsOf: (profileId: string) => Promise<readonly T[]>,
  ) =>
    defineRoute({
      ...ownProfile,
      method: 'GET',
      path: described.path,
      operationId: described.operationId,
      summary: described.summary,
      params: userParams,
      query: pageQuery,
      responses: {
        200: { description: described.description, schema: described.schema },
        404: unknownProfile,
      },
      async handle({ params, query, res }) {
        const audience = await audiences.known(params.id);
        const rows = await asked(rowsOf(params.id));
        const body = { userId: params.id, items: named(rows, audience, query.limit) };
        respond(res, 200, JSON_HEADERS, JSON.stringify(body));
      },
    });

  return [
    readBack(
      {
        path: '/v1/users/:id/ratings',
        operationId: 'getRatings',
        summary: 'Current ratings of a viewer, newest first',
        description: 'The ratings',
        schema: ratingsSchema,
      },
      (profileId) => deps.store.ratings(profileId),
    ),
    readBack(
      {
        path: '/v1/users/:id/bookmarks',
        operationId: 'getBookmarks',
        summary: 'Bookmarks of a viewer that stand, newest first',
        description: 'The bookmarks',
        schema: bookmarksSchema,
      },
      async (profileId) => {
        const { bookmarked } = await deps.store.opinions(profileId);
        return bookmarked.map(({ filmId, at }) => ({ filmId, bookmarkedAt: at }));
      },
    ),
    readBack(
      {
        path: '/v1/users/:id/exclusions',
        operationId: 'getExclusions',
        summary: 'Films that a viewer wants hidden or not used, newest first',
        description: 'The exclusions',
        schema: exclusionListSchema,
      },
      (profileId) => deps.store.exclusions(profileId),
    ),
    defineRoute({
      ...ownProfile,
      method: 'POST',
      path: '/v1/users/:id/exclusions',
      operationId: 'addExclusion',
      summary: 'Hide a film from a viewer, or let what they did with it count for nothing',
      description:
        '`not_interested` hides the film from the lists; `dont_use` also takes what the viewer did with it out of training ' +
        'and reasons: of what the night learns from the next one on, of the viewer’s own list with the next refresh. Both hold from ' +
        'the next request on, and may be said twice.',
      params: userParams,
      body: exclusionRequestSchema,
      responses: {
        200: { description: 'It held already', schema: exclusionRequestSchema },
        201: { description: 'It holds from now on', schema: exclusionRequestSchema },
        404: { description: 'No such profile, or no such film for this viewer' },
      },
      async handle({ params, body, res }) {
        const audience = await audiences.known(params.id);
        if (shelfNow().film(body.movieId, audience) === null) throw noSuchFilm(body.movieId);
        const isNew = await asked(exclusions.say(params.id, body.movieId, body.kind, true));
        if (isNew === null) throw noSuchProfile(params.id);
        respond(res, isNew ? 201 : 200, JSON_HEADERS, JSON.stringify(body));
      },
    }),
    defineRoute({
      ...ownProfile,
      method: 'DELETE',
      path: '/v1/users/:id/exclusions',
      operationId: 'removeExclusion',
      summary: 'Take an exclusion back',
      description:
        'A hidden film may be listed again; what was not used counts again from the next night or refresh on.',
      params: userParams,
      query: exclusionRequestSchema,
      responses: { 204: { description: 'It does not hold any more, or never did' } },
      async handle({ params, query, res }) {
        await asked(exclusions.say(params.id, query.movieId, query.kind, false));
        respond(res, 204, ['Cache-Control', 'private, no-store']);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/accounts/:id/profiles',
      operationId: 'getAccountProfiles',
      summary: 'Profiles of one account, adults and children',
      tag: 'viewers',
      access: { scopes: ['storefront'], viewer: 'own-account' },
      params: z.object({ id: userIdSchema.meta({ description: 'Account id', example: 'household-1' }) }),
      responses: {
        200: { description: 'The profiles', schema: accountProfilesSchema },
        404: { description: 'No such account' },
      },
      async handle({ params, res }) {
        const profiles = await asked(deps.store.profilesOf(params.id));
        if (profiles === null) throw new HttpProblem(404, `there is no account ${JSON.stringify(params.id)}`);
        const year = yearOf(deps.clock.now());
        const body: AccountProfiles = {
          accountId: params.id,
          profiles: profiles.map((profile) => ({
            userId: profile.profileId,
            name: profile.name,
            market: profile.market,
            isKids: profile.isKids,
            maxAge: profileMaxAge(profile, year, deps.config.ages),
          })),
        };
        respond(res, 200, JSON_HEADERS, JSON.stringify(body));
      },
    }),
  ];
}
