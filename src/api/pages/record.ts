import type { ViewerEvent } from '../../contracts/events.js';
import { HttpProblem } from '../problem.js';
import { TimedOut, within } from '../within.js';
import { NO_SUCH_PAGE, STORE_DOWN } from './fault.js';
import { type House, PageFault } from './house.js';

/** Where an event of a form says it came from, in the operational store. */
const SOURCE = 'shop';
/** Longest wait for a list that knows of an act which is stored already, ms. */
const REFRESH_MS = 700;

/** Stores what a viewer did here; the lists of the pages that come after know of it. */
export async function recordEvents(house: House, profileId: string, events: ViewerEvent[]): Promise<void> {
  const { deps, exclusions } = house.shared;
  const { unknownUsers } = await stored(house, deps.store.saveEvents(events, SOURCE));
  if (unknownUsers.length > 0) throw new PageFault(NO_SUCH_PAGE);
  exclusions.heed(events);
  await refreshLists(house, profileId);
}

/** Waits for the store no longer than a reader would; what was not stored is said to be so. */
export function stored<T>(house: House, work: Promise<T>): Promise<T> {
  return house.store(work).catch((error: unknown) => {
    house.shared.fail('what a viewer said was not stored', error);
    throw new PageFault(STORE_DOWN);
  });
}

/**
 * The next page shows a list that knows of the act. Where that cannot be, the list that was served stays; where it takes longer,
 * the page after that shows it. The act is stored either way.
 */
export async function refreshLists({ shared }: House, profileId: string): Promise<void> {
  try {
    await within(shared.refresh(profileId), REFRESH_MS, 'a refresh');
  } catch (error) {
    if (!(error instanceof HttpProblem || error instanceof TimedOut))
      shared.fail('a list was not refreshed', error);
  }
}
