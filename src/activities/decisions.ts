import { readFile } from 'node:fs/promises';
import { type Decision, decisionSchema } from '../contracts/index.js';
import type { ArtifactStore } from './deps.js';
import { createFile } from './durable-files.js';

type Decided = Pick<Decision, 'night' | 'modelSha256'>;

const fileOf = (artifacts: Pick<ArtifactStore, 'path'>, { night, modelSha256 }: Decided) =>
  artifacts.path(`decisions/${night}-${modelSha256.slice(0, 12)}.json`);

/** What a person said about this candidate of this night, or null. */
export async function decisionOn(
  artifacts: Pick<ArtifactStore, 'path'>,
  candidate: Decided,
): Promise<Decision | null> {
  const text = await readFile(fileOf(artifacts, candidate), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const decision = decisionSchema.parse(JSON.parse(text));
  return decision.modelSha256 === candidate.modelSha256 ? decision : null;
}

/** Written once: of two people the first counts, and the other one gets it back. */
export async function recordDecision(
  artifacts: Pick<ArtifactStore, 'path'>,
  decision: Decision,
): Promise<{ decision: Decision; isNew: boolean }> {
  const file = fileOf(artifacts, decision);
  if (await createFile(file, `${JSON.stringify(decision, null, 2)}\n`)) return { decision, isNew: true };
  const earlier = await decisionOn(artifacts, decision);
  if (earlier === null) throw new Error(`${file} is of another model`);
  return { decision: earlier, isNew: false };
}
