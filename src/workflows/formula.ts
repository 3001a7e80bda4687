import { CancellationScope } from '@temporalio/workflow';
import { control, warehouse } from './activity-groups.js';
import { runKey } from './run-identity.js';

/**
 * The formula release: weighted rating, Top 50 and New Arrivals from what is in the store now, without any training.
 * On a five-minute schedule and after imports; the channel moves only when the lists changed.
 */
export async function formula(): Promise<{ releaseId: string; kind: 'flipped' | 'already' | 'superseded' }> {
  const night = await control.planFormula({ runKey: runKey() });
  const { runId, asOf } = night;
  try {
    const { segments } = await warehouse.extractSources({ night });
    const snapshot = await warehouse.stageEvents({ night, segments });
    const rated = await warehouse.rateFilms({ night, snapshot });
    const lists = await warehouse.buildFormula({ runId, asOf, films: snapshot.films, ...rated });
    return await control.publishFormula({ formula: lists, asOf, by: 'formula' });
  } finally {
    await CancellationScope.nonCancellable(() => control.removeRun({ runId }));
  }
}
