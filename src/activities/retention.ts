import type { ActivityDeps } from './deps.js';
export function createRetentionActivities(deps: ActivityDeps) {
  return {
    async sweepRetention(_input: object) {
      void deps;
    },
  };
}
