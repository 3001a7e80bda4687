import { z } from 'zod';

/** A small reference to an artefact; rows never travel in payloads. `uri` is relative to the warehouse root. */
export const artifactRefSchema = z.object({
  uri: z.string(),
  /** Of sorted content, never of ids or times: same input, same sha256. */
  sha256: z.string(),
  rows: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  schema: z.string(),
});
export type ArtifactRef = z.infer<typeof artifactRefSchema>;

/** What an artefact was made with, besides the code. */
export const toolchainSchema = z.object({
  /** Of package-lock.json. */
  lockSha256: z.string(),
  node: z.string(),
  duckdb: z.string(),
  /** System and processor, e.g. linux-x64. */
  machine: z.string(),
});
export type Toolchain = z.infer<typeof toolchainSchema>;

/** `_manifest.json` of every artefact folder; written last, so its presence is the commit. */
export const manifestSchema = z.object({
  schema: z.string(),
  sha256: z.string(),
  rows: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  files: z.array(
    z.object({ path: z.string(), sha256: z.string(), rows: z.number().int(), bytes: z.number().int() }),
  ),
  inputs: z.array(z.object({ uri: z.string(), sha256: z.string() })),
  codeSha256: z.string(),
  configSha256: z.string(),
  /** Absent in artefacts of earlier versions, like the seed. */
  toolchain: toolchainSchema.optional(),
  seed: z.number().int().optional(),
  /** Anything a stage wants to say about itself: counts, losses, versions. */
  facts: z.record(z.string(), z.unknown()),
  wallMs: z.number(),
  createdAt: z.string(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** What an artefact's manifest says of it, as the reference that is handed on. */
export function refOf(uri: string, { sha256, rows, bytes, schema }: Manifest): ArtifactRef {
  return { uri, sha256, rows, bytes, schema };
}
