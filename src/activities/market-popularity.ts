import { sharedFloat64, sharedInt32 } from '../core/als/cells.js';
import type { GroupedScorer } from '../core/metrics/judgement.js';
import type { Session } from './deps.js';

/** Window of the popularity baseline, as of the cut. */
export const POPULARITY_DAYS = 28;

/** Scores of the catalogue's films by market, and the market of each measured viewer. */
export type MarketPopularity = Pick<GroupedScorer, 'scores' | 'groupOf'>;

/**
 * The popularity baseline: viewers of the viewer's own market who came to like the film in the last 28 days; films with
 * equally many by what all markets liked, which thus decides in a market where nothing happened. Of all time where nobody liked
 * anything in those days. Reads `interactions`, `feat_viewer` and `catalogue` of the session.
 */
export async function marketPopularity(
  session: Session,
  films: readonly { positives: number; recent_positives: number }[],
  marketOf: readonly string[],
): Promise<MarketPopularity & { notes: string[] }> {
  const markets = [...new Set(marketOf)].sort();
  const scores = sharedFloat64(markets.length * films.length);
  const groupOf = sharedInt32(marketOf.length);
  const number = new Map(markets.map((market, n) => [market, n]));
  marketOf.forEach((market, viewer) => {
    groupOf[viewer] = number.get(market)!;
  });
  const isRecent = films.some((film) => film.recent_positives > 0);
  const everywhere = films.map((film) => (isRecent ? film.recent_positives : film.positives));
  const below1 = 1 / (1 + everywhere.reduce((most, count) => Math.max(most, count), 0));
  for (let n = 0; n < scores.length; n++) scores[n] = everywhere[n % films.length]! * below1;
  const rows = await session.rowsOf<{ market: string; film: number; recent_positives: number }>(
    'evaluate/market_positives',
  );
  for (const { market, film, recent_positives } of rows) {
    const group = number.get(market);
    if (group !== undefined) scores[group * films.length + film]! += recent_positives;
  }
  return {
    scores,
    groupOf,
    notes: isRecent
      ? []
      : [`popularity is of all time: nothing in the ${POPULARITY_DAYS} days before the cut`],
  };
}
