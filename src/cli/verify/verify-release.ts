import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore, ReleaseStore, Threads, Warehouse } from '../../activities/deps.js';
import { FORMULA_FILE } from '../../activities/formula.js';
import { readLineage } from '../../activities/read-lineage.js';
import { sha256OfFile } from '../../adapters/artifacts/hash.js';
import { type Lineage, type ReleaseManifest, type WorkDone, configSchema } from '../../contracts/index.js';
import { identityProblems, recordProblems } from './identity.js';
import { snapshotProblems } from './snapshot-rules.js';
import type { Problem } from './problem.js';
import { UNIT_LISTS, type VerifiedUnit, type VerifyJob } from './list-units.js';

export interface Verification {
  releaseId: string;
  ok: boolean;
  checked: { files: number; lists: number; items: number };
  problems: number;
  /** The first of them. */
  first: Problem[];
  /** What could not be checked, and why. */
  notChecked: string[];
}

/** Problems that are named; the rest is counted. */
const NAMED = 20;

export interface VerifyDeps {
  releases: ReleaseStore;
  artifacts: ArtifactStore;
  threads: Threads;
  warehouse: Warehouse;
}

/**
 * Checks a release by what is stored:
 * 1. every file has the bytes and the sha256 of the manifest, and the lists together the contentSha256;
 * 2. name, config, snapshot, model and formula make the hashes that they are known by;
 * 3. every list keeps the rules and is what factors and history give;
 * 4. there are as many as the manifest says;
 * 5. ages, certificates and rights are those of the snapshot's films and profiles, as long as these are kept.
 * Lists are looked into also where their file is not what was written, to name them; by factors that are not, nothing is said.
 */
export async function verifyRelease(
  deps: VerifyDeps,
  manifest: ReleaseManifest,
  { threads, say }: { threads: number; say: (work: WorkDone) => void },
): Promise<Verification> {
  const { releaseId } = manifest;
  const problems: Problem[] = [];
  const notChecked: string[] = [];
  const folder = deps.artifacts.path(`releases/${releaseId}`);
  problems.push(...(await fileProblems(folder, manifest, 'files', say)));
  const broken = new Set(problems.map(({ about }) => about));
  const lineage = broken.has('lineage.json') ? null : await readLineage(deps.artifacts, manifest);
  if (lineage !== null) problems.push(...identityProblems(manifest, lineage));
  else if (manifest.kind === 'personal' && !broken.has('lineage.json')) {
    notChecked.push('what it was made from: a release of a version that wrote no lineage');
  }
  problems.push(...recordProblems(manifest, await recordsOf(folder, manifest, broken)));
  const checked = { files: manifest.files.length, lists: 0, items: 0 };
  const needed = [...broken].find((path) => path.startsWith('model/') || path === 'films.json');
  if (needed !== undefined)
    notChecked.push(`lists against factors and rules: ${needed} is not what was written`);
  else if (manifest.kind === 'personal' && manifest.counts.viewers > 0) {
    try {
      const lists = await listProblems(deps, folder, manifest, { threads, say });
      problems.push(...lists.problems);
      notChecked.push(...lists.notChecked);
      Object.assign(checked, lists.checked);
      problems.push(...(await bySnapshot(deps, { manifest, lineage, say }, notChecked)));
    } catch (error) {
      if (!broken.has('lists.mdb')) throw error;
      problems.push({ check: 'list', about: 'lists.mdb', says: `cannot be read: ${String(error)}` });
    }
  }
  return {
    releaseId,
    ok: problems.length === 0,
    checked,
    problems: problems.length,
    first: problems.slice(0, NAMED),
    notChecked,
  };
}

async function bySnapshot(
  deps: VerifyDeps,
  job: { manifest: ReleaseManifest; lineage: Lineage | null; say: (work: WorkDone) => void },
  notChecked: string[],
): Promise<Problem[]> {
  const { manifest, lineage } = job;
  const { formulaRelease } = manifest;
  const isGone = formulaRelease !== null && (await deps.releases.manifest(formulaRelease)) === null;
  const config = configSchema.parse(manifest.config);
  const of = { ...manifest, formulaRelease: isGone ? null : formulaRelease };
  const found =
    lineage === null ? null : await snapshotProblems(deps, { ...job, manifest: of, lineage, config });
  if (found === null) notChecked.push('ages, certificates and rights against the snapshot, which is gone');
  return found ?? [];
}

async function fileProblems(
  folder: string,
  { files }: ReleaseManifest,
  step: string,
  say: (work: WorkDone) => void,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [n, { path, sha256, bytes }] of files.entries()) {
    say({ step, done: n, of: files.length, unit: 'files' });
    const file = join(folder, path);
    const size = (await stat(file).catch(() => null))?.size;
    if (size === undefined) problems.push({ check: 'file', about: path, says: 'is not there' });
    else if (size !== bytes)
      problems.push({ check: 'file', about: path, says: `${size} bytes, expected ${bytes}` });
    else {
      const seen = await sha256OfFile(file);
      if (seen !== sha256) {
        problems.push({
          check: 'file',
          about: path,
          says: `sha256 ${short(seen)}, expected ${short(sha256)}`,
        });
      }
    }
  }
  return problems;
}

async function recordsOf(folder: string, { files }: ReleaseManifest, broken: ReadonlySet<string>) {
  const read = async (name: string): Promise<unknown> => {
    const path = `evaluation/${name}.json`;
    if (broken.has(path) || !files.some((file) => file.path === path)) return undefined;
    return JSON.parse(await readFile(join(folder, path), 'utf8'));
  };
  return { report: await read('report'), verdict: await read('verdict') };
}

async function listProblems(
  { releases, artifacts, threads }: VerifyDeps,
  folder: string,
  manifest: ReleaseManifest,
  { threads: count, say }: { threads: number; say: (work: WorkDone) => void },
): Promise<Pick<Verification, 'checked' | 'notChecked'> & { problems: Problem[] }> {
  const { releaseId, counts, formulaRelease, contentSha256, audit } = manifest;
  const problems: Problem[] = [];
  const reader = await releases.readLists(releaseId);
  const pids = [...reader.pids()];
  const content = await reader.contentSha256((done) =>
    say({ step: 'hash of the lists', done, of: pids.length, unit: 'lists' }),
  );
  await reader.close();
  if (content !== contentSha256) {
    problems.push({
      check: 'list',
      about: 'lists.mdb',
      says: `contentSha256 ${short(content)}, expected ${short(contentSha256)}`,
    });
  }
  if (pids.length !== counts.viewers) {
    problems.push({
      check: 'counts',
      about: 'viewers',
      says: `${pids.length} lists, expected ${counts.viewers}`,
    });
  }
  const checked = { files: manifest.files.length, lists: pids.length, items: 0 };
  const formula = formulaRelease === null ? null : await releases.manifest(formulaRelease);
  if (formula === null) {
    const why = `lists against factors and rules: release ${formulaRelease ?? 'of the formula'} is gone`;
    return { problems, checked, notChecked: [why] };
  }
  const formulaFolder = artifacts.path(`releases/${formula.releaseId}`);
  const damaged = await fileProblems(formulaFolder, formula, 'files of the formula’s release', say);
  if (damaged.length > 0) {
    const named = damaged.map((problem) => ({ ...problem, about: `${formula.releaseId}/${problem.about}` }));
    return { problems: [...problems, ...named], checked, notChecked: ['lists against factors and rules'] };
  }
  const job: VerifyJob = {
    folder,
    films: [...reader.films],
    formulaPath: join(formulaFolder, FORMULA_FILE),
    model: await releases.readModel(releaseId),
    config: configSchema.parse(manifest.config),
    pids,
  };
  const units = Math.ceil(pids.length / UNIT_LISTS);
  const found = await runUnits(threads, job, Math.max(1, Math.min(count, units)), units, say);
  for (const { rule, pid, says } of found.offences)
    problems.push({ check: 'list', about: `viewer ${pid}, ${rule}`, says });
  for (const kind of ['personal', 'formula', 'none'] as const) {
    if (found.servedBy[kind] !== counts[kind]) {
      problems.push({
        check: 'counts',
        about: kind,
        says: `${found.servedBy[kind]} lists, expected ${counts[kind]}`,
      });
    }
  }
  if (found.shown !== audit.pairs) {
    problems.push({
      check: 'counts',
      about: 'age audit',
      says: `${found.shown} films shown or cited, ${audit.pairs} were audited`,
    });
  }
  return { problems, checked: { ...checked, items: found.items }, notChecked: [] };
}

async function runUnits(
  threads: Threads,
  job: VerifyJob,
  count: number,
  units: number,
  say: (work: WorkDone) => void,
): Promise<VerifiedUnit> {
  const all: VerifiedUnit = {
    items: 0,
    shown: 0,
    servedBy: { personal: 0, formula: 0, none: 0 },
    offences: [],
  };
  const byUnit: VerifiedUnit['offences'][] = [];
  const module = new URL('./list-units.js', import.meta.url);
  const crew = await threads.crew({ module, data: job, threads: count });
  try {
    await crew.run('verify', units, {
      onResult(unit, result) {
        const { items, shown, servedBy, offences } = result as VerifiedUnit;
        all.items += items;
        all.shown += shown;
        for (const kind of ['personal', 'formula', 'none'] as const) all.servedBy[kind] += servedBy[kind];
        byUnit[unit] = offences;
      },
      onProgress: (done) =>
        say({
          step: 'lists',
          done: Math.min(done * UNIT_LISTS, job.pids.length),
          of: job.pids.length,
          unit: 'lists',
        }),
    });
  } finally {
    await crew.stop();
  }
  return { ...all, offences: byUnit.flat() };
}

const short = (sha256: string) => sha256.slice(0, 12);
