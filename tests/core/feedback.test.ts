import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema, type EventType } from '../../src/contracts/index.js';
import {
  decayTable,
  interactionOf,
  meanRatingMicro,
  midpointMicro,
  type PairEvent,
  ratingStrength,
  unionMs,
  viewingsOf,
} from '../../src/core/feedback/index.js';

const config = configSchema.parse({});
const MINUTE = 60_000;
const DAY = 86_400_000;
const T = Date.parse('2026-03-01T00:00:00Z');
/** Everybody's middle: 6.0. */
const MIDDLE = 6_000_000;

const did = (type: EventType, daysAgo: number, more: Partial<PairEvent> = {}): PairEvent => ({
  type,
  at: T - daysAgo * DAY - 1000,
  ...more,
});
/** Watched from the film's start (or `from`) for so many minutes of a 100-minute film. */
const watched = (minutes: number, daysAgo: number, from = 0): PairEvent =>
  did('play_heartbeat', daysAgo, { fromMs: from * MINUTE, toMs: (from + minutes) * MINUTE });
const shown = (session: string, daysAgo: number, position = 1): PairEvent =>
  did('impression', daysAgo, { sessionId: session, position, dwellMs: 1000, viewportPct: 50 });
const sessions = (n: number, daysAgo = 0, position = 1) =>
  Array.from({ length: n }, (_, i) => shown(`s${i}`, daysAgo, position));

function verdict(events: PairEvent[], runtimeMin: number | null = 100, midpoint = MIDDLE) {
  const found = interactionOf(events, { runtimeMin }, midpoint, T, config);
  return found === null ? null : [found.preference, found.wMicro / 1e6, found.kind];
}

describe('decay', () => {
  test('whole millionths of 2^(-age/H)', () => {
    const table = decayTable(7, 14);
    expect([table[0], table[7], table[14], table[1]]).toEqual([1_000_000, 500_000, 250_000, 905_724]);
    expect(table).toHaveLength(15);
  });
});

describe('every row of the signal table, computed by hand (science A.3)', () => {
  test('rating: clip((r - b)/2.5, -1.5, 2)', () => {
    const opinion = configSchema.parse({ feedback: { rating: { viewingStrength: 0 } } });
    const bare = (events: PairEvent[]) => {
      const found = interactionOf(events, { runtimeMin: 100 }, MIDDLE, T, opinion);
      return found && [found.preference, found.wMicro / 1e6, found.kind];
    };
    expect(bare([did('rating', 0, { value: 8 })])).toEqual([1, 0.8, 'rated']);
    expect(bare([did('rating', 0, { value: 7 })])).toEqual([1, 0.4, 'rated']);
    expect(bare([did('rating', 0, { value: 6 })])).toEqual([null, 0, null]);
    expect(bare([did('rating', 0, { value: 5 })])).toEqual([0, 0.4, null]);
    expect(bare([did('rating', 0, { value: 1 })])).toEqual([0, 1, null]);
    expect(ratingStrength(10, 2_000_000, config.feedback.rating)).toBe(2_000_000);
    expect(ratingStrength(1, MIDDLE, config.feedback.rating)).toBe(-1_500_000);
    expect(bare([did('rating', 365, { value: 8 })])).toEqual([1, 0.4, 'rated']);
  });

  test('a rating is also a viewing: +1 beside it, unless it was played, decaying as a play does', () => {
    const rated = (value: number, daysAgo = 0) => did('rating', daysAgo, { value });
    expect(verdict([rated(8)])).toEqual([1, 1.8, 'rated']); // .8 + 1
    expect(verdict([rated(6)])).toEqual([1, 1, 'rated']);
    expect(verdict([rated(5)])).toEqual([1, 0.6, 'rated']); // -.4 + 1
    expect(verdict([rated(4)])).toEqual([0, 0.8, 'rated']); // -.8 is an opinion, and silences the viewing
    expect(verdict([rated(8, 365)])?.[1]).toBeCloseTo(0.8 / 2 + 2 ** (-365 / 120), 5);
    // ten minutes of it were played: that is what was watched, and abandoned
    expect(verdict([rated(6), watched(10, 0)])).toEqual([0, 0.3, null]);
    expect(verdict([rated(8), watched(90, 0)])).toEqual([1, 1.8, 'watched']);
    // without a runtime the player cannot say how much: the rating does
    expect(verdict([rated(8), watched(90, 0)], null)).toEqual([1, 1.8, 'rated']);
  });

  test('rating: the newest only, the lowest of several at one instant', () => {
    expect(verdict([did('rating', 3, { value: 10 }), did('rating', 1, { value: 3 })])?.[0]).toBe(0);
    expect(verdict([did('rating', 0, { value: 10 }), did('rating', 0, { value: 3 })])?.[0]).toBe(0);
  });

  test('midpoint: b = (n·mean + 10·C)/(n + 10)', () => {
    expect(meanRatingMicro([10, 5, 6])).toBe(7_000_000);
    expect(midpointMicro([10, 10], 7_000_000, 10)).toBe(7_500_000);
    expect(midpointMicro([], 7_000_000, 10)).toBe(7_000_000);
  });

  test('like, dislike, and their undo', () => {
    expect(verdict([did('like', 0)])).toEqual([1, 1.5, 'liked']);
    expect(verdict([did('dislike', 0)])).toEqual([0, 1, null]);
    expect(verdict([did('dislike', 365)])).toEqual([0, 0.75, null]);
    expect(verdict([did('like', 2), did('unlike', 1)])).toEqual([null, 0, null]);
    expect(verdict([did('like', 2), did('unlike', 1), did('like', 0)])).toEqual([1, 1.5, 'liked']);
    expect(verdict([did('like', 2), did('dislike', 1)])).toEqual([0, 1, null]);
    expect(verdict([did('like', 2), did('dislike', 1), did('undislike', 0)])).toEqual([null, 0, null]);
    expect(verdict([did('dislike', 2), did('like', 1), did('undislike', 0)])?.[0]).toBe(1);
  });

  test('watch: nothing, abandoned, nothing, a line, all of it', () => {
    expect(verdict([watched(4, 0)])).toEqual([null, 0, null]);
    expect(verdict([watched(10, 0)])).toEqual([0, 0.3, null]);
    expect(verdict([watched(25, 0)])).toEqual([null, 0, null]);
    expect(verdict([watched(54, 0)])).toEqual([null, 0, 'watched']);
    expect(verdict([watched(62.5, 0)])).toEqual([1, 0.5, 'watched']);
    expect(verdict([watched(90, 0)])).toEqual([1, 1, 'watched']);
    expect(verdict([watched(62.5, 20)])?.[1]).toBeCloseTo(0.5 * 2 ** (-20 / 120), 5);
  });

  test('watch: an abandoned film stays negative for 120 days, a resumed one is not abandoned', () => {
    expect(verdict([watched(10, 120)])?.[0]).toBe(0);
    expect(verdict([watched(10, 121)])?.[0]).toBe(null);
    expect(verdict([watched(10, 9), watched(20, 2, 10)])).toEqual([null, 0, null]);
    expect(verdict([watched(10, 20), watched(20, 2, 10)])).toEqual([null, 0, null]);
    // 110 seconds of a 20-minute film are 9 %, but under two minutes.
    expect(verdict([watched(110 / 60, 0)], 20)).toEqual([null, 0, null]);
  });

  test('watch: a rewatch adds 0.5, together at most 1.5; one given up takes nothing away', () => {
    expect(verdict([watched(95, 30), watched(95, 0)])?.[1]).toBeCloseTo(1 + 0.5 * 2 ** (-30 / 120), 5);
    expect(verdict([watched(95, 0), watched(95, 0.5), watched(95, 0.9)])).toEqual([1, 1.5, 'watched']);
    expect(verdict([watched(95, 30), watched(10, 0)])?.[1]).toBeCloseTo(2 ** (-30 / 120), 5);
  });

  test('watch: without a runtime no share, and so no strength, but seen', () => {
    const found = interactionOf([watched(50, 0)], { runtimeMin: null }, MIDDLE, T, config);
    expect(found).toMatchObject({ preference: null, isSeen: true, kind: null });
    expect(viewingsOf([watched(50, 0)], null, config)[0]?.share).toBe(null);
  });

  test('watch: time is the union of intervals, over the evenings of one viewing', () => {
    expect(
      unionMs([
        [0, 10],
        [5, 15],
        [20, 30],
      ]),
    ).toBe(25);
    const evenings = [watched(50, 3), watched(50, 2, 50), watched(30, 2, 40)];
    expect(viewingsOf(evenings, 100, config)).toMatchObject([{ share: 1_000_000, completions: 1 }]);
    expect(viewingsOf([watched(150, 0)], 100, config)[0]?.share).toBe(1_000_000);
  });

  test('share and bookmark', () => {
    expect(verdict([did('share', 0)])).toEqual([1, 0.8, 'shared']);
    expect(verdict([did('share', 0), did('share', 90)])).toEqual([1, 0.8, 'shared']);
    expect(verdict([did('bookmark_add', 0)])).toEqual([1, 0.6, 'saved']);
    expect(verdict([did('bookmark_add', 69)])?.[0]).toBe(1);
    expect(verdict([did('bookmark_add', 71)])?.[0]).toBe(null);
    expect(verdict([did('bookmark_add', 5), did('bookmark_remove', 0)])).toEqual([0, 0.2, null]);
    expect(verdict([did('bookmark_remove', 5), did('bookmark_add', 0)])).toEqual([1, 0.6, 'saved']);
  });

  test('detail and trailer: at most 0.3, never positive alone', () => {
    const opened = [did('detail_open', 0), did('trailer_play', 0), did('detail_open', 0)];
    expect(verdict(opened)).toEqual([null, 0, null]);
    expect(verdict([...opened, did('share', 0)])).toEqual([1, 1.1, 'shared']);
    const generous = configSchema.parse({ feedback: { detail: { strength: 0.5, cap: 1 } } });
    expect(interactionOf(opened, { runtimeMin: 100 }, MIDDLE, T, generous)?.preference).toBe(null);
  });

  test('impressions: from five sessions on, by position, at most -0.3', () => {
    expect(verdict(sessions(4))).toBe(null);
    expect(verdict(sessions(5))).toEqual([0, 0.3, null]);
    expect(verdict(sessions(9))).toEqual([0, 0.3, null]);
    expect(verdict(sessions(5, 7))).toEqual([0, 0.15, null]);
    expect(verdict(sessions(5, 8))?.[0]).toBe(null);
    // θ(3) = 1/log₂(4) = 1/2
    expect(verdict(sessions(6, 0, 3))).toEqual([0, 0.18, null]);
    const opened = [...sessions(5), did('detail_open', 0, { sessionId: 's0' })];
    expect(verdict(opened)).toEqual([null, 0, null]);
  });

  test('an explicit opinion silences implicit evidence of the other sign, and adds to its own', () => {
    expect(verdict([did('dislike', 0), watched(95, 0), did('share', 0)])?.slice(0, 2)).toEqual([0, 1]);
    expect(verdict([did('like', 0), watched(10, 0)])).toEqual([1, 1.5, 'liked']);
    expect(verdict([did('like', 0), watched(90, 0)])).toEqual([1, 2.5, 'liked']);
    // A weak opinion (0.4) is only one voice among others.
    expect(verdict([did('rating', 0, { value: 5 }), watched(95, 0)])?.slice(0, 2)).toEqual([1, 0.6]);
  });

  test('weights end at 3 and 1', () => {
    const all = [did('rating', 0, { value: 10 }), did('like', 0), watched(95, 0), did('share', 0)];
    expect(verdict(all)).toEqual([1, 3, 'rated']);
    expect(verdict([did('dislike', 0), did('rating', 0, { value: 1 })])).toEqual([0, 1, null]);
  });

  test('disliked and seen follow their own limits', () => {
    const of = (events: PairEvent[]) => interactionOf(events, { runtimeMin: 100 }, MIDDLE, T, config);
    expect(of([did('rating', 0, { value: 3 })])).toMatchObject({ isDisliked: true, isSeen: true });
    expect(of([did('rating', 366, { value: 3 })])).toMatchObject({ isDisliked: false, isSeen: true });
    const rated = (age: number, value: number) => did('rating', age, { value });
    const back = (age: number) => did('unrate', age);
    expect(of([rated(3, 4), rated(2, 9), back(1)])).toMatchObject({
      rating: null,
      isSeen: false,
      preference: null,
    });
    expect(of([rated(2, 9), back(2)])).toMatchObject({ rating: null, isSeen: false });
    expect(of([rated(2, 9), back(1), rated(0, 7)])).toMatchObject({ rating: 7, isSeen: true });
    expect(of([did('dislike', 0), did('undislike', 0)])).toMatchObject({ isDisliked: false, isSeen: false });
    expect(of([watched(49, 0)])?.isSeen).toBe(false);
    expect(of([watched(50, 0)])?.isSeen).toBe(true);
    // A film picked as loved has been seen, as long as it is liked; liked elsewhere it may be one to see.
    const picked = did('like', 1, { surface: 'picks' });
    expect(of([picked])).toMatchObject({ isSeen: true, preference: 1, kind: 'liked' });
    expect(of([picked, did('unlike', 0)])).toMatchObject({ isSeen: false });
    expect(of([picked, did('unlike', 0.5), did('like', 0)])).toMatchObject({ isSeen: true });
    expect(of([did('like', 1)])).toMatchObject({ isSeen: false });
    expect(of([did('search_click', 0)])).toBe(null);
    expect(of([did('like', 541)])).toBe(null);
  });
});

describe('properties', () => {
  const weightOf = (events: PairEvent[]): number => {
    const found = interactionOf(events, { runtimeMin: 100 }, MIDDLE, T, config);
    if (found === null || found.preference === null) return 0;
    return found.preference === 1 ? found.wMicro : -found.wMicro;
  };
  const others = fc.array(
    fc.record({
      type: fc.constantFrom<EventType>(
        'like',
        'unlike',
        'dislike',
        'bookmark_add',
        'bookmark_remove',
        'share',
      ),
      daysAgo: fc.integer({ min: 0, max: 500 }),
    }),
    { maxLength: 4 },
  );
  const acts = (list: { type: EventType; daysAgo: number }[]) =>
    list.map(({ type, daysAgo }) => did(type, daysAgo));

  test('monotone in the rating', () => {
    fc.assert(
      fc.property(
        others,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 500 }),
        (rest, value, daysAgo) => {
          const low = weightOf([...acts(rest), did('rating', daysAgo, { value })]);
          expect(
            weightOf([...acts(rest), did('rating', daysAgo, { value: value + 1 })]),
          ).toBeGreaterThanOrEqual(low);
        },
      ),
    );
  });

  test('monotone in the watched share above 0.15, beside other viewings and acts', () => {
    const viewing = fc.record({
      minutes: fc.integer({ min: 1, max: 120 }),
      daysAgo: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(
        others,
        fc.array(viewing, { maxLength: 3 }),
        fc.integer({ min: 15, max: 119 }),
        fc.integer({ min: 0, max: 400 }),
        (rest, viewings, minutes, daysAgo) => {
          const before = [...acts(rest), ...viewings.map((v) => watched(v.minutes, v.daysAgo))];
          // One longer sitting of the same day: the same end, so the same decay.
          const low = weightOf([...before, watched(minutes, daysAgo)]);
          expect(weightOf([...before, watched(minutes + 1, daysAgo)])).toBeGreaterThanOrEqual(low);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('additive over signals that do not contradict each other', () => {
    const strength = fc.constantFrom<PairEvent[]>([did('like', 3)], [watched(80, 3)], [did('share', 3)]);
    fc.assert(
      fc.property(fc.uniqueArray(strength, { minLength: 1, maxLength: 3 }), (signals) => {
        const sum = signals.reduce((total, signal) => total + weightOf(signal), 0);
        expect(Math.abs(weightOf(signals.flat()) - Math.min(sum, 3_000_000))).toBeLessThanOrEqual(
          signals.length,
        );
      }),
    );
  });

  test('does not depend on the order of events', () => {
    const events = [
      did('rating', 2, { value: 9 }),
      watched(40, 3),
      watched(50, 2, 40),
      ...sessions(5, 3),
      did('like', 9),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
        expect(interactionOf(shuffled, { runtimeMin: 100 }, MIDDLE, T, config)).toEqual(
          interactionOf(events, { runtimeMin: 100 }, MIDDLE, T, config),
        );
      }),
    );
  });
});
