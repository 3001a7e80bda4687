import { control, warehouse } from './activity-groups.js';
import { runKey } from './run-identity.js';

/**
 * The formula release: weighted rating, Top 50 and New Arrivals from what is in the store now, without any training.
 * On a five-minute schedule and after imports; publishes only when the lists changed.
 */
export async function formula(): Promise<{ releaseId: string; moved: boolean }> {
  const night = await control.planFormula({ runKey: runKey() });
  const { segments, films, viewers } = await warehouse.extractSources({ night });
  const snapshot = await warehouse.stageEvents({ night, segments, films, viewers });
  const rated = await warehouse.buildWeightedRating({ night, snapshot });
  const lists = await warehouse.buildFormula({ night, snapshot, features: { weightedRating: rated } });
  const published = await control.publishFormula({ night, formula: lists, by: 'formula' });
  await control.removeRun({ runId: night.runId });
  return published;
}
