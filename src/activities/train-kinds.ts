import type { ModelKind } from '../contracts/index.js';
import { type Checkpoints, NO_CHECKPOINTS } from './checkpoint.js';
import type { ActivityDeps } from './deps.js';
import { trainAls } from './train-als.js';
import { trainEase } from './train-ease.js';
import type { Training, TrainedModel } from './trained-model.js';

/** Throws ModelDiverged for good. `checkpoints`: of ALS, which takes epochs; EASE is one sweep and starts over. */
export function trainKind(
  deps: Pick<ActivityDeps, 'config' | 'trainer'>,
  kind: ModelKind,
  training: Training,
  checkpoints: Checkpoints = NO_CHECKPOINTS,
): Promise<TrainedModel> {
  switch (kind) {
    case 'als':
      return trainAls(deps, training, checkpoints);
    case 'ease':
      return trainEase(deps, training);
  }
}
