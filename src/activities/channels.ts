import type { BackfillProgress } from '../contracts/night.js';
import { isHeldBack } from '../core/gate/ops.js';
import type { ActivityDeps } from './deps.js';

export interface ServedRelease {
  seq: number;
  releaseId: string | null;
  /** Made by a model; false for lists of the formula alone. */
  isPersonal: boolean;
}

/** Small activities around channels and runs. */
export function createChannelActivities(deps: Pick<ActivityDeps, 'releases' | 'artifacts'>) {
  return {
    /** What a channel points at; seq 0 when it was never moved. */
    async currentRelease({ channel }: { channel: string }): Promise<ServedRelease> {
      const current = await deps.releases.current(channel);
      if (current === null) return { seq: 0, releaseId: null, isPersonal: false };
      const manifest = await deps.releases.manifest(current.releaseId);
      return { seq: current.seq, releaseId: current.releaseId, isPersonal: manifest?.model != null };
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
      const release = await deps.releases.manifest(last.releaseId);
      if (release === null) {
        return {
          releaseId: null,
          reason: `${last.releaseId} is not in the warehouse any more; run the night of ${last.date} again`,
        };
      }
      if (isHeldBack(release)) {
        return { releaseId: null, reason: `${last.releaseId}: ${release.verdict?.reasons.join('; ') ?? ''}` };
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
