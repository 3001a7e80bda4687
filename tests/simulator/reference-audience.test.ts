import { describe, expect, test } from 'vitest';
import type { EventType, ViewerEvent } from '../../src/contracts/index.js';
import {
  type ChurnDraw,
  type Exposure,
  REFERENCE_SETTINGS,
  type SimulatedViewer,
  composedFilms,
  simulateAudience,
} from '../../src/simulator/index.js';
import { UNTIL, reference } from './reference-world.js';

/** The reference audience against the model that it is drawn from (science J.1); tolerances are stated with each figure. */
const exposures: Exposure[] = [];
const draws: ChurnDraw[] = [];
const options = reference({
  truthSink: {
    onExposure: (exposure) => exposures.push(exposure),
    onChurnDraw: (draw) => draws.push(draw),
  },
});
const audience = simulateAudience(options);
const events = [...audience.events()].flat();
const viewers = new Map([...audience.truth.viewers()].map((viewer) => [viewer.profile.profileId, viewer]));
const ofType = (type: EventType) => events.filter((event) => event.type === type);
const mean = (x: number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
const utilityOf = ({ userId, movieId = '' }: ViewerEvent, viewer?: SimulatedViewer) =>
  audience.truth.utility(viewer ?? viewers.get(userId)!, audience.truth.film(movieId)!);

test('activity is Gamma(0.6): squared coefficient of variation 1/0.6, within 15 %', () => {
  const many = simulateAudience(reference({ viewers: 8000, films: options.films.slice(0, 20) }));
  const activity = [...many.truth.viewers()].map((viewer) => viewer.activity);
  const middle = mean(activity);
  expect(middle / REFERENCE_SETTINGS.activity.mean).toBeCloseTo(1, 1);
  const cv2 = mean(activity.map((x) => (x - middle) ** 2)) / middle ** 2;
  expect(cv2 * 0.6).toBeGreaterThan(0.85);
  expect(cv2 * 0.6).toBeLessThan(1.15);
});

test('what the home row shows falls with popularity rank as Zipf–Mandelbrot, slope −0.9 ± 0.1', () => {
  const films = composedFilms(500, 1, UNTIL).map((known) => ({
    ...known,
    film: { ...known.film, addedAt: null, certificates: { MPA: ['G'] } },
  }));
  const shown: Exposure[] = [];
  const settings = { ...REFERENCE_SETTINGS, play: { ...REFERENCE_SETTINGS.play, a: -99 } };
  const idle = simulateAudience(
    reference({ films, settings, truthSink: { onExposure: (e) => shown.push(e) } }),
  );
  for (const _ of idle.events());
  const counts = new Map<string, number>();
  for (const { surface, filmId } of shown)
    if (surface === 'home') counts.set(filmId, (counts.get(filmId) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => b - a).slice(0, 300);
  // log(count) against log(rank + 12): least squares. The last ranks hold too few draws.
  const x = sorted.map((_, rank) => Math.log(rank + 13));
  const y = sorted.map(Math.log);
  const [mx, my] = [mean(x), mean(y)];
  const slope = mean(x.map((v, i) => (v - mx) * (y[i]! - my))) / mean(x.map((v) => (v - mx) ** 2));
  expect(slope).toBeLessThan(-0.8);
  expect(slope).toBeGreaterThan(-1);
});

test('sessions follow the weekdays, Saturday : Tuesday = 1.35 : 0.75 within 10 %', () => {
  // Nobody leaves or joins, so that every week is alike.
  const settings = { ...REFERENCE_SETTINGS, churn: null };
  const steady = simulateAudience(reference({ settings, days: 56 }));
  const sessions = new Map<number, Set<string>>();
  for (const { ts, sessionId = '' } of [...steady.events()].flat()) {
    const day = new Date(ts).getUTCDay();
    sessions.set(day, (sessions.get(day) ?? new Set()).add(sessionId));
  }
  const ratio = sessions.get(6)!.size / sessions.get(2)!.size;
  expect(ratio / (1.35 / 0.75)).toBeGreaterThan(0.9);
  expect(ratio / (1.35 / 0.75)).toBeLessThan(1.1);
});

test('holidays have half as many sessions again: Christmas Day against the same weekday a week before, within 15 %', () => {
  const until = new Date('2026-01-02T00:00:00Z');
  const films = composedFilms(200, 1, until);
  const winter = simulateAudience(reference({ viewers: 4000, until, films, days: 16 }));
  const happened = [...winter.events()].flat();
  const sessions = (date: string) =>
    new Set(happened.filter(({ ts }) => ts.startsWith(date)).map((event) => event.sessionId)).size;
  const ratio = sessions('2025-12-25') / sessions('2025-12-18');
  expect(ratio / 1.5).toBeGreaterThan(0.85);
  expect(ratio / 1.5).toBeLessThan(1.15);
});

describe('position and play', () => {
  test('films are examined as 1/log2(1 + position): position 3 half as often as 1, within 8 %', () => {
    // Of rows in which nothing was played: a play ends the look.
    const settings = { ...REFERENCE_SETTINGS, play: { ...REFERENCE_SETTINGS.play, a: -99 } };
    const shown: Exposure[] = [];
    const idle = simulateAudience(reference({ settings, truthSink: { onExposure: (e) => shown.push(e) } }));
    for (const _ of idle.events());
    const at = (position: number) => shown.filter((exposure) => exposure.position === position).length;
    for (const position of [2, 3, 7, 12]) {
      const curve = (at(position) / at(1)) * Math.log2(1 + position);
      expect(curve, `position ${position}`).toBeGreaterThan(0.92);
      expect(curve, `position ${position}`).toBeLessThan(1.08);
    }
  });

  test('the propensities told are the ones drawn: plays by decile of probability within 4 standard errors', () => {
    const sorted = exposures.toSorted((a, b) => a.play - b.play);
    const size = Math.floor(sorted.length / 10);
    for (let decile = 0; decile < 10; decile += 1) {
      const part = sorted.slice(decile * size, (decile + 1) * size);
      const expected = mean(part.map(({ play }) => play));
      const seen = mean(part.map(({ isPlayed }) => Number(isPlayed)));
      const error = Math.sqrt(mean(part.map(({ play }) => play * (1 - play))) / size);
      expect(Math.abs(seen - expected), `decile ${decile}`).toBeLessThan(4 * error);
    }
  });

  test('every play that is told was an exposure', () => {
    expect(exposures.filter(({ isPlayed }) => isPlayed).length).toBeGreaterThanOrEqual(
      ofType('play_start').length,
    );
  });
});

describe('ratings are missing not at random', () => {
  const played = new Set(ofType('play_start').map(({ userId, movieId }) => `${userId} ${movieId}`));
  const rated = ofType('rating').filter(({ userId, movieId }) => played.has(`${userId} ${movieId}`));

  test('about 8 % of plays are rated (6 to 10 %)', () => {
    const share = rated.length / ofType('play_start').length;
    expect(share).toBeGreaterThan(0.06);
    expect(share).toBeLessThan(0.1);
  });

  test('feelings of the rated plays are stronger than of all: |u − neutral| at least 1.2 times', () => {
    const { neutral } = REFERENCE_SETTINGS.rating;
    const strength = (rows: ViewerEvent[]) => mean(rows.map((event) => Math.abs(utilityOf(event) - neutral)));
    expect(strength(rated) / strength(ofType('play_start'))).toBeGreaterThan(1.2);
  });

  test('their value rises with utility: 2.2 a unit, within 0.5 (the ends of the scale flatten it)', () => {
    const steady = rated.filter(({ userId }) => viewers.get(userId)!.drift === null);
    const inner = steady.filter((event) => Math.abs(utilityOf(event)) < 1);
    const [x, y] = [inner.map((event) => utilityOf(event)), inner.map(({ value = 0 }) => value)];
    const [mx, my] = [mean(x), mean(y)];
    const slope = mean(x.map((v, i) => (v - mx) * (y[i]! - my))) / mean(x.map((v) => (v - mx) ** 2));
    expect(Math.abs(slope - 2.2)).toBeLessThan(0.5);
  });
});

describe('leaving', () => {
  test('viewers leave as often as their hazards say, within 4 standard errors', () => {
    expect(draws.length).toBeGreaterThan(1000);
    const expected = mean(draws.map(({ hazard }) => hazard));
    const error = Math.sqrt(mean(draws.map(({ hazard: h }) => h * (1 - h))) / draws.length);
    expect(Math.abs(mean(draws.map(({ isLeaving }) => Number(isLeaving))) - expected)).toBeLessThan(
      4 * error,
    );
  });

  test('whoever has left does nothing more', () => {
    const left = new Map(
      draws.filter(({ isLeaving }) => isLeaving).map(({ profileId, dayMs }) => [profileId, dayMs]),
    );
    expect(left.size).toBeGreaterThan(20);
    // A film begun before midnight may end after it.
    const after = events.filter(
      ({ userId, ts }) => Date.parse(ts) > (left.get(userId) ?? Infinity) + 21_600_000,
    );
    expect(after).toEqual([]);
  });

  test('a viewer without luck is more likely to leave than one who watches', () => {
    const hazards = draws.map(({ hazard }) => hazard);
    expect(Math.max(...hazards)).toBeGreaterThan(0.1);
    expect(Math.min(...hazards)).toBeLessThan(0.01);
  });
});

test('one viewer in ten changes taste, on a day of the period; afterwards plays fit the new one better', () => {
  const drifting = [...viewers.values()].filter((viewer) => viewer.drift !== null);
  expect(drifting.length / viewers.size).toBeGreaterThan(0.07);
  expect(drifting.length / viewers.size).toBeLessThan(0.13);
  const gain = (isAfter: boolean) =>
    mean(
      ofType('play_start').flatMap((event) => {
        const { drift } = viewers.get(event.userId)!;
        if (drift === null || Date.parse(event.ts) >= audience.days[drift.day]! !== isAfter) return [];
        return [utilityOf(event, { ...viewers.get(event.userId)!, taste: drift.taste }) - utilityOf(event)];
      }),
    );
  expect(gain(true)).toBeGreaterThan(gain(false) + 0.2);
});

test('markets have their shares and their mean tastes', () => {
  const of = (market: string) => [...viewers.values()].filter(({ profile }) => profile.market === market);
  expect(of('KR').length / viewers.size).toBeCloseTo(0.15, 1);
  const world = REFERENCE_SETTINGS.space.axes.indexOf('world');
  const taste = (market: string) => mean(of(market).map((viewer) => viewer.taste[world]!));
  expect(taste('KR') - taste('default')).toBeGreaterThan(0.25);
});

/**
 * Share of a matrix's variance about its column means that the best `rank` dimensions leave: subspace iteration.
 * 0 for any θ·q of as many dimensions.
 */
function leftBy(rank: number, rows: Float64Array[]): number {
  const width = rows[0]!.length;
  const columnMeans = Array.from({ length: width }, (_, j) => mean(rows.map((row) => row[j]!)));
  const centred = rows.map((row) => row.map((x, j) => x - columnMeans[j]!));
  const total = centred.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0);
  let basis = Array.from({ length: rank }, (_, r) =>
    Float64Array.from({ length: width }, (__, j) => Math.sin((r + 1) * (j + 1) * 1.7)),
  );
  let kept = 0;
  for (let round = 0; round < 40; round += 1) {
    const next = basis.map(() => new Float64Array(width));
    for (const row of centred) {
      basis.forEach((vector, r) => {
        const along = vector.reduce((sum, x, j) => sum + x * row[j]!, 0);
        row.forEach((x, j) => (next[r]![j]! += along * x));
      });
    }
    kept = 0;
    basis = [];
    for (const vector of next) {
      for (const other of basis) {
        const along = vector.reduce((sum, x, j) => sum + x * other[j]!, 0);
        vector.forEach((_, j) => (vector[j]! -= along * other[j]!));
      }
      const length = Math.hypot(...vector);
      kept += length;
      basis.push(vector.map((x) => x / length));
    }
  }
  return 1 - kept / total;
}

test('the non-linear variant is none of a dot product: eight dimensions leave a tenth of its variance, 0 of the other', () => {
  const films = composedFilms(150, 1, UNTIL);
  const matrix = (variant: 'dot-product' | 'non-linear') => {
    const { truth } = simulateAudience(
      reference({ viewers: 250, films, settings: { ...REFERENCE_SETTINGS, variant } }),
    );
    return [...truth.viewers()].map((viewer) =>
      Float64Array.from(films, ({ film }) => truth.utility(viewer, truth.film(film.filmId)!)),
    );
  };
  expect(leftBy(8, matrix('dot-product'))).toBeLessThan(1e-4);
  expect(leftBy(8, matrix('non-linear'))).toBeGreaterThan(0.1);
});
