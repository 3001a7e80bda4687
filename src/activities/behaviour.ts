import { z } from 'zod';
import type { ArtifactRef, Behaviour } from '../contracts/index.js';
import type { ArtifactStore } from './deps.js';

/** `behaviour.json` of a release: a viewer can be refreshed by itself between nights (api/refresh.ts). */
export const BEHAVIOUR_FILE = 'behaviour.json';

/** Facts of the interactions' manifest, as buildFeatures leaves them. */
const factsSchema = z.object({
  brigades: z.array(z.object({ film_id: z.string(), event_date: z.string() })),
  population: z.object({ mean_rating_micro: z.number().int(), busiest_day: z.number().int().nullable() }),
});

/** null where the interactions do not say, as those of earlier versions. */
export async function behaviourOf(
  artifacts: Pick<ArtifactStore, 'read'>,
  interactions: ArtifactRef,
): Promise<Behaviour | null> {
  const manifest = await artifacts.read(interactions.uri);
  const facts = factsSchema.safeParse(manifest?.facts);
  if (!facts.success) return null;
  const { brigades, population } = facts.data;
  return {
    meanRatingMicro: population.mean_rating_micro,
    busiestDay: population.busiest_day,
    brigades: brigades.map(({ film_id, event_date }) => ({ filmId: film_id, date: event_date })),
  };
}
