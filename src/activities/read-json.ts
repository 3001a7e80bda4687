import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ArtifactRef } from '../contracts/index.js';
import type { ArtifactStore } from './deps.js';
import { permanentFailure } from './failures.js';

/** A JSON file of an artefact, checked. What does not fit the schema is a damaged artefact: no retry helps. */
export async function readJson<S extends z.ZodType>(
  artifacts: ArtifactStore,
  ref: ArtifactRef,
  name: string,
  schema: S,
): Promise<z.infer<S>> {
  const text = await readFile(join(artifacts.path(ref.uri), name), 'utf8');
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw permanentFailure(
    'ArtifactCorrupt',
    `${ref.uri}/${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'does not fit its schema'}`,
  );
}
