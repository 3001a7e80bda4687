import type { Film, Profile, ViewerEvent } from '../contracts/index.js';
import { newMemory } from './behaviour.js';
import { Catalogue, type KnownFilm, type SimulatedFilm, utility } from './catalogue.js';
import { type NamedViewer, type Period, type SimulatedViewer, household, namedViewer } from './households.js';
import { Random } from './random.js';
import { DAY_MS, sessionStart, weekdayFactor } from './rhythm.js';
import { Session, type SessionOf } from './session.js';

/** The age rule, injected: what the product itself uses (core/age-gate). Ages in years. */
export interface AgeRule {
  minAge(film: Film): number;
  /** The highest minimum age that the profile may see in the course of `year`. */
  maxAge(profile: Profile, year: number): number;
}

export interface AudienceOptions {
  seed: number;
  /** Profiles, the named ones included; at least as many as those. */
  viewers: number;
  days: number;
  /** End of the simulated period (exclusive); it begins `days` before. */
  until: Date;
  films: KnownFilm[];
  ages: AgeRule;
  named?: NamedViewer[];
  /** Most events per batch. */
  batchSize?: number;
}

/**
 * A simulated audience: made up, and labelled so (its ids begin with `sim-`, its source is `simulator`). The same options
 * give the same bytes. Viewers come one by one, each from a random stream of their own, so memory does not grow with them.
 */
export interface Audience {
  profiles(): Generator<Profile>;
  /**
   * Batches of events; each viewer's are together and in the order of time. All lie in [until − days, until).
   * `onViewer` hears how many viewers are done.
   */
  events(onViewer?: (done: number) => void): Generator<ViewerEvent[]>;
  /** What a model should find out; never loaded with the events. */
  truth: AudienceTruth;
}

export interface AudienceTruth {
  viewers(): Generator<SimulatedViewer>;
  film(filmId: string): SimulatedFilm | undefined;
  /** θ_u·q_i + quality_i. */
  utility(viewer: SimulatedViewer, film: SimulatedFilm): number;
}

/** @throws RangeError when the options cannot be met. */
export function simulateAudience(options: AudienceOptions): Audience {
  const named = options.named ?? [];
  if (options.viewers < named.length) {
    throw new RangeError(
      `viewers is ${options.viewers}, but ${named.length} are named: ask for at least as many`,
    );
  }
  const period: Period = { days: options.days, untilMs: options.until.getTime() };
  const catalogue = new Catalogue(options.films, options.seed, (film) => options.ages.minAge(film));
  const viewers = () => everybody(options, named, period);
  return {
    *profiles() {
      for (const viewer of viewers()) yield viewer.profile;
    },
    *events(onViewer) {
      let done = 0;
      let batch: ViewerEvent[] = [];
      const size = options.batchSize ?? 5000;
      for (const viewer of viewers()) {
        for (const event of viewerEvents(viewer, catalogue, options, period)) {
          batch.push(event);
          if (batch.length < size) continue;
          yield batch;
          batch = [];
        }
        onViewer?.((done += 1));
      }
      if (batch.length > 0) yield batch;
    },
    truth: {
      viewers,
      film: (filmId) => catalogue.film(filmId),
      utility: (viewer, film) => utility(viewer.taste, film),
    },
  };
}

function* everybody(
  options: AudienceOptions,
  named: NamedViewer[],
  period: Period,
): Generator<SimulatedViewer> {
  for (const viewer of named) yield namedViewer(viewer, period);
  let left = options.viewers - named.length;
  for (let number = 1; left > 0; number += 1) {
    const members = household(options.seed, number, period).slice(0, left);
    left -= members.length;
    yield* members;
  }
}

/** Poisson(activity × weekday) sessions a day from a viewer's own stream, never overlapping; cut off at the period's end. */
function viewerEvents(
  viewer: SimulatedViewer,
  catalogue: Catalogue,
  { seed, ages }: AudienceOptions,
  { days, untilMs }: Period,
): ViewerEvent[] {
  const { profileId } = viewer.profile;
  const shelves = catalogue.shelves(ages.maxAge(viewer.profile, new Date(untilMs).getUTCFullYear()));
  if (shelves.length === 0) return [];
  const random = new Random(seed, `viewer/${profileId}`);
  // Ids have a stream of their own: the n-th event keeps its id whatever it is.
  const ids = new Random(seed, `events/${profileId}`);
  const sessionIds = new Random(seed, `sessions/${profileId}`);
  const of: SessionOf = {
    viewer,
    memory: newMemory(viewer, catalogue.films.length, shelves),
    random,
    eventId: () => ids.uuid(),
  };
  const events: ViewerEvent[] = [];
  let freeFromMs = 0;
  for (let day = viewer.firstDay; day < days; day += 1) {
    const dayMs = untilMs - (days - day) * DAY_MS;
    const starts = Array.from({ length: random.poisson(viewer.activity * weekdayFactor(dayMs)) }, () =>
      sessionStart(dayMs, viewer.age < 13, random),
    ).sort((a, b) => a - b);
    for (const start of starts) {
      if (start < freeFromMs) continue;
      const session = new Session(of, start, sessionIds.uuid());
      session.run(shelves);
      events.push(...session.events);
      freeFromMs = session.clockMs;
    }
  }
  const end = new Date(untilMs).toISOString();
  return events.filter(({ ts }) => ts < end);
}
