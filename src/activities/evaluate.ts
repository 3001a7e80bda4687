import {
  type EvaluateInput,
  type EvaluateResult,
  type Report,
  artifactRefSchema,
  evaluateInputSchema,
  reportSchema,
  verdictSchema,
} from '../contracts/index.js';
import { releaseBefore } from './champion.js';
import { currentContext } from './context.js';
import type { ActivityContext } from './deps.js';
import { type RunningEffort, startEffort } from './effort.js';
import { type JudgeDeps, candidatesOf, judgeCandidates } from './judge-candidates.js';
import { writeEvaluation } from './write-evaluation.js';

const SCHEMA = 'evaluation/2';

export function createEvaluateActivities(deps: JudgeDeps, context: () => ActivityContext = currentContext) {
  return {
    /**
     * Refits the candidate's recipe on the train part of a split, ranks the full catalogue for every viewer with something
     * relevant in the test part, against popularity, the formula and the champion, asks the gates, and writes
     * `runs/<runId>/evaluate/`. A bad candidate is a verdict, never an error.
     */
    async evaluateCandidate(input: EvaluateInput): Promise<EvaluateResult> {
      const parsed = evaluateInputSchema.parse(input);
      const running = context();
      const uri = `runs/${parsed.night.runId}/evaluate`;
      const committed = await deps.artifacts.read(uri);
      if (committed !== null) return resultOf({ ...committed, uri }, committed.facts);
      running.heartbeat({ step: 'splitting' });
      const effort = startEffort(deps.config.ials.threads);
      try {
        return await evaluate(deps, parsed, uri, effort, running.signal, running.heartbeat);
      } finally {
        effort.stop();
      }
    },
  };
}

/** Evidence, then the verdict beside what the personal channel served before this night. */
async function evaluate(
  deps: JudgeDeps,
  input: EvaluateInput,
  uri: string,
  effort: RunningEffort,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<EvaluateResult> {
  const { night, snapshot, features } = input;
  const { artifacts } = deps;
  const served = await releaseBefore(deps.releases, night.date);
  const champion = served?.model == null ? null : served;
  const candidates = await candidatesOf(artifacts, input);
  const { candidate, gathered, verdict, challenger } = await judgeCandidates(
    deps,
    { input, candidates, champion, effort },
    uri,
    signal,
    say,
  );
  const { model } = candidate;
  const facts = {
    report: 'report' in gathered ? reportOf(gathered.report) : null,
    verdict,
    candidate: model,
    ...(challenger === null ? {} : { challenger }),
  };
  const inputs = [
    snapshot.events,
    snapshot.films,
    snapshot.viewers,
    features.interactions,
    features.viewers,
    ...candidates.map((each) => each.model),
  ];
  const evaluation = await artifacts.write(uri, { schema: SCHEMA, inputs }, (folder) =>
    writeEvaluation(
      folder,
      { ...facts, effort: effort.soFar() },
      'report' in gathered ? gathered : null,
      { night, model },
      deps,
    ),
  );
  return resultOf(evaluation, facts);
}

/** A report with a NaN in it is none: JSON cannot hold it, and the verdict says so. */
const reportOf = (report: Report): Report | null => (reportSchema.safeParse(report).success ? report : null);

function resultOf(
  { uri, sha256: hash, rows, bytes, schema }: EvaluateResult['evaluation'],
  facts: { report?: unknown; verdict?: unknown; candidate?: unknown },
): EvaluateResult {
  const candidate = artifactRefSchema.safeParse(facts.candidate).data;
  return {
    evaluation: { uri, sha256: hash, rows, bytes, schema },
    ...(candidate === undefined ? {} : { model: candidate }),
    report: reportSchema.nullable().parse(facts.report),
    verdict: verdictSchema.parse(facts.verdict),
  };
}
