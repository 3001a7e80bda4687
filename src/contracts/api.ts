import { z } from 'zod';
import { exclusionKindSchema } from './exclusions.js';
import { catalogueFilmSchema, reasonSchema, servedBySchema } from './release.js';

export const recommendationItemSchema = z.object({
  rank: z.number().int().positive(),
  movieId: z.string(),
  title: z.string(),
  year: z.number().int().nullable(),
  /**
   * In a personal list: how far the film stands out for this viewer, in standard deviations over the model's films (taste,
   * trend and genres added up), descending; 0 = not scored, in what fills up the list from the formula. In a formula list:
   * the weighted rating.
   */
  score: z.number(),
  reason: reasonSchema,
});
export type RecommendationItem = z.infer<typeof recommendationItemSchema>;

/** Body of `GET /v1/users/:id/recommendations`, and of `matinee recommend --json`. */
export const recommendationsSchema = z.object({
  userId: z.string(),
  release: z.string(),
  servedBy: servedBySchema,
  /** Why this is not a personal list, or nothing at all; never with servedBy "personal". */
  why: z.string().optional(),
  /** When the list was worked out anew, by a refresh; absent: it is the release's, as the night made it. */
  madeAt: z.iso.datetime().optional().describe('when a refresh made it; absent: the night did'),
  items: z.array(recommendationItemSchema),
});
export type Recommendations = z.infer<typeof recommendationsSchema>;

export const movieListItemSchema = z.object({
  rank: z.number().int().positive(),
  movieId: z.string(),
  title: z.string(),
  year: z.number().int().nullable(),
  genres: z.array(z.string()),
  votes: z.number().int(),
  averageRating: z.number().nullable(),
  weightedRating: z.number(),
});
export type MovieListItem = z.infer<typeof movieListItemSchema>;

/** Body of `GET /v1/movies/top` and `/v1/movies/new`. */
export const movieListSchema = z.object({
  release: z.string(),
  provisional: z.boolean(),
  items: z.array(movieListItemSchema),
});
export type MovieList = z.infer<typeof movieListSchema>;

/** RFC 9457 problem details. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string().optional(),
  /** Fields at fault, when the request was. */
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Body of `GET /v1/movies/:id`: the film as releases hold it, for one audience. */
export const movieDetailSchema = catalogueFilmSchema
  .omit({ filmId: true, markets: true, addedAt: true })
  .extend({
    release: z.string(),
    movieId: z.string(),
    /** Years of age that the film asks for in the audience's market. */
    minAge: z.number().int(),
    /**
     * weightedRating = (v·R + m·C) / (v + m); R is null while v is 0, and the rating is C. With an average E from elsewhere,
     * e of the m votes of C are of E instead: (v·R + (m − e)·C + e·E) / (v + m).
     */
    formula: z.object({
      v: z.number().int(),
      R: z.number().nullable(),
      m: z.number(),
      C: z.number(),
      e: z.number().optional(),
      E: z.number().optional(),
    }),
  });
export type MovieDetail = z.infer<typeof movieDetailSchema>;

/** Body of `GET /v1/movies`. */
export const moviePageSchema = z.object({
  /** Where films were found; it may change from page to page. */
  release: z.string(),
  /** Films of the whole answer, of which this is one page. */
  total: z.number().int(),
  items: z.array(movieListItemSchema),
  /** Asks for the next page; null = this is the last one. */
  nextCursor: z.string().nullable(),
});
export type MoviePage = z.infer<typeof moviePageSchema>;

export const similarItemSchema = movieListItemSchema.extend({
  why: z.object({
    /** taste: liked by people of the same taste. facts: cast, crew, genre, decade or country in common. */
    kind: z.enum(['taste', 'facts']),
    text: z.string(),
  }),
});

export type SimilarItem = z.infer<typeof similarItemSchema>;

/** Body of `GET /v1/movies/:id/similar`. `release`: the one whose neighbours these are. */
export const similarListSchema = z.object({
  release: z.string(),
  movieId: z.string(),
  items: z.array(similarItemSchema),
});
export type SimilarList = z.infer<typeof similarListSchema>;

/** Genres and decades of the films that an audience may see, with how many there are of each. */
export const facetsSchema = z.object({
  genres: z.array(z.object({ genre: z.string(), count: z.number().int() })),
  decades: z.array(z.object({ decade: z.number().int(), count: z.number().int() })),
});
export type Facets = z.infer<typeof facetsSchema>;

/** Body of `POST /v1/tokens`. */
export const tokenRequestSchema = z.strictObject({
  userId: z.string().min(1).max(128).meta({ example: 'ada' }),
});
/** Its answer. */
export const viewerTokenSchema = z.object({ token: z.string(), expiresAt: z.iso.datetime() });

/** How a film is named in what a viewer reads back. Films that are not for the viewer's age are left out. */
const namedFilm = { movieId: z.string(), title: z.string(), year: z.number().int().nullable() };
const at = z.iso.datetime();

/** Body of `GET /v1/users/:id/ratings`: the current ones, newest first. */
export const ratingsSchema = z.object({
  userId: z.string(),
  items: z.array(z.object({ ...namedFilm, value: z.number().int().min(1).max(10), ratedAt: at })),
});

/** Body of `GET /v1/users/:id/bookmarks`: those that stand, newest first. */
export const bookmarksSchema = z.object({
  userId: z.string(),
  items: z.array(z.object({ ...namedFilm, bookmarkedAt: at })),
});

/** Body of `GET /v1/users/:id/exclusions`: those that hold, newest first. */
export const exclusionListSchema = z.object({
  userId: z.string(),
  items: z.array(z.object({ ...namedFilm, kind: exclusionKindSchema, excludedAt: at })),
});

/** Body of `POST /v1/users/:id/exclusions`, and of its answer. */
export const exclusionRequestSchema = z.strictObject({
  movieId: z
    .string()
    .min(1)
    .max(128)
    .refine((id) => !id.includes('\0'), 'must hold no NUL')
    .meta({ example: 'city-lights-1931' }),
  kind: exclusionKindSchema,
});

/** Body of `GET /v1/accounts/:id/profiles`. */
export const accountProfilesSchema = z.object({
  accountId: z.string(),
  profiles: z.array(
    z.object({
      userId: z.string(),
      name: z.string(),
      market: z.string(),
      isKids: z.boolean(),
      /** Films up to this minimum age may be shown to it. */
      maxAge: z.number().int(),
    }),
  ),
});
export type AccountProfiles = z.infer<typeof accountProfilesSchema>;

/** Body of `GET /v1/users/:id/recommendations/:movieId/why`, and of `matinee explain --json`. */
export const whySchema = z.object({
  userId: z.string(),
  movieId: z.string(),
  /** null: the film is not for this viewer (never over HTTP, where such a film is not found). */
  title: z.string().nullable(),
  year: z.number().int().nullable(),
  /** The release whose list it is, and its night; null = no personal release yet. */
  release: z.string().nullable(),
  night: z.string().nullable(),
  /** null: the release does not know this viewer. */
  servedBy: servedBySchema.nullable(),
  /** Place in the list as it is served; null = not in it. */
  position: z.number().int().positive().nullable(),
  score: z.number().nullable(),
  /** What the score is the sum of, in standard deviations: taste, what is watched now, genres. null: no model. */
  parts: z.object({ taste: z.number(), now: z.number(), genres: z.number() }).nullable(),
  /** The taste before it was standardised: what `contributions` and `others` add up to. */
  taste: z.number().nullable(),
  /** Place by the score, among all films of the model that pass the filters. */
  rank: z.number().int().positive().nullable(),
  reason: reasonSchema.nullable(),
  /** Films of the viewer's history that carry the taste, the strongest first; films above the age are in `others`. */
  contributions: z.array(
    z.object({
      movieId: z.string(),
      title: z.string(),
      kind: z.enum(['rated', 'liked', 'watched', 'saved', 'shared']),
      contribution: z.number(),
      /** Of the taste. */
      share: z.number(),
    }),
  ),
  /** The rest of the history; with `contributions` it adds up to the taste. */
  others: z.object({ films: z.number().int(), contribution: z.number() }),
  decisions: z.array(
    z.object({
      filter: z.enum(['consent', 'model', 'market', 'age', 'seen', 'disliked', 'hidden', 'rank']),
      passed: z.boolean(),
      text: z.string(),
    }),
  ),
  summary: z.string(),
});
export type Why = z.infer<typeof whySchema>;
