import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifacts.js';
import type { ArtifactStore } from './deps.js';

/** File of one day version: `events/day=<YYYY-MM-DD>/v=<12 hex>/events.parquet`. */
export const EVENTS_FILE = 'events.parquet';

/** What a snapshot's manifest says about itself. */
export const snapshotFactsSchema = z.object({
  firstDay: z.string(),
  lastDay: z.string(),
  days: z.number().int(),
  changedDays: z.number().int(),
  /** Rows that staging took out of these days because their event was there already. */
  repeats: z.number().int(),
});

/** Absolute paths of the day files that a snapshot pins, oldest day first. They never change under a running night. */
export async function snapshotFiles(artifacts: ArtifactStore, snapshot: ArtifactRef): Promise<string[]> {
  const manifest = await artifacts.read(snapshot.uri);
  if (manifest === null)
    throw new Error(`snapshot ${snapshot.uri} is not in the warehouse ${artifacts.root}`);
  return manifest.inputs.map(({ uri }) => `${artifacts.path(uri)}/${EVENTS_FILE}`);
}
