import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityDeps, ArtifactStore, Warehouse } from '../../src/activities/deps.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { SEGMENTS_FILE, type SegmentList } from '../../src/activities/suspect-segments.js';
import { writeJsonFile } from '../../src/activities/write-json.js';
import type { ArtifactRef } from '../../src/contracts/index.js';
import { type Config, configSchema } from '../../src/contracts/config.js';
import { warehouse } from './warehouse-data.js';

export function testStore(root: string): ArtifactStore {
  return createArtifactStore(root, { codeSha256: 'c', configSha256: 'c' }, { now: () => new Date(0) });
}

/** Deps of the stages that work on the warehouse alone; whatever else they touched would be undefined, and fail loudly. */
export function warehouseDeps(
  root: string,
  config: Config = configSchema.parse({}),
  on: Warehouse = warehouse,
): ActivityDeps {
  const deps: Pick<ActivityDeps, 'config' | 'clock' | 'artifacts' | 'warehouse' | 'codeSha256'> = {
    config,
    clock: { now: () => new Date(0) },
    artifacts: testStore(root),
    warehouse: on,
    codeSha256: 'c',
  };
  return deps as ActivityDeps;
}

/** Runs an activity as a worker would; `heartbeats` collects what it said. */
export async function runActivity<I, O>(
  activity: (input: I) => Promise<O>,
  input: I,
  options: { heartbeats?: unknown[]; resume?: unknown } = {},
): Promise<O> {
  const environment = new MockActivityEnvironment(
    { heartbeatDetails: options.resume },
    { logger: new DefaultLogger('ERROR') },
  );
  environment.on('heartbeat', (details: unknown) => options.heartbeats?.push(details));
  return (await environment.run(activity, input)) as O;
}

let lists = 0;
/** The segments that an extraction would have listed for a night. */
export function segmentList(
  { artifacts }: Pick<ActivityDeps, 'artifacts'>,
  segments: string[],
  suspects: SegmentList['suspects'] = [],
): Promise<ArtifactRef> {
  return artifacts.write(`lists/${lists++}`, { schema: 'segments/1', inputs: [] }, async (folder) => ({
    files: [await writeJsonFile(folder, SEGMENTS_FILE, { segments, suspects })],
  }));
}
