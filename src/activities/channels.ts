import type { BackfillProgress } from '../contracts/night.js';
import type { ChannelEntry } from '../contracts/release.js';
import type { ActivityDeps } from './deps.js';

/** Small activities around channels and runs. */
export function createChannelActivities(deps: ActivityDeps) {
  return {
    async currentRelease({ channel }: { channel: string }): Promise<ChannelEntry | null> {
      return deps.releases.current(channel);
    },

    /** The one move of the channel at a backfill's end: to its last day's release, unless something newer is served. */
    async publishBackfill({ days }: Pick<{ days: BackfillProgress['done'] }, 'days'>): Promise<{
      releaseId: string | null;
      reason: string;
    }> {
      const last = days.at(-1);
      if (last?.releaseId === undefined) {
        return {
          releaseId: null,
          reason: `${last?.date ?? 'the last day'} has no release (${last?.error ?? last?.kind ?? 'not run'})`,
        };
      }
      const current = await deps.releases.current('default');
      const served = current === null ? null : await deps.releases.manifest(current.releaseId);
      if (served !== null && served.night > last.date) {
        return { releaseId: null, reason: `${served.releaseId} of ${served.night} is newer and stays` };
      }
      const to = {
        releaseId: last.releaseId,
        expectSeq: current?.seq ?? 0,
        by: 'backfill',
        reason: `backfill up to ${last.date}`,
      };
      const outcome = await deps.releases.flip('default', to);
      return {
        releaseId: last.releaseId,
        reason: outcome === 'flipped' ? 'now served' : 'was served already',
      };
    },

    /** A formula run leaves nothing but its release. */
    async removeRun({ runId }: { runId: string }): Promise<void> {
      await deps.artifacts.remove(`runs/${runId}`);
    },
  };
}
