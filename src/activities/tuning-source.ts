import { join } from 'node:path';
import { TRAIN_SHARE, type TuningPlan } from '../core/split/plans.js';
import type { ActivityDeps } from './deps.js';
import type { SplitInput } from './split-parts.js';
import { materialise } from './training-cells.js';

/** The behaviour that a plan splits: all of it up to the plan's own T; per viewer the train part of the gate's split. */
export async function tuningSource(
  { warehouse }: Pick<ActivityDeps, 'warehouse'>,
  { cutoff, asOf }: TuningPlan,
  source: SplitInput,
  folder: string,
  signal: AbortSignal,
): Promise<SplitInput> {
  if (cutoff !== null) return { ...source, asOf };
  const path = join(folder, 'train-events.parquet');
  await warehouse.session(
    async (session) => {
      await session.view('staged_events', source.events);
      await session.set('as_of_night', asOf, 'TIMESTAMP');
      await session.set('train_share', TRAIN_SHARE);
      await materialise(session, 'evaluate/parted_events');
      await session.copy(
        'SELECT * EXCLUDE (is_train) FROM parted_events WHERE is_train ORDER BY event_id',
        path,
      );
    },
    { signal },
  );
  return { ...source, events: [path] };
}
