import type { Config } from '../../contracts/index.js';
import { ageDays, DAY_MS, decayTables, MICRO, micro } from './decay.js';
import { newest, newestRating, type PairEvent } from './events.js';
import { ratingStrength } from './rating.js';
import { cappedSum, occurrencesOf, passedBy } from './repeated.js';
import { watchedOf } from './watch.js';

export type Kind = 'rated' | 'liked' | 'watched' | 'saved' | 'shared';

/** A viewer-film pair as training, scoring and explaining see it. */
export interface Interaction {
  /** 1 wanted, 0 not wanted, null unobserved: too little evidence either way. */
  preference: 0 | 1 | null;
  wMicro: number;
  isSeen: boolean;
  isDisliked: boolean;
  /** Strongest positive evidence. */
  kind: Kind | null;
  rating: number | null;
  lastAt: number;
}

/** Σ strength × decay by row of the signal table, 10⁻¹². */
export interface Evidence {
  rating: number;
  /** Of a rating where no player says how much was watched: that it was. */
  viewing: number;
  like: number;
  watch: number;
  bookmark: number;
  share: number;
  detail: number;
  impression: number;
}

/** Order of ties: the more deliberate act first. */
const KINDS: readonly [Kind, (evidence: Evidence) => number][] = [
  ['rated', ({ rating, viewing }) => rating + viewing],
  ['liked', ({ like }) => like],
  ['watched', ({ watch }) => watch],
  ['saved', ({ bookmark }) => bookmark],
  ['shared', ({ share }) => share],
];

/**
 * e = Σ s·decay; e ≥ posThreshold → p = 1, w = min(e, wMax); e ≤ negThreshold → p = 0, w = min(|e|, wNegMax); else
 * unobserved (science A.3). Two rules besides the sum:
 * 1. An explicit opinion (rating, like, dislike) of at least `explicitThreshold` silences implicit evidence of the other sign.
 * 2. Opening a page or a trailer is never positive alone: p = 1 needs some other positive evidence.
 */
export function decide(
  evidence: Evidence,
  config: Config['feedback'],
): Pick<Interaction, 'preference' | 'wMicro' | 'kind'> {
  const pico = (x: number) => micro(x) * MICRO;
  const explicit = evidence.rating + evidence.like;
  const { viewing, watch, bookmark, share, detail, impression } = evidence;
  const implicit = viewing + watch + bookmark + share + detail + impression;
  const isSilenced =
    Math.abs(explicit) >= pico(config.explicitThreshold) && Math.sign(explicit) * Math.sign(implicit) < 0;
  const e = isSilenced ? explicit : explicit + implicit;

  const kind = strongest(evidence);
  if (e >= pico(config.posThreshold) && kind !== null) {
    return { preference: 1, wMicro: Math.min(Math.floor(e / MICRO), micro(config.wMax)), kind };
  }
  if (e <= pico(config.negThreshold)) {
    return { preference: 0, wMicro: Math.min(Math.floor(-e / MICRO), micro(config.wNegMax)), kind };
  }
  return { preference: null, wMicro: 0, kind };
}

function strongest(evidence: Evidence): Kind | null {
  let best: Kind | null = null;
  let most = 0;
  for (const [kind, picoOf] of KINDS) {
    const pico = picoOf(evidence);
    if (pico > most) {
      best = kind;
      most = pico;
    }
  }
  return best;
}

/** What the pair's events say at T, or null when none of them matters. Events at or after T must not be given. */
export function interactionOf(
  events: PairEvent[],
  film: { runtimeMin: number | null },
  midpoint: number,
  asOf: number,
  config: Pick<Config, 'feedback' | 'filters'>,
): Interaction | null {
  const { feedback } = config;
  const decay = decayTables(feedback);
  const counted = events.filter(
    ({ type, at }) => type !== 'scroll' && ageDays(at, asOf) <= feedback.historyDays,
  );
  const rating = newestRating(counted);
  const liked = opinionOf(counted);
  const watched = watchedOf(counted, film.runtimeMin, asOf, decay.watch, config);
  const passed = passedBy(counted, feedback.impression);
  const acts = counted.filter(({ type }) => type !== 'impression' && type !== 'search_click');
  if (acts.length === 0 && passed.length === 0) return null;

  const at = (table: number[], ms: number) => table[ageDays(ms, asOf)] ?? 0;
  const saved = newest(counted, 'bookmark_add');
  const unsaved = newest(counted, 'bookmark_remove');
  const evidence: Evidence = {
    rating:
      rating === null
        ? 0
        : ratingStrength(rating.value, midpoint, feedback.rating) * at(decay.rating, rating.at),
    viewing:
      rating === null || watched.bestShare !== null
        ? 0
        : micro(feedback.rating.viewingStrength) * at(decay.watch, rating.at),
    like: liked === null ? 0 : micro(feedback[liked.is].strength) * at(decay[liked.is], liked.at),
    watch: watched.pico,
    bookmark:
      Math.max(saved, unsaved) < 0
        ? 0
        : micro(saved > unsaved ? feedback.bookmark.strength : feedback.bookmark.removed) *
          at(decay.bookmark, Math.max(saved, unsaved)),
    share: cappedSum(
      occurrencesOf(counted, ['share'], feedback.share.strength),
      micro(feedback.share.cap),
      decay.share,
      asOf,
    ),
    detail: cappedSum(
      occurrencesOf(counted, ['detail_open', 'trailer_play'], feedback.detail.strength),
      micro(feedback.detail.cap),
      decay.detail,
      asOf,
    ),
    impression: cappedSum(passed, micro(feedback.impression.cap), decay.impression, asOf),
  };
  const hidesFrom = asOf - feedback.dislikeFilterDays * DAY_MS;
  return {
    ...decide(evidence, feedback),
    isSeen:
      rating !== null ||
      (watched.bestShare ?? 0) >= micro(feedback.watch.seenFrom) ||
      watched.isRuntimeUnknown ||
      (liked?.is === 'like' && counted.some((event) => isPick(event, feedback))),
    isDisliked:
      (liked?.is === 'dislike' && liked.at >= hidesFrom) ||
      (rating !== null && rating.value <= feedback.dislikeRating && rating.at >= hidesFrom),
    rating: rating?.value ?? null,
    lastAt: Math.max(...(acts.length > 0 ? acts : passed).map((event) => event.at)),
  };
}

/** Who picks a film that they love from a page of films has seen it. */
function isPick({ type, surface }: PairEvent, { pickSurface }: Config['feedback']): boolean {
  return type === 'like' && surface === pickSurface;
}

/**
 * The newest of like and dislike, unless its own undo came at the same time or later. An older opposite does not come
 * back: it was replaced. At one instant the cautious reading wins: undo over do, dislike over like.
 */
export function opinionOf(events: PairEvent[]): { is: 'like' | 'dislike'; at: number } | null {
  const liked = newest(events, 'like');
  const disliked = newest(events, 'dislike');
  const is = disliked >= liked ? 'dislike' : 'like';
  const at = Math.max(liked, disliked);
  const undone = newest(events, is === 'like' ? 'unlike' : 'undislike');
  return at < 0 || undone >= at ? null : { is, at };
}
