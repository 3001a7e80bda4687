import { profileMaxAge } from '../core/age-gate/index.js';
import { createChannelActivities } from './channels.js';
import { createCheckActivities } from './check.js';
import type { ExtractDeps } from './deps.js';
import { createEvaluateActivities } from './evaluate.js';
import { createExtractActivities } from './extract.js';
import { createFeaturesActivities } from './features.js';
import { createFormulaActivities } from './formula.js';
import { buildRelevance, buildTrainPart } from './interactions.js';
import { createPlanActivities } from './plan.js';
import { createPublishActivities } from './publish.js';
import { effectOfCode } from './repro/code-effect.js';
import { createRetentionActivities } from './retention.js';
import { createScoreActivities } from './score.js';
import { snapshotFiles } from './snapshot.js';
import { createStageActivities } from './stage.js';
import { createTrainActivities, fitAgain } from './train.js';

/** All activities, in stage order. Their names are wire names: renaming one is a migration. */
export function createActivities(deps: ExtractDeps) {
  return {
    ...createPlanActivities(deps),
    ...createExtractActivities(deps),
    ...createStageActivities(deps),
    ...createCheckActivities(deps),
    ...createFeaturesActivities(deps, profileMaxAge),
    ...createFormulaActivities(deps),
    ...createTrainActivities(deps),
    ...createEvaluateActivities({
      ...deps,
      split: { buildRelevance, buildTrainPart, snapshotFiles },
      refit: (...work) => fitAgain(deps, ...work),
      effectOfCode: (...work) => effectOfCode(deps, ...work),
    }),
    ...createScoreActivities(deps),
    ...createPublishActivities(deps),
    ...createChannelActivities(deps),
    ...createRetentionActivities(deps),
  };
}
export type Activities = ReturnType<typeof createActivities>;
