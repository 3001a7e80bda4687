import type { Card, Speed } from '../../contracts/index.js';
import { percent } from '../percent.js';
import { curve } from '../report-page/charts.js';
import { escape, list, table } from '../report-page/document.js';
import { gateTable } from '../report-page/gate-table.js';
import { asSentence, count, duration } from './words.js';

const CLASSES = {
  first: 'the first personal release',
  refresh: 'the same recipe on newer data',
  'recipe-change': 'another recipe than the release before',
} as const;

export function gatesSection({ verdict, report, runs }: Card): string {
  const head = '<h2 id="gates">How it earned its place</h2>';
  const share = runs.finished === 0 ? '' : ` (${percent(runs.served / runs.finished, 0)})`;
  const runsSaid = `<p>Of ${count(runs.finished)} ${runs.finished === 1 ? 'run' : 'runs'} that ended before this one, ${count(runs.judged)} made a model that was judged, ${count(runs.promoted)} were promoted, and ${count(runs.served)}${share} became a served release.</p>`;
  if (verdict === null) return `${head}<p>No verdict is recorded.</p>${runsSaid}`;
  const { kind, class: what, gates = [], decision, reasons, changed = [], choice } = verdict;
  const codeEffect = report?.codeEffect;
  const waived = decision?.action === 'accept' ? gates.filter(({ state }) => state !== 'PASS') : [];
  const word =
    decision === undefined
      ? '<p>No person had to decide.</p>'
      : `<p><b>A person decided:</b> ${decision.action === 'accept' ? 'accepted' : 'rejected'} by ${escape(decision.by)} on ${escape(decision.at.slice(0, 10))}, because: “${escape(decision.reason)}”.${waived.length === 0 ? '' : ` Waived: ${waived.map(({ gate }) => gate).join(', ')}.`}</p>`;
  return `${head}
<p>Verdict: <b>${escape(kind)}</b>${what === undefined ? '' : `, as ${escape(CLASSES[what])}`}. One gate that fails rejects, one without enough evidence holds, and only all passed promote.${changed.length === 0 ? '' : ` What changed in the recipe: ${escape(changed.join(', '))}.`}${codeEffect === undefined ? '' : ` ${escape(asSentence(codeEffect.says))}`}</p>
${choice === undefined ? '' : `<p>Two kinds of models were trained, and one was chosen before it was judged: ${escape(asSentence(choice))}</p>\n`}${gates.length === 0 ? list(reasons) : gateTable(gates)}
${word}
${runsSaid}`;
}

export function trainingSection({ model, hardware, lineage, data, cost, serving }: Card): string {
  const wall = lineage.steps.reduce((sum, { wallMs }) => sum + wallMs, 0);
  const machine = `${hardware.cores} cores (${hardware.cpu}), ${count(hardware.memoryMiB)} MiB of memory`;
  const learnt =
    model === null ? '<p>Nothing was learnt: these are the formula’s lists.</p>' : learntText(model);
  const warnings =
    data.warnings.length === 0
      ? '<p>The checks of the data found nothing to warn of.</p>'
      : `<h3>What the checks warned of</h3>${list(data.warnings)}`;
  return `<h2 id="data">Data and training</h2>
<p>${count(data.events)} events of ${escape(data.firstDay)} to ${escape(data.lastDay)} (${data.days} days), ${count(data.films)} films, ${count(data.viewers)} viewers, of whom ${count(data.consenting)} (${percent(data.viewers === 0 ? 0 : data.consenting / data.viewers, 0)}) allow personal lists; ${count(data.interactions)} viewer-film pairs to learn from.</p>
${warnings}
${learnt}
<p class="soft">${escape(machine)}; ${duration(wall)} from the first of its ${lineage.steps.length} steps to the last.${costSaid(cost)}${servingSaid(serving)}</p>
<details><summary>Steps</summary>${table(
    ['step', 'rows', 'time'],
    lineage.steps.map(({ uri, rows, wallMs }) => [
      uri.replace(/^runs\/[^/]+\//, ''),
      count(rows),
      duration(wallMs),
    ]),
    1,
  )}</details>`;
}

function costSaid(cost: Card['cost']): string {
  if (cost === undefined) return '';
  const { cpuSeconds, peakMiB, price, currency } = cost;
  const money =
    price === null ? '' : `, ${escape(currency)} ${price.toPrecision(2)} at the price of the config`;
  return ` Training and judging took ${duration(cpuSeconds * 1000)} of CPU${money}, and ${count(peakMiB)} MiB of memory at most.`;
}

/** Before the channel moved, on the machine that made the release. */
function servingSaid(serving: Card['serving']): string {
  const said: [name: string, speed: Speed | null | undefined][] = [
    ['a list was answered', serving?.lists],
    ['a list worked out again', serving?.foldIn],
  ];
  const parts = said.flatMap(([what, speed]) =>
    speed == null ? [] : [`${what} in ${speed.p95Ms.toFixed(1)} ms (CPU ${speed.cpuMs.toFixed(1)} ms)`],
  );
  return parts.length === 0 ? '' : ` Before it was served, 95 of 100 times ${parts.join(', and ')}.`;
}

/** What kind of model it is, for who does not know either, and its settings. */
function learntText(model: NonNullable<Card['model']>): string {
  const size = `${count(Math.round(model.bytes / 1024))} KiB`;
  const seen = `${count(model.users)} viewers and ${count(model.films)} films`;
  if (model.kind === 'ease') {
    return `<p>Film by film (EASE): for each pair of films it has learnt how much liking the one speaks for the other, beyond what all the others say; a viewer’s list is the sum over the films that viewer liked. ${seen}, ${count(model.films)} numbers for each film; λ ${model.lambda}; in one step, from the start; ${size}.</p>`;
  }
  return `<p>By taste (implicit matrix factorization, ALS): it has learnt ${model.k} numbers for each film and each viewer, so that films that please the same people are alike, and ranks films by how well the two fit. ${seen}; λ ${model.lambda}, α₀ ${model.alpha0}, ν ${model.nu}, seed ${model.seed}; ${model.epochs} epochs ${model.warmFrom === null ? 'from the start' : 'on from the last release'}; ${size}.</p>
${model.losses.length < 2 ? '' : curve('training loss per epoch', model.losses, (value) => value.toPrecision(5), 'Training loss after each epoch: it may never rise.')}`;
}

export function lineageSection({ releaseId, lineage, retention }: Card): string {
  const { runId, codeSha256, configSha256, toolchain, seed, snapshotSha256, model, start } = lineage;
  const rows: [string, string][] = [
    ['run', runId],
    ['snapshot', snapshotSha256],
    ['model', model === null ? 'none' : model.sha256],
    ['started from', start === null ? 'nothing earlier' : `release ${start.releaseId}`],
    ['code', codeSha256],
    ['config', configSha256],
    ['packages', toolchain.lockSha256],
    ['versions', `Node ${toolchain.node}, DuckDB ${toolchain.duckdb}, ${toolchain.machine}, seed ${seed}`],
  ];
  return `<h2 id="lineage">Where it comes from</h2>
<p>The release is named by what it was made from, and can be made again byte for byte as long as it is kept: <code>matinee repro ${escape(releaseId)}</code>; <code>matinee verify ${escape(releaseId)}</code> checks every list; <code>matinee releases lineage ${escape(releaseId)}</code> names every day and segment.</p>
${table(['what', 'sha256 or name'], rows)}
<p>Kept are the latest ${retention.releases} nights that were served and the ${retention.unservedReleases} made last that never were.</p>`;
}
