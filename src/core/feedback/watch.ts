import type { Config, FeedbackConfig } from '../../contracts/index.js';
import { ageDays, DAY_MS, MICRO, micro } from './decay.js';
import { isPlay, type PairEvent } from './events.js';

type WatchConfig = FeedbackConfig['watch'];
type Span = readonly [fromMs: number, toMs: number];

/** Plays of one pair with no gap longer than `sittingGapMinutes`: one evening on the sofa. */
interface Sitting {
  startsAt: number;
  endsAt: number;
  spans: Span[];
  isAutoplay: boolean;
}

/** Sittings that resume each other within `resumeDays`: the film, perhaps over several evenings. */
export interface Viewing {
  endsAt: number;
  watchedMs: number;
  /** Share of the film watched in millionths; null when its runtime is unknown, never 0 for that reason. */
  share: number | null;
  /** Times the film was watched to its end. */
  completions: number;
}

/** What watching says about a pair. */
export interface Watched {
  /** Σ strength × decay, 10⁻¹². */
  pico: number;
  bestShare: number | null;
  isRuntimeUnknown: boolean;
}

/** Length of the union of intervals: rewound minutes count once, skipped ones not at all. */
export function unionMs(spans: Span[]): number {
  let covered = 0;
  let end = -Infinity;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    covered += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return covered;
}

function spanOf({ fromMs, toMs }: PairEvent): Span[] {
  return fromMs !== undefined && toMs !== undefined && toMs >= fromMs ? [[fromMs, toMs]] : [];
}

function sittingsOf(events: PairEvent[], config: WatchConfig, autoplaySurface: string): Sitting[] {
  const sittings: Sitting[] = [];
  for (const event of events.filter(isPlay).toSorted((a, b) => a.at - b.at || lengthOf(b) - lengthOf(a))) {
    const last = sittings.at(-1);
    const startsAt = event.at - lengthOf(event);
    const isAutoplay = event.surface === autoplaySurface;
    if (last === undefined || startsAt - last.endsAt > config.sittingGapMinutes * 60_000) {
      sittings.push({ startsAt, endsAt: event.at, spans: spanOf(event), isAutoplay });
      continue;
    }
    last.startsAt = Math.min(last.startsAt, startsAt);
    last.endsAt = event.at;
    last.spans.push(...spanOf(event));
    last.isAutoplay &&= isAutoplay;
  }
  return sittings;
}

const lengthOf = (event: PairEvent): number => {
  const [span] = spanOf(event);
  return span === undefined ? 0 : span[1] - span[0];
};

function shareOf(watchedMs: number, runtimeMin: number | null): number | null {
  if (runtimeMin === null) return null;
  return Math.min(MICRO, Math.floor((watchedMs * MICRO) / (runtimeMin * 60_000)));
}

export function viewingsOf(
  events: PairEvent[],
  runtimeMin: number | null,
  config: Pick<Config, 'feedback' | 'filters'>,
): Viewing[] {
  const { watch } = config.feedback;
  const { autoplaySurface, autoplayMinSec } = config.filters;
  const sittings = sittingsOf(events, watch, autoplaySurface).filter(
    ({ isAutoplay, spans }) => !(isAutoplay && unionMs(spans) < autoplayMinSec * 1000),
  );
  const chains: Sitting[][] = [];
  for (const sitting of sittings) {
    const chain = chains.at(-1);
    const before = chain?.at(-1);
    const resumes = before !== undefined && sitting.startsAt - before.endsAt <= watch.resumeDays * DAY_MS;
    if (chain !== undefined && resumes) chain.push(sitting);
    else chains.push([sitting]);
  }
  return chains.map((chain) => {
    const watchedMs = unionMs(chain.flatMap(({ spans }) => spans));
    const share = shareOf(watchedMs, runtimeMin);
    const isFull = (f: number | null) => f !== null && f >= micro(watch.fullFrom);
    const fullSittings = chain.filter(({ spans }) => isFull(shareOf(unionMs(spans), runtimeMin))).length;
    const endsAt = chain.at(-1)?.endsAt ?? 0;
    return { endsAt, watchedMs, share, completions: Math.max(fullSittings, isFull(share) ? 1 : 0) };
  });
}

/** The `watch f` row of science A.3: strength of one viewing, in millionths. */
export function watchStrength(share: number, watchedMs: number, config: WatchConfig): number {
  if (share < micro(config.ignoredBelow)) return 0;
  if (share < micro(config.abandonedBelow)) {
    return watchedMs >= config.abandonedMinSec * 1000 ? micro(config.abandonedStrength) : 0;
  }
  if (share >= micro(config.fullFrom)) return MICRO;
  const rise = Math.max(share - micro(config.risesFrom), 0);
  return Math.floor((rise * MICRO) / (micro(config.fullFrom) - micro(config.risesFrom)));
}

/**
 * The strongest viewing counts in full; every further completion adds `rewatch`, newest first, until the strengths
 * together reach `cap`. So a rewatch given up early takes nothing away, and the sum is monotone in every share.
 */
export function watchedOf(
  events: PairEvent[],
  runtimeMin: number | null,
  asOf: number,
  decay: number[],
  config: Pick<Config, 'feedback' | 'filters'>,
): Watched {
  const { watch } = config.feedback;
  const viewings = viewingsOf(events, runtimeMin, config)
    .map((viewing) => {
      const strength = viewing.share === null ? 0 : watchStrength(viewing.share, viewing.watchedMs, watch);
      return { ...viewing, strength, decay: decay[ageDays(viewing.endsAt, asOf)] ?? 0 };
    })
    .toSorted((a, b) => b.endsAt - a.endsAt);
  const [main] = viewings.toSorted((a, b) => b.strength * b.decay - a.strength * a.decay);
  if (main === undefined) return { pico: 0, bestShare: null, isRuntimeUnknown: false };

  let room = Math.max(0, micro(watch.cap) - main.strength);
  let pico = main.strength * main.decay;
  for (const viewing of viewings) {
    const again = Math.max(0, viewing.completions - (viewing === main ? 1 : 0));
    const bonus = Math.min(room, again * micro(watch.rewatch));
    room -= bonus;
    pico += bonus * viewing.decay;
  }
  const shares = viewings.flatMap(({ share }) => (share === null ? [] : [share]));
  return {
    pico,
    bestShare: shares.length === 0 ? null : Math.max(...shares),
    isRuntimeUnknown: runtimeMin === null,
  };
}
