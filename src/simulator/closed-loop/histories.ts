import type { Config, Film, Profile, ViewerEvent } from '../../contracts/index.js';
import { CONSENT } from '../../contracts/films.js';
import {
  DAY_MS,
  type Interaction,
  type PairEvent,
  interactionOf,
  meanRatingMicro,
  micro,
  midpointMicro,
  newestRating,
  opinionOf,
  viewingsOf,
} from '../../core/feedback/index.js';
import type { Votes } from '../../core/weighted-rating/index.js';
import { createVisits } from './visits.js';

/** What one viewer did with one film, and what it says. */
export interface Pair {
  viewer: number;
  film: number;
  interaction: Interaction;
}

/** Nine tenths of a minute of runtime: what comes after is credits. */
const LAST_TENTH_MS = 54_000;
const SAYING: ReadonlySet<string> = new Set(['like', 'unlike', 'dislike', 'undislike', 'rating', 'unrate']);

type Usable = (viewer: number, events: PairEvent[]) => PairEvent[];

/** Behaviour of an audience, kept pair by pair: the in-process stand-in for the staged events of the warehouse. */
export interface Histories {
  add(events: readonly ViewerEvent[]): void;
  /** Interactions of consenting viewers at T, by viewer, then film. */
  interactions(asOfMs: number): Pair[];
  /** Eligible votes per film at T (science B.4). */
  votes(asOfMs: number): Votes[];
  /**
   * Films that lists of this viewer do not show, as of all that was added: those rated, disliked or finished since, as they
   * stand now (docs/decisions/028). Nights know what happened before their T; what a visit goes on to do past it, they do not.
   */
  goneSince(viewer: number, sinceMs: number): Set<number>;
}

/**
 * `films`, `profiles`: in the order of their indexes. Events of one pair must be added in the order of time. Feedback is
 * core/feedback, which the warehouse's SQL is tested against; bot days are as in features/bot_days.sql, for a busy person can
 * pass for one; of what the SQL does besides, brigades are left out.
 */
export function createHistories(
  films: readonly Film[],
  profiles: readonly Profile[],
  config: Config,
): Histories {
  const filmAt = new Map(films.map(({ filmId }, at) => [filmId, at]));
  const viewerAt = new Map(profiles.map(({ profileId }, at) => [profileId, at]));
  const pairs = profiles.map(() => new Map<number, PairEvent[]>());
  const consents = profiles.map(({ consent }) => (consent & CONSENT.personalisation) !== 0);
  const visits = createVisits(config.filters.bots);

  /** Newest ratings of every viewer before T, with their films. */
  const ratings = (usable: Usable) =>
    pairs.map((byFilm, viewer) =>
      [...byFilm].flatMap(([film, events]) => {
        const rating = newestRating(usable(viewer, events));
        return rating === null ? [] : [{ film, value: rating.value }];
      }),
    );

  return {
    add(events) {
      for (const event of events) {
        const viewer = viewerAt.get(event.userId);
        const film = filmAt.get(event.movieId ?? '');
        if (viewer === undefined || film === undefined) continue;
        const byFilm = pairs[viewer];
        if (byFilm === undefined) continue;
        if (consents[viewer] === true) visits.add(viewer, event);
        const known = byFilm.get(film);
        if (known === undefined) byFilm.set(film, [pairEvent(event)]);
        else known.push(pairEvent(event));
      }
    },

    interactions(asOfMs) {
      const usable = usableAt(asOfMs);
      const rated = ratings(usable);
      const mean = meanRatingMicro(rated.flatMap((own) => own.map(({ value }) => value)));
      const { midpointPrior } = config.feedback.rating;
      return pairs.flatMap((byFilm, viewer) => {
        const values = (rated[viewer] ?? []).map(({ value }) => value);
        const midpoint = midpointMicro(values, mean, midpointPrior);
        return [...byFilm]
          .sort(([a], [b]) => a - b)
          .flatMap(([film, events]) => {
            const runtimeMin = films[film]?.runtimeMin ?? null;
            const interaction = interactionOf(
              usable(viewer, events),
              { runtimeMin },
              midpoint,
              asOfMs,
              config,
            );
            return interaction === null ? [] : [{ viewer, film, interaction }];
          });
      });
    },

    votes(asOfMs) {
      const counted = films.map(({ filmId }) => ({ filmId, votes: 0, ratingSum: 0 }));
      const { minRatedTitles, minWatched } = config.weightedRating;
      const usable = usableAt(asOfMs);
      ratings(usable).forEach((own, viewer) => {
        for (const { film, value } of own) {
          const votesFor = counted[film];
          const isRegular =
            own.length >= minRatedTitles ||
            bestShare(usable(viewer, pairs[viewer]?.get(film) ?? []), films[film]?.runtimeMin ?? null) >=
              micro(minWatched);
          if (votesFor === undefined || !isRegular) continue;
          votesFor.votes += 1;
          votesFor.ratingSum += value;
        }
      });
      return counted;
    },

    goneSince(viewer, sinceMs) {
      const gone = new Set<number>();
      for (const [film, events] of pairs[viewer] ?? []) {
        const news = events.filter(({ at }) => at >= sinceMs);
        const endMs = (films[film]?.runtimeMin ?? Infinity) * LAST_TENTH_MS;
        const isFinished = news.some(
          ({ type, toMs }) => (type === 'play_end' || type === 'play_heartbeat') && (toMs ?? 0) >= endMs,
        );
        const isSaid = news.some(({ type }) => SAYING.has(type));
        const isLeft = newestRating(events) !== null || opinionOf(events)?.is === 'dislike';
        if (isFinished || (isSaid && isLeft)) gone.add(film);
      }
      return gone;
    },
  };

  /** Of viewers who consent, events before T, but for those of bot days. */
  function usableAt(asOfMs: number): Usable {
    const bots = visits.botDays(asOfMs);
    return (viewer, events) => {
      if (consents[viewer] !== true) return [];
      const early = before(events, asOfMs);
      const days = bots.get(viewer);
      return days === undefined ? early : early.filter(({ at }) => !days.has(Math.floor(at / DAY_MS)));
    };
  }

  function bestShare(events: PairEvent[], runtimeMin: number | null): number {
    return Math.max(-1, ...viewingsOf(events, runtimeMin, config).map(({ share }) => share ?? -1));
  }
}

/** Events come in the order of time, so what is too late is at the end. */
function before(events: PairEvent[], asOfMs: number): PairEvent[] {
  const last = events.at(-1);
  return last === undefined || last.at < asOfMs ? events : events.filter(({ at }) => at < asOfMs);
}

function pairEvent(event: ViewerEvent): PairEvent {
  const { type, value, sessionId, surface, position, dwellMs, viewportPct } = event;
  return {
    type,
    at: Date.parse(event.ts),
    ...(value === undefined ? {} : { value }),
    ...(event.fromSec === undefined ? {} : { fromMs: Math.round(event.fromSec * 1000) }),
    ...(event.toSec === undefined ? {} : { toMs: Math.round(event.toSec * 1000) }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(surface === undefined ? {} : { surface }),
    ...(position === undefined ? {} : { position }),
    ...(dwellMs === undefined ? {} : { dwellMs }),
    ...(viewportPct === undefined ? {} : { viewportPct }),
  };
}
