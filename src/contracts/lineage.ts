import { z } from 'zod';
import { artifactRefSchema, toolchainSchema } from './artifacts.js';

const pinnedSchema = z.object({ uri: z.string(), sha256: z.string() });

/**
 * `lineage.json` of a personal release: all that it was made from and by. release → run → snapshot → days → segments; every
 * step is named by the hash of its content, so that the same rows have the same name whoever staged them.
 */
export const lineageSchema = z.object({
  schema: z.literal('lineage/1'),
  runId: z.string(),
  codeSha256: z.string(),
  /** Of the whole resolved config, which the release's manifest holds. */
  configSha256: z.string(),
  toolchain: toolchainSchema,
  seed: z.number().int(),
  snapshot: z.object({
    /** Of the three tables' hashes. */
    sha256: z.string(),
    events: artifactRefSchema,
    films: artifactRefSchema,
    viewers: artifactRefSchema,
    /** Each day's version, and the raw segments that its rows came from. */
    days: z.array(
      pinnedSchema.extend({ day: z.string(), rows: z.number().int(), segments: z.array(pinnedSchema) }),
    ),
  }),
  interactions: artifactRefSchema.nullable(),
  formula: artifactRefSchema,
  /** As the run made it; its files lie in the release under model/. */
  model: artifactRefSchema.nullable(),
  /** Whose factors training started from; they lie in the release under start/. null = from the seeds. */
  start: z.object({ releaseId: z.string(), modelSha256: z.string() }).nullable(),
  /** Every artefact of the run in the order in which they were there, with the wall time since the one before. */
  steps: z.array(z.object({ uri: z.string(), wallMs: z.number(), rows: z.number().int() })),
});
export type Lineage = z.infer<typeof lineageSchema>;
