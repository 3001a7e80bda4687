import { z } from 'zod';

/** A mean with one-sided 95 % bounds. */
const differenceSchema = z.object({ mean: z.number(), lower: z.number(), upper: z.number() });

/** `evaluate/analysis.json` (science C.10): where the candidate fails, and for whom. Viewers appear under names of this report alone. */
export const analysisSchema = z.object({
  viewers: z.number().int(),
  /** The three most frequent error types, by name, with their share of all misses. */
  topErrors: z.array(z.object({ type: z.string(), share: z.number(), count: z.number().int() })),
  misses: z.record(z.string(), z.number().int()),
  /** Every slice that is large enough to be shown, in a fixed order; absent in reports of earlier versions. */
  slices: z
    .array(
      z.object({
        dimension: z.string(),
        value: z.string(),
        viewers: z.number().int(),
        ndcg: z.number(),
        /** Standard error of the mean. */
        error: z.number(),
        /** Against the champion; null without one. `p` of harm, Holm-adjusted: null = too few viewers to be tested. */
        difference: differenceSchema.extend({ p: z.number().nullable() }).nullish(),
      }),
    )
    .optional(),
  /** Slices with the lowest difference to the champion; without one, with the lowest NDCG@10. */
  worstSlices: z.array(
    z.object({
      slice: z.string(),
      viewers: z.number().int(),
      ndcg: z.number(),
      /** Against the champion: mean and one-sided 95 % bounds; null without one. */
      difference: differenceSchema.nullable(),
    }),
  ),
  /**
   * Share of relevant films in the top 50 by popularity third, the champion's beside it. Null: wanted by too few viewers to be
   * shown, or no champion.
   */
  thirds: z.array(
    z.object({
      third: z.string(),
      pairs: z.number().int(),
      viewers: z.number().int().optional(),
      recall: z.number().nullable(),
      champion: z.number().nullish(),
    }),
  ),
  worstViewers: z.array(
    z.object({
      name: z.string(),
      ndcg: z.number(),
      /** Minus the champion's; null without one. */
      difference: z.number().nullable(),
      history: z.array(z.string()),
      list: z.array(z.string()),
      missed: z.array(z.object({ film: z.string(), type: z.string() })),
    }),
  ),
  confusion: z.object({ genres: z.array(z.string()), wantedByGiven: z.array(z.array(z.number())) }),
  /** Films shown much more, or much less, than their share of what was wanted. */
  exposure: z.object({
    over: z.array(z.object({ film: z.string(), ratio: z.number() })),
    under: z.array(z.object({ film: z.string(), ratio: z.number() })),
  }),
  /** Viewers whose top 10 shares least with the champion's. */
  biggestChanges: z.array(
    z.object({
      name: z.string(),
      overlap: z.number(),
      now: z.array(z.string()),
      before: z.array(z.string()),
    }),
  ),
});
export type Analysis = z.infer<typeof analysisSchema>;
