import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Manifest } from '../contracts/index.js';
import { currentContext } from './context.js';
import type { ActivityDeps } from './deps.js';
import { recordOutcome } from './outcomes.js';
import { RELEASE_CHANNEL } from './publish.js';
import { pinnedBy, readLineage } from './read-lineage.js';
import { bytesUnder, exists, foldersOf, lastChange, leftoversUnder, removeWhole } from './retention-files.js';

const DAY_MS = 86_400_000;
/** Past nights for which event days before the history are kept, so that running one again stages nothing anew. */
const LATE_NIGHTS = 7;
/** Written into a run's folder when the run is over: until then, or for a day, nobody sweeps it. */
const FINISHED = 'finished.json';
/** Uris that the result names; the rest is counted. */
const NAMED = 40;

export const sweepRetentionInputSchema = z.object({
  /** T of the night at whose end this sweep runs. */
  asOf: z.iso.datetime({ offset: true }),
  /** Runs that are over, whatever came out of them; this night's own among them. */
  finishedRuns: z.array(z.string()).default([]),
  /** false: the runs are marked as over, and nothing is removed (days of a backfill). */
  removes: z.boolean().default(true),
});
export type SweepRetentionInput = z.input<typeof sweepRetentionInputSchema>;

export type SweptKind = 'runs' | 'releases' | 'events' | 'raw' | 'temporary';
export interface SweepRetentionResult {
  removed: Record<SweptKind, { count: number; bytes: number }>;
  bytes: number;
  /** The first of them. */
  uris: string[];
}

type RetentionDeps = Pick<ActivityDeps, 'config' | 'clock' | 'artifacts' | 'releases' | 'analysts'>;

export function createRetentionActivities(deps: RetentionDeps) {
  return {
    /**
     * Removes what config.retention says: runs and releases past the kept ones, superseded event versions and days before the
     * history that no remaining run or release pins, raw segments whose days are long over, and `.tmp-` leftovers older than a day. Never what a channel points
     * at. Each folder is renamed before it is deleted, so that a killed sweep leaves nothing half there.
     */
    async sweepRetention(input: SweepRetentionInput): Promise<SweepRetentionResult> {
      const context = currentContext();
      const { asOf, finishedRuns, removes } = sweepRetentionInputSchema.parse(input);
      const sweep = new Sweep(deps);
      context.heartbeat(sweep.removed);
      for (const runId of finishedRuns) await markFinished(deps, runId);
      if (removes) await sweepAll(deps, sweep, asOf);
      const { removed, uris } = sweep;
      const bytes = Object.values(removed).reduce((sum, kind) => sum + kind.bytes, 0);
      return { removed, bytes, uris: uris.slice(0, NAMED) };
    },
  };
}

async function sweepAll(deps: RetentionDeps, sweep: Sweep, asOf: string): Promise<void> {
  await sweepReleases(deps, sweep);
  const released = await pinnedByReleases(deps);
  const kept = await sweepRuns(deps, sweep, released);
  await sweepEvents(deps, sweep, asOf, new Set([...kept, ...released]));
  await sweepRaw(deps, sweep, asOf);
  await sweepLeftovers(deps, sweep);
  await deps.analysts.refresh(); // after the sweep: its views name files
}

/** What this sweep has removed so far. */
class Sweep {
  readonly uris: string[] = [];
  readonly removed: SweepRetentionResult['removed'] = {
    runs: { count: 0, bytes: 0 },
    releases: { count: 0, bytes: 0 },
    events: { count: 0, bytes: 0 },
    raw: { count: 0, bytes: 0 },
    temporary: { count: 0, bytes: 0 },
  };
  readonly #deps: RetentionDeps;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  async remove(
    kind: SweptKind,
    uri: string,
    how: () => Promise<void> = () => removeWhole(this.#deps.artifacts.path(uri)),
  ): Promise<void> {
    const bytes = await bytesUnder(this.#deps.artifacts.path(uri));
    await how();
    this.uris.push(uri);
    this.removed[kind].count += 1;
    this.removed[kind].bytes += bytes;
  }
}

async function markFinished(deps: RetentionDeps, runId: string): Promise<void> {
  const folder = deps.artifacts.path(join('runs', runId));
  if (!(await exists(folder))) return;
  await recordOutcome(deps, runId);
  await writeFile(join(folder, FINISHED), JSON.stringify({ at: deps.clock.now().toISOString() }));
}

/** What the remaining releases can be made from once more: their snapshots outlive their runs. */
async function pinnedByReleases({ releases, artifacts }: RetentionDeps): Promise<Set<string>> {
  const pinned = new Set<string>();
  for (const release of await releases.list()) {
    const lineage = await readLineage(artifacts, release);
    if (lineage !== null) for (const uri of pinnedBy(lineage)) pinned.add(uri);
  }
  return pinned;
}

/**
 * Newest N of each family of runs, and of older ones the artefacts that a release pins; returns the uris of what the
 * remaining runs read.
 */
async function sweepRuns(
  deps: RetentionDeps,
  sweep: Sweep,
  released: ReadonlySet<string>,
): Promise<Set<string>> {
  const { runs: nights, formulaReleases: others } = deps.config.retention;
  const now = deps.clock.now().getTime();
  const pinned = new Set<string>();
  const families = new Map<string, Run[]>();
  for (const run of await readRuns(deps))
    families.set(run.family, [...(families.get(run.family) ?? []), run]);
  for (const [family, runs] of families) {
    runs.sort(newestFirst);
    for (const [age, run] of runs.entries()) {
      const isOver = run.isFinished || now - run.at > DAY_MS;
      if (age >= (family === '' ? nights : others) && isOver) await sweepRun(sweep, run, released);
      else for (const uri of run.inputs) pinned.add(uri);
    }
  }
  return pinned;
}

async function sweepRun(sweep: Sweep, run: Run, released: ReadonlySet<string>): Promise<void> {
  if (!run.artefacts.some((uri) => released.has(uri))) return sweep.remove('runs', run.uri);
  for (const uri of run.artefacts) if (!released.has(uri)) await sweep.remove('runs', uri);
}

interface Run {
  uri: string;
  id: string;
  /** What precedes the first digit: nights are "", since their ids begin with the date. */
  family: string;
  /** Newest write, in ms. */
  at: number;
  isFinished: boolean;
  artefacts: string[];
  /** Uris that its artefacts were made from. */
  inputs: string[];
}

async function readRuns(deps: RetentionDeps): Promise<Run[]> {
  const runs: Run[] = [];
  for (const id of await foldersOf(deps.artifacts.path('runs'))) {
    if (id.includes('.tmp-')) continue;
    const uri = join('runs', id);
    const manifests = await manifestsUnder(deps, uri);
    runs.push({
      uri,
      id,
      family: id.replace(/\d.*$/, ''),
      at: Math.max(
        await lastChange(deps.artifacts.path(uri)),
        ...manifests.map(({ manifest }) => Date.parse(manifest.createdAt)),
      ),
      isFinished: await exists(deps.artifacts.path(join(uri, FINISHED))),
      artefacts: manifests.map((artefact) => artefact.uri),
      inputs: manifests.flatMap(({ manifest }) => manifest.inputs.map((input) => input.uri)),
    });
  }
  return runs;
}

/**
 * Kept are
 * 1. what a channel points at;
 * 2. of the nights that were ever served, the newest `releases` by night: what one would go back to;
 * 3. of those never served (backfilled days, other past nights, `publish: false`), the `unservedReleases` made last, of
 *    whatever night: so a month of old days stays whole when it is done, and takes nothing from the served nights;
 * 4. the newest `formulaReleases` of the formula, and those that a kept night stands on.
 */
async function sweepReleases(deps: RetentionDeps, sweep: Sweep): Promise<void> {
  const all = (await deps.releases.list()).map((release) => ({
    ...release,
    id: release.releaseId,
    at: Date.parse(release.createdAt),
  }));
  const { releases, unservedReleases, formulaReleases } = deps.config.retention;
  const current = await servedReleases(deps);
  const onceServed = new Set(
    (await deps.releases.history(RELEASE_CHANNEL)).map(({ releaseId }) => releaseId),
  );
  const newest = all.sort(newestFirst);
  const nights = newest.filter(({ kind }) => kind === 'personal');
  const keptNights = [
    ...newest.filter(({ id }) => current.has(id)),
    ...nights
      .filter(({ id }) => onceServed.has(id))
      .sort(latestNightFirst)
      .slice(0, releases),
    ...nights.filter(({ id }) => !onceServed.has(id)).slice(0, unservedReleases),
  ];
  const formulas = newest.filter(({ kind }) => kind === 'formula').slice(0, formulaReleases);
  const kept = new Set([...keptNights, ...formulas].map(({ id }) => id));
  for (const { formulaRelease } of keptNights) if (formulaRelease !== null) kept.add(formulaRelease);
  for (const { id } of all) {
    // Asked again just before: a channel may have moved while others were removed.
    if (kept.has(id) || (await servedReleases(deps)).has(id)) continue;
    await sweep.remove('releases', join('releases', id), () => deps.releases.remove(id));
  }
}

async function servedReleases(deps: RetentionDeps): Promise<Set<string>> {
  const names = await deps.releases.channels();
  const entries = await Promise.all(names.map((channel) => deps.releases.current(channel)));
  return new Set(entries.flatMap((entry) => entry?.releaseId ?? []));
}

/**
 * Versions of a day of events: the newest stays while nights still read that day, and every one that a remaining run pins.
 * Older days can be staged again from raw segments, should a past night want them.
 */
async function sweepEvents(
  deps: RetentionDeps,
  sweep: Sweep,
  asOf: string,
  pinned: ReadonlySet<string>,
): Promise<void> {
  const span = (deps.config.feedback.historyDays + LATE_NIGHTS) * DAY_MS;
  const first = new Date(Date.parse(asOf) - span).toISOString().slice(0, 10);
  const days = new Map<string, { uri: string; id: string; at: number }[]>();
  for (const { uri, manifest } of await manifestsUnder(deps, 'events')) {
    const day = uri.split('/')[1] ?? '';
    days.set(day, [...(days.get(day) ?? []), { uri, id: uri, at: Date.parse(manifest.createdAt) }]);
  }
  for (const [day, versions] of days) {
    const isRead = day >= `day=${first}`;
    for (const { uri } of versions.sort(newestFirst).slice(isRead ? 1 : 0)) {
      if (!pinned.has(uri)) await sweep.remove('events', uri);
    }
  }
}

/**
 * Raw and quarantined segments that were made, and whose days all ended, more than `rawDays` ago. The newest raw segment of
 * each source stays however old, and the newest with a watermark (a replay has none): there the next extraction goes on.
 */
async function sweepRaw(deps: RetentionDeps, sweep: Sweep, asOf: string): Promise<void> {
  const span = deps.config.retention.rawDays * DAY_MS;
  const made = deps.clock.now().getTime() - span;
  const ended = new Date(Date.parse(asOf) - span).toISOString().slice(0, 10);
  const seen = new Set<string>();
  for (const tree of ['raw', 'quarantine']) {
    const segments = (await manifestsUnder(deps, tree))
      .map(({ uri, manifest }) => ({ uri, manifest, id: uri, at: Date.parse(manifest.createdAt) }))
      .sort(newestFirst);
    for (const { uri, manifest, at } of segments) {
      const kind = `${uri.split('/')[1] ?? ''} ${'watermark' in manifest.facts ? 'marked' : ''}`;
      const isNewest = tree === 'raw' && !seen.has(kind);
      seen.add(kind);
      const isOld = at < made && daysOf(uri, manifest).every((day) => day < ended);
      if (isOld && !isNewest) await sweep.remove('raw', uri);
    }
  }
}

const segmentFactsSchema = z.object({ days: z.record(z.string(), z.unknown()) });

/** Days of a segment's events as its manifest says, and the night that it was extracted for. */
function daysOf(uri: string, manifest: Manifest): string[] {
  const facts = segmentFactsSchema.safeParse(manifest.facts);
  const night = /day=(\d{4}-\d\d-\d\d)/.exec(uri)?.[1];
  return [...(facts.success ? Object.keys(facts.data.days) : []), ...(night === undefined ? [] : [night])];
}

async function sweepLeftovers(deps: RetentionDeps, sweep: Sweep): Promise<void> {
  const before = deps.clock.now().getTime() - DAY_MS;
  for (const uri of await leftoversUnder(deps.artifacts.root, before)) await sweep.remove('temporary', uri);
}

async function manifestsUnder(
  deps: RetentionDeps,
  uri: string,
): Promise<{ uri: string; manifest: Manifest }[]> {
  const found: { uri: string; manifest: Manifest }[] = [];
  for (const artefact of await deps.artifacts.list(uri)) {
    const manifest = await deps.artifacts.read(artefact);
    if (manifest !== null) found.push({ uri: artefact, manifest });
  }
  return found;
}

/** Of one night, the release made last comes first (sort is stable). */
function latestNightFirst(a: { night: string }, b: { night: string }): number {
  return a.night === b.night ? 0 : a.night < b.night ? 1 : -1;
}

function newestFirst(a: { at: number; id: string }, b: { at: number; id: string }): number {
  return b.at - a.at || (a.id < b.id ? 1 : -1);
}
