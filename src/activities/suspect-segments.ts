import { z } from 'zod';
import type { Config } from '../contracts/index.js';
import type { ArtifactStore, Clock } from './deps.js';
import type { QuarantineSegment, Segment } from './extract-segments.js';
import { hashOf } from '../core/identity/hash.js';

/** A raw segment of whose rows so many were refused that nothing is learnt from the rest until a person has looked. */
export const suspectSchema = z.object({
  /** `<source>/day=<day>/<name>`: how people call it. */
  segment: z.string(),
  rows: z.number().int(),
  refused: z.number().int(),
  firstDay: z.string().nullable(),
});
export type Suspect = z.infer<typeof suspectSchema>;

/** `runs/<runId>/extract/segments/segments.json`: what the night reads, and what it leaves out. */
export const segmentListSchema = z.object({
  /** Raw segments in order. */
  segments: z.array(z.string()),
  suspects: z.array(suspectSchema),
});
export type SegmentList = z.infer<typeof segmentListSchema>;

const decisionSchema = z.object({
  segment: z.string(),
  decision: z.enum(['accept', 'discard']),
  reason: z.string(),
  at: z.string(),
});
export type Decision = z.infer<typeof decisionSchema>;

export const SEGMENTS_FILE = 'segments.json';
const DECISIONS = 'decisions';
const nameOf = (rawUri: string) => rawUri.slice('raw/'.length);

/**
 * Which segments a night reads. Left out are those that a person discarded, and suspects that nobody has decided on: with
 * at least `checks.suspectRefusedRows` rows still refused, more than `checks.maxQuarantineShare` of all that came. A replay
 * that lets enough of them pass clears a suspect by itself.
 */
export async function listSegments(
  artifacts: ArtifactStore,
  segments: readonly Segment[],
  quarantine: readonly QuarantineSegment[],
  checks: Config['checks'],
): Promise<SegmentList> {
  const decisions = await readDecisions(artifacts);
  const refusedOf = new Map<string, number>();
  for (const { facts, rows } of quarantine) {
    const raw = facts.raw ?? facts.of;
    if (raw !== null) refusedOf.set(raw, (refusedOf.get(raw) ?? 0) + rows);
  }
  const list: SegmentList = { segments: [], suspects: [] };
  for (const { uri, rows, facts } of segments) {
    const decision = decisions.get(nameOf(uri))?.decision;
    if (decision === 'discard') continue;
    const refused = refusedOf.get(uri) ?? 0;
    const came = rows + facts.duplicates + facts.quarantined;
    const isSuspect = refused >= checks.suspectRefusedRows && refused > checks.maxQuarantineShare * came;
    if (!isSuspect || decision === 'accept') list.segments.push(uri);
    else {
      const firstDay = Object.keys(facts.days).sort()[0] ?? null;
      list.suspects.push({ segment: nameOf(uri), rows, refused, firstDay });
    }
  }
  return list;
}

/** The newest decision on each segment. */
async function readDecisions(artifacts: ArtifactStore): Promise<Map<string, Decision>> {
  const newest = new Map<string, Decision>();
  for (const uri of await artifacts.list(DECISIONS)) {
    const manifest = await artifacts.read(uri);
    if (manifest === null) continue;
    const decision = decisionSchema.parse(manifest.facts);
    const known = newest.get(decision.segment);
    if (known === undefined || known.at < decision.at) newest.set(decision.segment, decision);
  }
  return newest;
}

/** There is no such segment; the message says what there is. */
export class UnknownSegment extends Error {}

/** Records what a person decided; a later decision on the same segment takes its place. Nothing is removed. */
export async function decideOn(
  { artifacts, clock }: { artifacts: ArtifactStore; clock: Clock },
  input: Omit<Decision, 'at'>,
): Promise<Decision> {
  if ((await artifacts.read(`raw/${input.segment}`)) === null) {
    const known = (await artifacts.list('raw')).map(nameOf);
    throw new UnknownSegment(
      `no raw segment is called ${input.segment}; \`matinee quarantine list\` names those that wait for a decision` +
        (known.length > 0 && known.length <= 5 ? `, and there are ${known.join(', ')}` : ''),
    );
  }
  const decision: Decision = { ...input, at: clock.now().toISOString() };
  await artifacts.write(
    `${DECISIONS}/${input.segment}/${hashOf(decision).slice(0, 12)}`,
    { schema: 'decision/1', inputs: [] },
    async () => ({ files: [], facts: { ...decision } }),
  );
  return decision;
}
