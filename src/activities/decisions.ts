import { readFile } from 'node:fs/promises';
import { type Decision, decisionSchema } from '../contracts/index.js';
import type { ArtifactStore } from './deps.js';
import { createFile } from './durable-files.js';

type Decided = Pick<Decision, 'night' | 'modelSha256'>;
type Word = Decided & Pick<Decision, 'serving'>;

/** One word with the verdict, and one for each bad end of G8's second half: who spoke before that could not know it. */
const fileOf = (artifacts: Pick<ArtifactStore, 'path'>, { night, modelSha256, serving }: Word) => {
  const about = serving === undefined ? '' : `-g8-${serving.toLowerCase()}`;
  return artifacts.path(`decisions/${night}-${modelSha256.slice(0, 12)}${about}.json`);
};

/** What a person said last about this candidate of this night, or null. */
export async function decisionOn(
  artifacts: Pick<ArtifactStore, 'path'>,
  candidate: Decided,
): Promise<Decision | null> {
  for (const serving of ['FAIL', 'INCONCLUSIVE', undefined] as const) {
    const { night, modelSha256 } = candidate;
    const decision = await readWord(artifacts, { night, modelSha256, serving });
    if (decision !== null) return decision;
  }
  return null;
}

async function readWord(artifacts: Pick<ArtifactStore, 'path'>, word: Word): Promise<Decision | null> {
  const text = await readFile(fileOf(artifacts, word), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const decision = decisionSchema.parse(JSON.parse(text));
  return decision.modelSha256 === word.modelSha256 ? decision : null;
}

/** Written once for what was seen: of two people the first counts, and the other one gets it back. */
export async function recordDecision(
  artifacts: Pick<ArtifactStore, 'path'>,
  decision: Decision,
): Promise<{ decision: Decision; isNew: boolean }> {
  const file = fileOf(artifacts, decision);
  if (await createFile(file, `${JSON.stringify(decision, null, 2)}\n`)) return { decision, isNew: true };
  const earlier = await readWord(artifacts, decision);
  if (earlier === null) throw new Error(`${file} is of another model`);
  return { decision: earlier, isNew: false };
}
