import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseStore } from '../activities/deps.js';
import type { Model } from '../core/ranking/model.js';
import type { Behaviour, ReleaseManifest } from '../contracts/release.js';
import { openSimilar } from '../core/similar/similar-table.js';
import type { ServedFormula, ServedLists, ServingStore } from './deps.js';

export interface LiveServing extends ServingStore {
  /** Looks at the channels now. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface ServingOptions {
  /** How often the channels are looked at, ms; absent: once, when opened. */
  pollMs?: number;
  /** How long a replaced release stays open, ms. */
  graceMs?: number;
  /** Hears of every switch, and once of every release that cannot be served. */
  onSwitch?: (channel: string, releaseId: string) => void;
  onError?: (channel: string, error: unknown) => void;
}

/**
 * The releases that the channels `default` and `formula` of a warehouse point at, opened and followed.
 * 1. A switch replaces one reference: every request sees one release, whole.
 * 2. A release that cannot be opened is reported once and tried again; what was served stays. When nothing is being
 *    served yet, the newest earlier release of the channel that opens stands in.
 * 3. The replaced release is closed after a grace period.
 */
export async function openServing(
  warehouse: string,
  releases: ReleaseStore,
  { pollMs, graceMs = 2000, onSwitch = () => {}, onError = () => {} }: ServingOptions = {},
): Promise<LiveServing> {
  const events = { onSwitch, onError };
  const lists = followChannel(
    releases,
    'default',
    (id) => openLists(warehouse, releases, id),
    graceMs,
    events,
  );
  const formula = followChannel(
    releases,
    'formula',
    (id) => openFormula(warehouse, releases, id),
    graceMs,
    events,
  );
  const refresh = async () => {
    await formula.refresh();
    await lists.refresh();
  };
  await refresh();

  let timer: NodeJS.Timeout | undefined;
  let polling = Promise.resolve();
  const poll = () => {
    polling = refresh().then(schedule, schedule);
  };
  const schedule = () => {
    if (pollMs !== undefined) timer = setTimeout(poll, pollMs).unref();
  };
  schedule();
  return {
    lists: () => lists.current(),
    formula: () => formula.current(),
    refresh,
    async close() {
      pollMs = undefined;
      clearTimeout(timer);
      await polling;
      await Promise.all([lists.close(), formula.close()]);
    },
  };
}

interface Opened<T> {
  served: T;
  close(): Promise<void>;
}

function followChannel<T extends { releaseId: string }>(
  releases: ReleaseStore,
  channel: string,
  open: (releaseId: string) => Promise<Opened<T>>,
  graceMs: number,
  { onSwitch, onError }: Required<Pick<ServingOptions, 'onSwitch' | 'onError'>>,
) {
  let current: Opened<T> | null = null;
  const retired = new Map<Opened<T>, NodeJS.Timeout>();
  const reported = new Set<string>();

  const report = (what: string, error: unknown) => {
    if (reported.has(what)) return;
    reported.add(what);
    onError(channel, error);
  };
  /** True when `releaseId` is what is being served now. */
  const serve = async (releaseId: string): Promise<boolean> => {
    if (releaseId === current?.served.releaseId) return true;
    try {
      const next = await open(releaseId);
      if (current !== null) retire(current);
      current = next;
    } catch (error) {
      report(releaseId, error);
      return false;
    }
    reported.delete(releaseId);
    onSwitch(channel, releaseId);
    return true;
  };
  const retire = (old: Opened<T>) => {
    const done = () => {
      retired.delete(old);
      old.close().catch((error: unknown) => onError(channel, error));
    };
    retired.set(old, setTimeout(done, graceMs).unref());
  };
  const refresh = async () => {
    try {
      const entry = await releases.current(channel);
      if (entry === null || (await serve(entry.releaseId)) || current !== null) return;
      const history = await releases.history(channel);
      for (const { releaseId } of history.reverse()) if (await serve(releaseId)) return;
    } catch (error) {
      report(String(error), error);
    }
  };
  return {
    refresh,
    current: () => current?.served ?? null,
    async close() {
      for (const timer of retired.values()) clearTimeout(timer);
      const all = [...retired.keys(), ...(current === null ? [] : [current])];
      retired.clear();
      current = null;
      await Promise.all(all.map((opened) => opened.close()));
    },
  };
}

/** Opens a personal release, on a channel or not yet. */
export async function openLists(
  warehouse: string,
  releases: ReleaseStore,
  releaseId: string,
): Promise<Opened<ServedLists>> {
  const { night } = await wholeManifest(warehouse, releases, releaseId);
  const reader = await releases.readLists(releaseId);
  let model: Promise<Model | null> | undefined;
  let behaviour: Promise<Behaviour | null> | undefined;
  return {
    served: {
      releaseId,
      night,
      get: (pid) => reader.packed(pid),
      peek: (pid) => reader.peek(pid),
      films: reader.films,
      behaviour: () => (behaviour ??= releases.readBehaviour(releaseId)),
      model: () => (model ??= releases.readModel(releaseId)),
      similar: await similarOf(releases, releaseId, reader.films),
    },
    close: () => reader.close(),
  };
}

async function openFormula(
  warehouse: string,
  releases: ReleaseStore,
  releaseId: string,
): Promise<Opened<ServedFormula>> {
  const { night } = await wholeManifest(warehouse, releases, releaseId);
  const lists = await releases.readFormula(releaseId);
  const similar = await similarOf(
    releases,
    releaseId,
    lists.films.map(({ filmId }) => filmId),
  );
  return { served: { releaseId, night, lists, similar }, close: async () => {} };
}

async function similarOf(releases: ReleaseStore, releaseId: string, filmIds: readonly string[]) {
  const table = await releases.readSimilar(releaseId);
  return table === null ? undefined : openSimilar(table, filmIds);
}

/**
 * The manifest, if every file it names is there in its full size. Contents were hashed when the release was made; a
 * short file is what a broken copy leaves, and mapping one would kill the process at the first missing page.
 */
async function wholeManifest(
  warehouse: string,
  releases: ReleaseStore,
  releaseId: string,
): Promise<ReleaseManifest> {
  const manifest = await releases.manifest(releaseId);
  if (manifest === null) throw new Error(`release ${releaseId} is not in ${warehouse}`);
  for (const { path, bytes } of manifest.files) {
    const { size } = await stat(join(warehouse, 'releases', releaseId, path));
    if (size !== bytes) throw new Error(`release ${releaseId}: ${path} has ${size} bytes, expected ${bytes}`);
  }
  return manifest;
}
