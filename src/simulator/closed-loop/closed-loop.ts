import type { Config, ViewerEvent } from '../../contracts/index.js';
import type { AlsKernel } from '../../core/als/kernels.js';
import { type AudienceOptions, simulateAudience } from '../audience.js';
import { DAY_MS } from '../rhythm.js';
import type { Tally } from '../viewer-life.js';
import { createHistories } from './histories.js';
import { liveThrough, livesAfter, since } from './storefront.js';
import { type TwinRelease, createTwin } from './twin-night.js';

/** What is on top of the page: a viewer's own list, or the same Top list for everybody. */
export type Policy = 'personal' | 'top';

export interface LoopOptions {
  audience: AudienceOptions;
  nights: number;
  policy: Policy;
  /** Films of the list that the page shows. */
  listLength: number;
  config: Config;
  createKernel: (memory: WebAssembly.Memory, k: number) => AlsKernel;
  orderKey?: (profileId: string) => string;
  /** After each night, before the day that it serves. */
  onNight?: (night: number, release: TwinRelease) => void;
}

export interface LoopResult {
  /** Per viewer, over all days of the loop. */
  tallies: Tally[];
  /** Per day, per viewer. */
  days: Tally[][];
  /** Positive interactions of each viewer on the first night: who is heavy is decided before anything is shown. */
  positives: Int32Array;
  /** Of the pages asked for on the last day, those with a personal list. */
  personalShare: number;
}

/**
 * The closed loop: a night makes lists from all that happened, the next day everybody is shown them and reacts, and so on.
 * With the same options two policies differ by what is shown and by nothing else: the same viewers come at the same times.
 */
export async function closedLoop(options: LoopOptions): Promise<LoopResult> {
  const { config, policy, listLength, nights } = options;
  const audience = simulateAudience(options.audience);
  const films = options.audience.films.map(({ film }) => film);
  const profiles = [...audience.profiles()];
  const histories = createHistories(films, profiles, config);
  const lives = livesAfter(audience, (events) => histories.add(events));
  const twin = createTwin({
    films,
    profiles,
    histories,
    config,
    createKernel: options.createKernel,
    ...(options.orderKey === undefined ? {} : { orderKey: options.orderKey }),
    isTrained: policy === 'personal',
  });
  const start = readings(lives);
  const days: Tally[][] = [];
  let positives = new Int32Array(profiles.length);
  let personalShare = 0;
  const untilMs = options.audience.until.getTime();
  for (let night = 0; night < nights; night += 1) {
    const dayMs = untilMs + night * DAY_MS;
    const release = await twin.night(dayMs);
    options.onNight?.(night, release);
    if (night === 0) positives = Int32Array.from(release.positives());
    const served = { personal: 0, all: 0 };
    const before = readings(lives);
    const { releaseId } = release;
    await liveThrough(audience, lives, dayMs, {
      page: (profileId) => {
        const { servedBy, filmIds } = release[policy](profileId);
        served.all += 1;
        if (servedBy === 'personal') served.personal += 1;
        return {
          surface: policy === 'personal' ? 'for-you' : 'top',
          listId: `${policy}-${releaseId}`,
          releaseId,
          filmIds: filmIds.slice(0, listLength),
        };
      },
      send: (events: ViewerEvent[]) => histories.add(events),
    });
    days.push(since(before, lives));
    personalShare = served.personal / Math.max(1, served.all);
  }
  return { tallies: since(start, lives), days, positives, personalShare };
}

function readings(lives: readonly { tally: Tally }[]): Tally[] {
  return lives.map(({ tally }) => ({ ...tally }));
}
