import type { ViewerEvent } from '../contracts/index.js';
import { type Memory, type Person, shelfWeights, sigmoid } from './behaviour.js';
import type { Catalogue, Shelf } from './catalogue.js';
import type { Period, SimulatedViewer } from './households.js';
import { type Random, StreamKey } from './random.js';
import { DAY_MS, dayFactor, sessionStart } from './rhythm.js';
import { type Row, Session, type SessionOf } from './session.js';
import type { AudienceSettings } from './settings.js';
import type { TruthSink } from './truth.js';

/** Where viewers live: everything that is the same for all of them. */
export interface World {
  settings: AudienceSettings;
  seed: number;
  period: Period;
  catalogue: Catalogue;
  truth: TruthSink;
}

/** What a viewer has done so far, whatever of it was told. */
export interface Tally {
  sessions: number;
  plays: number;
  /** Plays of nine tenths of the film or more. */
  completions: number;
  watchedSec: number;
}

/** Streams of a viewer's day: what they do, the ids of its events and sessions, and whether they leave. */
const STREAMS = { behaviour: 0, eventIds: 1, sessionIds: 2, mood: 3 } as const;
const STREAMS_OF_A_DAY = 4;
const CHURN_EVERY_DAYS = 28;
/** Watched hours count half after so many days. */
const WATCH_HALF_LIFE_DAYS = 14;

/**
 * A viewer through time. The streams of a day are named by viewer and calendar day alone; what earlier days left behind is
 * memory (what was seen, passed over, rated), taste and mood. So any viewer can be simulated alone, and a day by going
 * through that viewer's days before it.
 */
export class ViewerLife {
  readonly viewer: SimulatedViewer;
  readonly tally: Tally = { sessions: 0, plays: 0, completions: 0, watchedSec: 0 };
  readonly #world: World;
  readonly #shelves: Shelf[];
  readonly #memory: Memory;
  readonly #streams: StreamKey;
  #person: Person;
  #shelfCumulative: Float64Array;
  readonly #joinedMs: number;
  #freeFromMs = 0;
  #unsatisfied = 0;
  #watchedHours = 0;
  #hasLeft = false;

  /** `memory`: empty. `shelves`: what may be shown to them. */
  constructor(world: World, viewer: SimulatedViewer, shelves: Shelf[], memory: Memory) {
    this.viewer = viewer;
    this.#world = world;
    this.#shelves = shelves;
    this.#memory = memory;
    this.#streams = new StreamKey(world.seed, `viewer/${viewer.profile.profileId}`);
    this.#joinedMs = Date.parse(viewer.profile.createdAt ?? '') || dayOf(world.period, 0);
    this.#person = viewer;
    this.#shelfCumulative = shelfWeights(shelves, viewer.taste, world.settings.shelf.slope);
  }

  get taste(): Float64Array {
    return this.#person.taste;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  hasSeen(filmIndex: number): boolean {
    return this.#memory.seen[filmIndex] === 1;
  }

  /** When sessions of this day begin; [] on most days. Asking changes nothing. */
  starts(dayMs: number): number[] {
    return this.#plan(dayMs)?.starts ?? [];
  }

  /** Lives the day that begins at `dayMs`; days must come in order. `served`: the list that the storefront shows on top. */
  day(dayMs: number, served: Row | null = null): ViewerEvent[] {
    if (this.#hasLeft) return [];
    this.#change(dayMs);
    this.#mood(dayMs);
    const plan = this.#plan(dayMs);
    if (plan === null) return [];
    const { random, starts } = plan;
    const ids = this.#stream(dayMs, 'eventIds');
    const sessionIds = this.#stream(dayMs, 'sessionIds');
    const of: SessionOf = {
      settings: this.#world.settings,
      profileId: this.viewer.profile.profileId,
      person: this.#person,
      memory: this.#memory,
      shelfCumulative: this.#shelfCumulative,
      random,
      eventId: () => ids.uuid(),
      onExposure: this.#world.truth.onExposure,
    };
    const events: ViewerEvent[] = [];
    for (const start of starts) {
      if (start < this.#freeFromMs) continue;
      const session = new Session(of, start, sessionIds.uuid());
      session.run(this.#shelves, served);
      for (const event of session.events) events.push(event);
      this.#freeFromMs = session.clockMs;
      this.tally.sessions += 1;
      this.tally.plays += session.plays;
      this.tally.completions += session.completions;
      this.tally.watchedSec += session.watchedSec;
      this.#watchedHours += session.watchedSec / 3600;
      this.#unsatisfied = session.isSatisfied ? 0 : Math.min(5, this.#unsatisfied + 1);
    }
    return events;
  }

  #stream(dayMs: number, stream: keyof typeof STREAMS): Random {
    return this.#streams.at(streamNumber(dayMs, stream));
  }

  /** Poisson(activity × weekday × holiday) sessions; none before they join, and none when nothing may be shown. */
  #plan(dayMs: number): { random: Random; starts: number[] } | null {
    const { activity, age } = this.viewer;
    const isThere = dayMs >= firstDayMs(this.#world.period, this.viewer) && this.#shelves.length > 0;
    if (!isThere || this.#hasLeft) return null;
    const mean = activity * dayFactor(dayMs);
    // A Poisson draw is 0 when its first uniform is at most e^−mean: so it is on most days.
    if (this.#streams.first(streamNumber(dayMs, 'behaviour')) <= Math.exp(-mean)) return null;
    const random = this.#stream(dayMs, 'behaviour');
    const count = random.poisson(mean);
    const starts = Array.from({ length: count }, () => sessionStart(dayMs, age < 13, random));
    return { random, starts: starts.sort((a, b) => a - b) };
  }

  #change(dayMs: number): void {
    const { period, settings } = this.#world;
    const { drift } = this.viewer;
    if (drift === null || this.#person.taste === drift.taste || dayMs < dayOf(period, drift.day)) return;
    this.#person = { ...this.viewer, taste: drift.taste };
    this.#shelfCumulative = shelfWeights(this.#shelves, drift.taste, settings.shelf.slope);
  }

  /** Every four weeks since they joined: h = σ(intercept + unsatisfied·u − watched·log(1 + hours)). */
  #mood(dayMs: number): void {
    const { settings, period, truth } = this.#world;
    if (settings.churn === null) return;
    this.#watchedHours *= 2 ** (-1 / WATCH_HALF_LIFE_DAYS);
    const daysThere = Math.round((dayMs - this.#joinedMs) / DAY_MS);
    if (dayMs <= firstDayMs(period, this.viewer) || daysThere % CHURN_EVERY_DAYS !== 0) return;
    const { intercept, unsatisfied, watched } = settings.churn;
    const hazard = sigmoid(
      intercept + unsatisfied * this.#unsatisfied - watched * Math.log1p(this.#watchedHours),
    );
    const isLeaving = this.#stream(dayMs, 'mood').chance(hazard);
    this.#hasLeft = isLeaving;
    truth.onChurnDraw?.({ profileId: this.viewer.profile.profileId, dayMs, hazard, isLeaving });
  }
}

function streamNumber(dayMs: number, stream: keyof typeof STREAMS): number {
  return (dayMs / DAY_MS) * STREAMS_OF_A_DAY + STREAMS[stream];
}

/** Start of a day of the period, 0 being its first. */
export function dayOf({ days, untilMs }: Period, day: number): number {
  return untilMs - (days - day) * DAY_MS;
}

function firstDayMs(period: Period, { firstDay }: SimulatedViewer): number {
  return dayOf(period, firstDay);
}
