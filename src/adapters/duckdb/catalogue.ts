import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ActivityDeps, ArtifactStore } from '../../activities/deps.js';
import { snapshotFiles } from '../../activities/snapshot.js';
import { type ArtifactRef, type Manifest, refOf } from '../../contracts/artifacts.js';

/** Views an analyst sees, and the Parquet files each reads. A table that no run has written yet is absent. */
export type Catalogue = Record<string, string[]>;

const TABLES: Record<string, string> = {
  films: 'extract/films',
  viewers: 'extract/viewers',
  interactions: 'features/interactions',
  feat_viewer: 'features/feat_viewer',
  feat_film: 'features/feat_film',
  mart_weighted_rating: 'features/mart_weighted_rating',
  mart_popularity: 'features/mart_popularity',
};

/** The tables of the newest run that has features (its snapshot's events with them), and the newest run's lists. */
export async function currentCatalogue(artifacts: ArtifactStore): Promise<Catalogue> {
  const runs = await runsNewestFirst(artifacts);
  const catalogue: Catalogue = {};
  const built = runs.find((run) => run.parts.has('features/mart_weighted_rating')) ?? runs[0];
  if (built !== undefined) {
    const events = built.parts.get('stage/events');
    if (events !== undefined)
      catalogue['events'] = await snapshotFiles(artifacts, refOf(`${built.uri}/stage/events`, events));
    for (const [view, part] of Object.entries(TABLES)) {
      const manifest = built.parts.get(part);
      if (manifest !== undefined)
        catalogue[view] = await artifacts.files(refOf(`${built.uri}/${part}`, manifest));
    }
  }
  const scored = runs.find((run) => [...run.parts.keys()].some((part) => part.startsWith('score/')));
  if (scored !== undefined) {
    const files: string[] = [];
    for (const [part, manifest] of scored.parts) {
      if (part.startsWith('score/'))
        files.push(...(await artifacts.files(refOf(`${scored.uri}/${part}`, manifest))));
    }
    catalogue['lists'] = files.filter((file) => file.endsWith('/lists.parquet'));
  }
  return Object.fromEntries(Object.entries(catalogue).filter(([, files]) => files.length > 0));
}

/** What the newest night that has features was built from, and its table of viewers; null when there is none. */
export async function newestFeatures(
  artifacts: ArtifactStore,
): Promise<Record<'events' | 'films' | 'viewers' | 'featViewers', ArtifactRef> | null> {
  const run = (await runsNewestFirst(artifacts)).find(({ parts }) => parts.has('features/feat_viewer'));
  const ref = (part: string): ArtifactRef => {
    const manifest = run?.parts.get(part);
    if (run === undefined || manifest === undefined)
      throw new Error(`${run?.uri} has features, but no ${part}`);
    return refOf(`${run.uri}/${part}`, manifest);
  };
  return run === undefined
    ? null
    : {
        events: ref('stage/events'),
        films: ref('extract/films'),
        viewers: ref('extract/viewers'),
        featViewers: ref('features/feat_viewer'),
      };
}

interface Run {
  uri: string;
  /** Artefacts by their path inside the run. */
  parts: Map<string, Manifest>;
  createdAt: string;
}

async function runsNewestFirst(artifacts: ArtifactStore): Promise<Run[]> {
  const runs = new Map<string, Run>();
  for (const uri of await artifacts.list('runs')) {
    const [, id = ''] = uri.split('/');
    const manifest = await artifacts.read(uri);
    if (manifest === null) continue;
    const run = runs.get(id) ?? { uri: `runs/${id}`, parts: new Map<string, Manifest>(), createdAt: '' };
    run.parts.set(uri.split('/').slice(2).join('/'), manifest);
    if (manifest.createdAt > run.createdAt) run.createdAt = manifest.createdAt;
    runs.set(id, run);
  }
  return [...runs.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** A view's text. File names are ours, but a home may be anywhere: quotes in its path are doubled. */
export function viewSql(name: string, files: string[]): string {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`not a plain view name: ${name}`);
  const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
  return `CREATE VIEW ${name} AS FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false)`;
}

/**
 * Writes `file` (warehouse.duckdb): a DuckDB database that holds only views, for analysts' own tools. It replaces the old
 * one by rename, so that whoever has that open keeps it, and nobody is ever locked out of the Parquet beneath.
 */
export async function writeCatalogue(file: string, catalogue: Catalogue): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.tmp-${randomUUID()}`;
  try {
    const instance = await DuckDBInstance.create(draft);
    const connection = await instance.connect();
    try {
      for (const [name, files] of Object.entries(catalogue)) await connection.run(viewSql(name, files));
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
    await rm(`${draft}.wal`, { force: true });
  }
}

/** `warehouse.duckdb` beside the data: views over the newest run. */
export function createAnalystViews(artifacts: ArtifactStore): ActivityDeps['analysts'] {
  return {
    refresh: async () =>
      writeCatalogue(join(artifacts.root, 'warehouse.duckdb'), await currentCatalogue(artifacts)),
  };
}
