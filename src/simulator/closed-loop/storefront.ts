import type { ViewerEvent } from '../../contracts/index.js';
import type { Audience } from '../audience.js';
import type { Row } from '../session.js';
import type { Tally, ViewerLife } from '../viewer-life.js';

/** A list as a page shows it to one viewer. */
export interface ServedPage {
  surface: string;
  /** What made the list, where it is known. */
  servedBy?: string;
  listId: string;
  releaseId: string;
  filmIds: string[];
}

/** The product from a viewer's side: what is on top of the page, and where what they do goes. */
export interface Storefront {
  /** null: nothing is served. */
  page(profileId: string): Promise<ServedPage | null> | ServedPage | null;
  /** Everything that one viewer did on one day, in the order of time. */
  send(events: ViewerEvent[]): Promise<void> | void;
}

/** Lives of all viewers of an audience, at the end of its period; `onEvents` hears what they did in it. */
export function livesAfter(audience: Audience, onEvents: (events: ViewerEvent[]) => void): ViewerLife[] {
  return Array.from(audience.truth.viewers(), (viewer) => {
    const life = audience.life(viewer);
    for (const dayMs of audience.days) {
      const events = life.day(dayMs);
      if (events.length > 0) onEvents(events);
    }
    return life;
  });
}

/** One day of everybody's life in front of a storefront. Films that it shows and the simulation does not know are passed over. */
export async function liveThrough(
  audience: Audience,
  lives: readonly ViewerLife[],
  dayMs: number,
  storefront: Storefront,
): Promise<void> {
  for (const life of lives) {
    // Most viewers do not come today: nobody asks for their list.
    const page = life.starts(dayMs).length > 0 ? await storefront.page(life.viewer.profile.profileId) : null;
    const events = life.day(dayMs, page === null ? null : rowOf(audience, page));
    if (events.length > 0) await storefront.send(events);
  }
}

function rowOf(audience: Audience, { surface, listId, releaseId, filmIds }: ServedPage): Row {
  const films = filmIds.flatMap((filmId) => audience.truth.film(filmId) ?? []);
  return { surface, listId, releaseId, films, isMeasured: true };
}

/** What happened between two readings of the same viewers' tallies. */
export function since(before: readonly Tally[], lives: readonly ViewerLife[]): Tally[] {
  return lives.map(({ tally }, at) => {
    const earlier = before[at];
    return {
      sessions: tally.sessions - (earlier?.sessions ?? 0),
      plays: tally.plays - (earlier?.plays ?? 0),
      completions: tally.completions - (earlier?.completions ?? 0),
      watchedSec: tally.watchedSec - (earlier?.watchedSec ?? 0),
    };
  });
}
