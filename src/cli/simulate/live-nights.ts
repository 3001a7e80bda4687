import { setTimeout as sleep } from 'node:timers/promises';
import { createOperationalStore } from '../../adapters/postgres/operational-store.js';
import { createReleaseStore } from '../../adapters/releases/release-store.js';
import { makeKey } from '../../api/auth/api-key.js';
import { startServer } from '../../api/server.js';
import type { Settings } from '../../config.js';
import type { NightResult } from '../../contracts/night.js';
import { homePaths, pidKey } from '../../embedded/home.js';
import { keyMirror, tokenKey } from '../../embedded/secrets.js';
import {
  type AudienceOptions,
  type Tally,
  type ViewerLife,
  liveThrough,
  livesAfter,
  since,
  simulateAudience,
} from '../../simulator/index.js';
import type { ViewerEvent } from '../../contracts/index.js';
import { systemClock } from '../../worker/compose.js';
import type { Running } from '../context.js';
import { createHttpStorefront } from './http-storefront.js';
import { isoDay } from './plan.js';
import { loadSimulated } from './to-store.js';

const DAY_MS = 86_400_000;
/** A release is served this long after its night at the latest. */
const SERVED_WITHIN_MS = 30_000;

export interface LiveOptions {
  settings: Settings;
  running: Running;
  audience: AudienceOptions;
  source: string;
  mayMix: boolean;
  nights: number;
  listLength: number;
  hooks?: LiveHooks;
}

export interface LiveHooks {
  /** What viewers did before the first night, and on each day after it; before it is sent. */
  onEvents?: (events: ViewerEvent[]) => void;
  /** A night is over and its release is served: before the day of which `dayMs` is the start. */
  onNight?: (night: { dayMs: number; result: NightResult }) => Promise<void>;
  /** What a viewer was shown. */
  onPage?: (profileId: string, page: { servedBy: string; filmIds: string[] }) => void;
  onDay?: (day: LivedDay) => void;
}

export interface LivedDay {
  date: string;
  result: NightResult;
  /** Pages that were asked for, by who made them. */
  pages: Record<string, number>;
  events: number;
  /** Of all viewers, in the order of profiles. */
  tallies: Tally[];
}

/**
 * The loop, closed on the product: history is loaded, a night runs, the API (in this process, its clock at the simulated day)
 * serves the release, viewers ask it for their lists, react with position bias and post what they do with list, release and
 * position, and the next night learns from that. Days lie in the past, for a night of a day that has not begun is refused.
 */
export async function liveNights(options: LiveOptions): Promise<LivedDay[]> {
  const { settings, running, nights, listLength, hooks = {} } = options;
  const audience = simulateAudience(options.audience);
  await loadSimulated({
    store: running.store,
    source: options.source,
    audience: options.audience,
    truth: null,
    mayMix: options.mayMix,
    onViewer: () => undefined,
  });
  const untilMs = options.audience.until.getTime();
  // Who was watching at the last midnight of the history goes on into the first day.
  const overnight: ViewerEvent[] = [];
  const lives = livesAfter(audience, (events) => {
    hooks.onEvents?.(events);
    for (const event of events) if (Date.parse(event.ts) >= untilMs) overnight.push(event);
  });
  let nowMs = untilMs;
  const clock = { now: () => new Date(nowMs) };
  const store = createOperationalStore(running.databaseUrl, { clock, connections: 4 });
  const home = homePaths(settings.home);
  // A key of this loop's own, good for as long as it runs.
  const { text: key, stored } = makeKey(
    { label: 'matinee simulate live', scopes: ['storefront', 'ingest'], expiresAt: null },
    systemClock.now(),
  );
  await store.keys.add(stored);
  const server = await startServer(settings, {
    port: 0,
    pidKey: await pidKey(home),
    store,
    auth: { keys: store.keys, mirror: keyMirror(home), tokenKey: await tokenKey(home) },
    clock,
    log: { write: () => undefined },
  });
  const releases = createReleaseStore(settings.warehouse, clock);
  const storefront = createHttpStorefront({
    api: server.url,
    listLength,
    headers: { authorization: `Bearer ${key}` },
  });
  const days: LivedDay[] = [];
  try {
    const client = await running.nights();
    for (let night = 0; night < nights; night += 1) {
      const dayMs = untilMs + night * DAY_MS;
      nowMs = dayMs + DAY_MS / 2;
      const handle = await client.startNight({ date: isoDay(dayMs - DAY_MS) }, 'live');
      const result = (await handle.result()) as NightResult;
      await untilServed(server.url, (await releases.current('default'))?.releaseId ?? null);
      await hooks.onNight?.({ dayMs, result });
      days.push(await liveDay(dayMs, result, lives));
      hooks.onDay?.(days.at(-1)!);
    }
    return days;
  } finally {
    await server.close();
    await store.keys.revoke(stored.keyId, systemClock.now());
    await store.close();
  }

  async function liveDay(dayMs: number, result: NightResult, all: ViewerLife[]): Promise<LivedDay> {
    const before = all.map(({ tally }) => ({ ...tally }));
    const pages: Record<string, number> = {};
    let events = 0;
    await storefront.send(overnight.splice(0));
    await liveThrough(audience, all, dayMs, {
      async page(profileId) {
        const page = await storefront.page(profileId);
        if (page === null) return null;
        const servedBy = page.servedBy ?? 'unknown';
        pages[servedBy] = (pages[servedBy] ?? 0) + 1;
        hooks.onPage?.(profileId, { servedBy, filmIds: page.filmIds });
        return page;
      },
      async send(own) {
        hooks.onEvents?.(own);
        events += own.length;
        await storefront.send(own);
      },
    });
    await storefront.flush();
    return { date: isoDay(dayMs), result, pages, events, tallies: since(before, all) };
  }
}

/** Until the API says that it serves this release: it looks at the channel twice a second. */
async function untilServed(api: string, releaseId: string | null): Promise<void> {
  const deadline = performance.now() + SERVED_WITHIN_MS;
  while (performance.now() < deadline) {
    const body = await (await fetch(`${api}/readyz`)).text();
    if (releaseId === null || body.includes(releaseId)) return;
    await sleep(100);
  }
  throw new Error(
    `release ${releaseId} is on the channel, but the API does not serve it after ${SERVED_WITHIN_MS / 1000} s`,
  );
}
