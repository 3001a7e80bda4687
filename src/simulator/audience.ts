import type { Film, Profile, ViewerEvent } from '../contracts/index.js';
import { type Memory, feltBy, forget, newMemory } from './behaviour.js';
import { Catalogue, type KnownFilm, type SimulatedFilm } from './catalogue.js';
import { type NamedViewer, type Period, type SimulatedViewer, household, namedViewer } from './households.js';
import { DEMO_SETTINGS, type AudienceSettings } from './settings.js';
import type { TruthSink } from './truth.js';
import { ViewerLife, type World, dayOf } from './viewer-life.js';

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
  /** How they behave; the demo's settings when absent. */
  settings?: AudienceSettings;
  named?: NamedViewer[];
  /** Most events per batch. */
  batchSize?: number;
  /** Hears what only the simulation knows, while events are made. */
  truthSink?: TruthSink;
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
  /** A new life, before its first day: for whoever goes through the days alone. */
  life(viewer: SimulatedViewer): ViewerLife;
  /** Start of each day of the period. */
  days: number[];
  /** What a model should find out; never loaded with the events. */
  truth: AudienceTruth;
}

export interface AudienceTruth {
  viewers(): Generator<SimulatedViewer>;
  film(filmId: string): SimulatedFilm | undefined;
  /** What the viewer finds in the film: match (θ_u·q_i, or the non-linear one) + quality_i. */
  utility(viewer: Pick<SimulatedViewer, 'taste'>, film: SimulatedFilm): number;
}

/** @throws RangeError when the options cannot be met. */
export function simulateAudience(options: AudienceOptions): Audience {
  const named = options.named ?? [];
  if (options.viewers < named.length) {
    throw new RangeError(
      `viewers is ${options.viewers}, but ${named.length} are named: ask for at least as many`,
    );
  }
  const { settings = DEMO_SETTINGS, seed, ages } = options;
  const period: Period = { days: options.days, untilMs: options.until.getTime() };
  const catalogue = new Catalogue(options.films, seed, settings.space, (film) => ages.minAge(film));
  const world: World = { settings, seed, period, catalogue, truth: options.truthSink ?? {} };
  const viewers = () => everybody(settings, options, named, period);
  const days = Array.from({ length: period.days }, (_, day) => dayOf(period, day));
  const year = options.until.getUTCFullYear();
  const lifeOf = (viewer: SimulatedViewer, memory: Memory) =>
    new ViewerLife(world, viewer, catalogue.shelves(ages.maxAge(viewer.profile, year)), memory);
  return {
    *profiles() {
      for (const viewer of viewers()) yield viewer.profile;
    },
    *events(onViewer) {
      let done = 0;
      let batch: ViewerEvent[] = [];
      const size = options.batchSize ?? 5000;
      const memory = newMemory(catalogue.films.length);
      for (const viewer of viewers()) {
        forget(memory);
        const life = lifeOf(viewer, memory);
        for (const event of eventsOfPeriod(life, days, period)) {
          batch.push(event);
          if (batch.length < size) continue;
          yield batch;
          batch = [];
        }
        onViewer?.((done += 1));
      }
      if (batch.length > 0) yield batch;
    },
    life: (viewer) => lifeOf(viewer, newMemory(catalogue.films.length)),
    days,
    truth: {
      viewers,
      film: (filmId) => catalogue.film(filmId),
      utility: (viewer, film) => feltBy(settings, viewer, film),
    },
  };
}

function* everybody(
  settings: AudienceSettings,
  options: AudienceOptions,
  named: NamedViewer[],
  period: Period,
): Generator<SimulatedViewer> {
  for (const viewer of named) yield namedViewer(settings.space, viewer, period);
  let left = options.viewers - named.length;
  for (let number = 1; left > 0; number += 1) {
    const members = household(settings, options.seed, number, period).slice(0, left);
    left -= members.length;
    yield* members;
  }
}

/** A session may run past the last midnight: what happens then is not of this period. */
function* eventsOfPeriod(life: ViewerLife, days: number[], { untilMs }: Period): Generator<ViewerEvent> {
  const end = new Date(untilMs).toISOString();
  for (const dayMs of days) for (const event of life.day(dayMs)) if (event.ts < end) yield event;
}
