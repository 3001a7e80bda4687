import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Audience, AudienceOptions, TruthSink } from '../../simulator/index.js';
import { type LineFile, openLineFile } from './line-file.js';

export interface TruthFiles {
  sink: TruthSink;
  flush(): Promise<void>;
  /** Viewers and films besides, then all files are closed. */
  close(audience: Audience, options: AudienceOptions): Promise<void>;
}

/**
 * What only the simulation knows, as NDJSON in a folder of its own, never beside the events: `viewers` (taste, activity,
 * when the taste changes), `films` (vector, quality, popularity), `churn` (every hazard and its draw), and, when asked for,
 * `exposures` (every film examined, with θ(position) and P(play | examined)): ten times as much as the events.
 */
export async function openTruth(folder: string, withExposures: boolean): Promise<TruthFiles> {
  await mkdir(folder, { recursive: true });
  const open = (name: string) => openLineFile(join(folder, `${name}.ndjson`));
  const churn = open('churn');
  const exposures = withExposures ? open('exposures') : null;
  const files: LineFile[] = exposures === null ? [churn] : [churn, exposures];
  return {
    sink: {
      onChurnDraw: ({ profileId, dayMs, hazard, isLeaving }) =>
        churn.add(JSON.stringify({ user_id: profileId, at: isoOf(dayMs), hazard, is_leaving: isLeaving })),
      ...(exposures === null
        ? {}
        : {
            onExposure: (seen) =>
              exposures.add(
                JSON.stringify({
                  user_id: seen.profileId,
                  film_id: seen.filmId,
                  at: isoOf(seen.atMs),
                  surface: seen.surface,
                  position: seen.position,
                  examination: seen.examination,
                  play: seen.play,
                  is_played: seen.isPlayed,
                }),
              ),
          }),
    },
    async flush() {
      for (const file of files) await file.flush();
    },
    async close(audience, options) {
      const viewers = open('viewers');
      const films = open('films');
      let count = 0;
      for (const { profile, age, taste, activity, ratingBias, drift } of audience.truth.viewers()) {
        viewers.add(
          JSON.stringify({
            user_id: profile.profileId,
            age,
            taste: [...taste],
            activity,
            rating_bias: ratingBias,
            drift_at: drift === null ? null : isoOf(audience.days[drift.day] ?? Number.NaN),
            drift_taste: drift === null ? null : [...drift.taste],
          }),
        );
        if ((count += 1) % 2000 === 0) await viewers.flush();
      }
      for (const { film } of options.films) {
        const known = audience.truth.film(film.filmId);
        if (known === undefined) continue;
        const { vector, quality, popularity } = known;
        films.add(JSON.stringify({ film_id: film.filmId, vector: [...vector], quality, popularity }));
      }
      for (const file of [...files, viewers, films]) await file.close();
    },
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
