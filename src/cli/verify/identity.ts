import { formulaReleaseId } from '../../activities/formula.js';
import { kindOf } from '../../activities/champion.js';
import { MODEL_FOLDER } from '../../activities/trace-lineage.js';
import { type Lineage, type ReleaseManifest, configSchema, verdictSchema } from '../../contracts/index.js';
import { modelFiles } from '../../core/ranking/model-files.js';
import { withServing } from '../../core/gate/ops.js';
import { canonicalJson, filesSha256, hashOf } from '../../core/identity/hash.js';
import { releaseIdentity, snapshotSha256 } from '../../core/identity/release-identity.js';
import type { Problem } from './problem.js';

/**
 * A release's name is a hash of what it was made from, and its manifest and lineage say what that was: they are held
 * against each other and against the name.
 */
export function identityProblems(manifest: ReleaseManifest, lineage: Lineage): Problem[] {
  const problem = (about: string, says: string): Problem => ({ check: 'identity', about, says });
  const { snapshot, formula, model, codeSha256 } = lineage;
  const found: Problem[] = [];
  const configSha256 = hashOf(manifest.config);
  if (configSha256 !== lineage.configSha256) {
    found.push(
      problem(
        'config',
        `sha256 ${short(configSha256)} in the manifest, the run had ${short(lineage.configSha256)}`,
      ),
    );
  }
  if (snapshotSha256(snapshot) !== snapshot.sha256) {
    found.push(problem('snapshot', `its tables do not make sha256 ${short(snapshot.sha256)}`));
  }
  const { formulaRelease } = manifest;
  if (formulaRelease !== null && formulaRelease !== formulaReleaseId(formula)) {
    found.push(
      problem('formula', `${formulaRelease} is not made of ${formula.uri} (${formulaReleaseId(formula)})`),
    );
  }
  found.push(...modelProblems(manifest, lineage).map((says) => problem('model', says)));
  const config = configSchema.safeParse(manifest.config);
  if (!config.success) {
    const [issue] = config.error.issues;
    return [...found, problem('config', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)];
  }
  const made = releaseIdentity(manifest.night, {
    events: snapshot.events.sha256,
    films: snapshot.films.sha256,
    viewers: snapshot.viewers.sha256,
    model: model?.sha256 ?? null,
    formula: formula.sha256,
    // As it was written: the schema of today may know more keys.
    config: manifest.config as typeof config.data,
    code: codeSha256,
  });
  if (made.inputSha256 !== manifest.inputSha256 || made.releaseId !== manifest.releaseId) {
    found.push(
      problem('name', `what it says it was made from makes ${made.releaseId}, it is ${manifest.releaseId}`),
    );
  }
  return found;
}

function modelProblems({ files, model }: ReleaseManifest, lineage: Lineage): string[] {
  if (model === null || lineage.model === null) {
    return model === null && lineage.model === null
      ? []
      : ['manifest and lineage differ on whether there is one'];
  }
  const own = modelFiles(kindOf(model)).flatMap((name) => {
    const file = files.find(({ path }) => path === `${MODEL_FOLDER}${name}`);
    return file === undefined ? [] : [{ path: name, sha256: file.sha256 }];
  });
  const sha256 = filesSha256(own);
  return [model.sha256, lineage.model.sha256].every((named) => named === sha256)
    ? []
    : [
        `its files make sha256 ${short(sha256)}, named are ${short(model.sha256)} and ${short(lineage.model.sha256)}`,
      ];
}

/**
 * What was judged is in the manifest and in files of its own, and must be the same; but for what was measured between the two:
 * how fast the release is answered (G8), which the manifest's verdict says too.
 */
export function recordProblems(
  manifest: Pick<ReleaseManifest, 'report' | 'verdict' | 'serving' | 'config'>,
  records: { report: unknown; verdict: unknown },
): Problem[] {
  const verdict = verdictSchema.safeParse(records.verdict).data;
  const config = configSchema.safeParse(manifest.config).data;
  const { serving } = manifest;
  const expected =
    verdict === undefined || config === undefined || serving === undefined
      ? records
      : { ...records, verdict: withServing(verdict, serving, { ...config.gate, k: 10 }) };
  return (['report', 'verdict'] as const).flatMap((name): Problem[] =>
    expected[name] === undefined || canonicalJson(expected[name]) === canonicalJson(manifest[name])
      ? []
      : [{ check: 'identity', about: name, says: `manifest.json and evaluation/${name}.json differ` }],
  );
}

const short = (sha256: string) => sha256.slice(0, 12);
