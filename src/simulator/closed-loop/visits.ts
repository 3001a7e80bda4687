import type { Config, ViewerEvent } from '../../contracts/index.js';
import { DAY_MS } from '../../core/feedback/index.js';

interface Visit {
  viewer: number;
  day: number;
  events: number;
  dwellMs: number[];
}

/** What passed by on the screen is not what its viewer dwelt on. */
const PASSING: ReadonlySet<ViewerEvent['type']> = new Set(['impression', 'scroll']);

/** What each viewer did on each day, as far as telling bots takes it (science A.2). */
export interface Visits {
  add(viewer: number, event: ViewerEvent): void;
  /** Days (since 1970) of each viewer that pass for a bot's, by all that happened before T; most viewers have none. */
  botDays(asOfMs: number): Map<number, Set<number>>;
}

export function createVisits({ quantile, maxMedianDwellMs }: Config['filters']['bots']): Visits {
  const visits = new Map<string, Visit>();
  const keyOf = (viewer: number, day: number) => `${viewer} ${day}`;
  return {
    add(viewer, { ts, type, dwellMs }) {
      const day = Math.floor(Date.parse(ts) / DAY_MS);
      const key = keyOf(viewer, day);
      let visit = visits.get(key);
      if (visit === undefined) visits.set(key, (visit = { viewer, day, events: 0, dwellMs: [] }));
      visit.events += 1;
      if (dwellMs !== undefined && !PASSING.has(type)) visit.dwellMs.push(dwellMs);
    },
    botDays(asOfMs) {
      const counted = [...visits.values()].filter(({ day }) => day * DAY_MS < asOfMs);
      const busiest = discreteQuantile(
        counted.map(({ events }) => events),
        quantile,
      );
      const bots = new Map<number, Set<number>>();
      for (const { viewer, day, events, dwellMs } of counted) {
        if (!(events > busiest && discreteQuantile(dwellMs, 0.5) < maxMedianDwellMs)) continue;
        bots.set(viewer, (bots.get(viewer) ?? new Set()).add(day));
      }
      return bots;
    },
  };
}

/** The smallest value that at least this share of the values does not exceed; NaN when there are none. */
function discreteQuantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  // n − ⌊n − q·n⌋ rather than ⌈q·n⌉: DuckDB's own rounding where q·n is nearly whole.
  const rank = sorted.length - Math.floor(sorted.length - share * sorted.length);
  return sorted[Math.max(1, rank) - 1] ?? Number.NaN;
}
