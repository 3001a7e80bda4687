import { z } from 'zod';
import { reasonSchema, servedBySchema } from './release.js';

export const recommendationItemSchema = z.object({
  rank: z.number().int().positive(),
  movieId: z.string(),
  title: z.string(),
  year: z.number().int().nullable(),
  /**
   * Personal items: the model's score of the film for this viewer, descending. Items of the formula (reason `popular` or
   * `new`): the weighted rating in a formula list; 0 = not scored, in what fills up a personal list.
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
