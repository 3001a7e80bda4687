import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Effort, EvaluateInput, Report, Verdict } from '../contracts/index.js';
import { type AnalysisInput, analyse } from '../core/analysis/analysis.js';
import { analysisPage } from '../core/analysis/page.js';
import { sha256 } from '../core/identity/hash.js';
import { vectorsOf } from '../core/metrics/list-judgement.js';
import { learntFile } from '../core/ranking/model-files.js';
import { TWIN_FOLDER } from './champion.js';
import type { ActivityDeps, Produced } from './deps.js';
import type { JudgementData } from './judgement-data.js';
import type { Measured } from './measure-split.js';
import { bytesOf, sha256InTurns } from './number-files.js';
import { pause } from './pause.js';

/** What an error analysis looks into; viewers are named by a hash of this run alone. */
function analysisInput(
  measured: Measured & { data: JudgementData },
  runId: string,
  showFloor: number,
): AnalysisInput {
  const { judgement, data, slices, twin, report } = measured;
  const place = (model: Report['scores'][number]['model']) =>
    report.scores.findIndex((score) => score.model === model);
  const champion = place('champion');
  const factors = vectorsOf(twin.scorer);
  return {
    judgement,
    candidate: place('blend'),
    champion: champion < 0 ? null : champion,
    facts: { ...data.facts, factors, recent: data.recent, dropped: data.dropped },
    viewers: data.viewers,
    slices,
    showFloor,
    titles: data.titles,
    genreNames: data.genreNames,
    nameOf: (viewer) => sha256(`${runId} ${data.pids[viewer]}`).slice(0, 12),
  };
}

/** Report and verdict; slices and error analysis; and the refit, for later nights to be compared with. */
export async function writeEvaluation(
  folder: string,
  facts: { report: Report | null; verdict: Verdict; effort: Effort },
  measured: (Measured & { data: JudgementData }) | null,
  { night, model }: Pick<EvaluateInput, 'night' | 'model'>,
  { artifacts, config }: Pick<ActivityDeps, 'artifacts' | 'config'>,
): Promise<Produced> {
  const files: Produced['files'] = [];
  const keep = async (path: string, bytes: string | Uint8Array, rows = 1) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    files.push({
      path,
      rows,
      bytes: Buffer.byteLength(bytes),
      sha256: typeof bytes === 'string' ? sha256(bytes) : await sha256InTurns(bytes),
    });
  };
  const text = (value: unknown) => JSON.stringify(value, null, 2);
  if (facts.report !== null) await keep('report.json', text(facts.report));
  await keep('verdict.json', text(facts.verdict));
  if (facts.report === null || measured === null) return { files, facts };
  await keep('slices.json', text(measured.slices), measured.slices.length);
  const analysis = await analyse(analysisInput(measured, night.runId, config.gate.sliceShowFloor), pause);
  await keep('analysis.json', text(analysis));
  await keep('analysis.html', analysisPage(night.date, facts.report, facts.verdict, analysis));
  const { filmIds } = measured.data.training;
  const factors = bytesOf(measured.twin.published());
  await keep(`${TWIN_FOLDER}/${learntFile(measured.twin.kind)}`, factors, filmIds.length);
  await keep(`${TWIN_FOLDER}/films.json`, JSON.stringify(filmIds), filmIds.length);
  await keep(`${TWIN_FOLDER}/model.json`, await readFile(artifacts.path(`${model.uri}/model.json`)));
  return { files, facts };
}
