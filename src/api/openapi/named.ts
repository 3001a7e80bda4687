import { z } from 'zod';
import {
  accountProfilesSchema,
  bookmarksSchema,
  exclusionListSchema,
  exclusionRequestSchema,
  facetsSchema,
  movieDetailSchema,
  movieListItemSchema,
  movieListSchema,
  moviePageSchema,
  problemSchema,
  ratingsSchema,
  type RecommendationItem,
  recommendationItemSchema,
  recommendationsSchema,
  similarItemSchema,
  similarListSchema,
  tokenRequestSchema,
  viewerTokenSchema,
  whySchema,
} from '../../contracts/api.js';
import { eventReceiptSchema, eventSchema, faultlessBatchSchema } from '../../contracts/events.js';
import { type Reason, reasonSchema } from '../../contracts/release.js';

/**
 * What the document calls the schemas, with one example each that they accept (a test parses them). Schemas that are
 * not here are written out where they are used, and take their example from their own `.meta({ examples })`.
 */
function name<S extends z.ZodType>(id: string, schema: S, example: z.input<S>): void {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id, examples: [example] });
}

const release = '2026-01-31-5f0c2a9be1d4';
const formulaRelease = '2026-01-31-a81d03c4f2e9';
const reason: Reason = {
  kind: 'watched',
  text: 'Because you watched “Modern Times”',
  movieIds: ['modern-times-1936'],
};
const recommended: RecommendationItem = {
  rank: 1,
  movieId: 'city-lights-1931',
  title: 'City Lights',
  year: 1931,
  score: 0.871,
  reason,
};
const listed = {
  rank: 1,
  movieId: 'city-lights-1931',
  title: 'City Lights',
  year: 1931,
  genres: ['Comedy', 'Romance'],
  votes: 412,
  averageRating: 8.6,
  weightedRating: 8.21,
};
const event = {
  eventId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  userId: 'ada',
  movieId: 'city-lights-1931',
  type: 'rating',
  ts: '2026-01-31T20:15:00Z',
  value: 9,
} as const;

name('Reason', reasonSchema, reason);
name('Recommendation', recommendationItemSchema, recommended);
name('Recommendations', recommendationsSchema, {
  userId: 'ada',
  release,
  servedBy: 'personal',
  items: [recommended],
});
name('MovieListItem', movieListItemSchema, listed);
name('MovieList', movieListSchema, { release: formulaRelease, provisional: false, items: [listed] });
name('MoviePage', moviePageSchema, {
  release: formulaRelease,
  total: 1,
  items: [listed],
  nextCursor: null,
});
name('Movie', movieDetailSchema, {
  release: formulaRelease,
  movieId: 'city-lights-1931',
  title: 'City Lights',
  year: 1931,
  genres: ['Comedy', 'Romance'],
  actors: ['Charles Chaplin', 'Virginia Cherrill'],
  directors: ['Charles Chaplin'],
  runtimeMin: 87,
  countries: ['US'],
  languages: ['en'],
  certificates: { MPA: ['G'] },
  minAge: 0,
  votes: 412,
  averageRating: 8.6,
  weightedRating: 8.21,
  formula: { v: 412, R: 8.6, m: 100, C: 6.6 },
});
const similar = { ...listed, why: { kind: 'facts', text: 'Also directed by Charles Chaplin' } } as const;
name('SimilarMovie', similarItemSchema, similar);
name('SimilarMovies', similarListSchema, {
  release: formulaRelease,
  movieId: 'modern-times-1936',
  items: [similar],
});
name('Facets', facetsSchema, {
  genres: [{ genre: 'Comedy', count: 112 }],
  decades: [{ decade: 1930, count: 87 }],
});
const film = { movieId: 'city-lights-1931', title: 'City Lights', year: 1931 };
const at = '2026-01-31T20:15:00Z';
name('Ratings', ratingsSchema, { userId: 'ada', items: [{ ...film, value: 9, ratedAt: at }] });
name('Bookmarks', bookmarksSchema, { userId: 'ada', items: [{ ...film, bookmarkedAt: at }] });
name('Exclusions', exclusionListSchema, {
  userId: 'ada',
  items: [{ ...film, kind: 'dont_use', excludedAt: at }],
});
name('Exclusion', exclusionRequestSchema, { movieId: 'city-lights-1931', kind: 'not_interested' });
name('AccountProfiles', accountProfilesSchema, {
  accountId: 'household-1',
  profiles: [{ userId: 'ada', name: 'Ada', market: 'default', isKids: false, maxAge: 18 }],
});
name('Why', whySchema, {
  userId: 'ada',
  ...film,
  release,
  night: '2026-01-31',
  servedBy: 'personal',
  position: 1,
  score: 3.1,
  parts: { taste: 2.4, now: 0.5, genres: 0.2 },
  taste: 0.871,
  rank: 1,
  reason,
  contributions: [
    { movieId: 'modern-times-1936', title: 'Modern Times', kind: 'watched', contribution: 0.6, share: 0.689 },
  ],
  others: { films: 12, contribution: 0.271 },
  decisions: [{ filter: 'seen', passed: true, text: 'not seen yet' }],
  summary: 'place 1 of this viewer’s list',
});
name('Event', eventSchema, event);
name('EventBatch', faultlessBatchSchema, { events: [event] });
name('EventReceipt', eventReceiptSchema, {
  accepted: 2,
  duplicates: 1,
  rejected: [{ index: 3, reason: 'value: rating needs value 1..10' }],
});
name('TokenRequest', tokenRequestSchema, { userId: 'ada' });
name('ViewerToken', viewerTokenSchema, {
  token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl',
  expiresAt: '2026-01-31T20:45:00Z',
});
name('Problem', problemSchema, {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'limit: must be one whole number from 1 to 50; got "many"',
  instance: 'urn:request:5f0c2a9be1d4-7',
  errors: [{ field: 'limit', message: 'must be one whole number from 1 to 50; got "many"' }],
});
