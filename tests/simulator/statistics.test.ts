import { describe, expect, test } from 'vitest';
import type { EventType } from '../../src/contracts/index.js';
import { type SimulatedViewer, demoAudience, simulateAudience } from '../../src/simulator/index.js';
import { AGES, UNTIL, demoFilms } from './demo-world.js';

/** The demo's audience as it is loaded, measured. */
const films = await demoFilms();
const started = process.cpuUsage();
const audience = simulateAudience(demoAudience(films, UNTIL, AGES));
const events = [...audience.events()].flat();
const { user } = process.cpuUsage(started);
const profiles = [...audience.profiles()];
const viewers = new Map([...audience.truth.viewers()].map((viewer) => [viewer.profile.profileId, viewer]));
const ofType = (type: EventType) => events.filter((event) => event.type === type);
const plays = ofType('play_start');
const mean = (x: number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;

function countBy<T>(items: T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

describe('the size of the demo', () => {
  test('3,000 viewers, about 8 % children, 100,000 to 200,000 events of 60 days', () => {
    expect(profiles.length).toBe(3000);
    const kids = profiles.filter((profile) => profile.isKids).length / profiles.length;
    expect(kids).toBeGreaterThan(0.06);
    expect(kids).toBeLessThan(0.1);
    expect(events.length).toBeGreaterThan(100_000);
    expect(events.length).toBeLessThan(200_000);
    expect(new Set(events.map(({ ts }) => ts.slice(0, 10))).size).toBe(60);
  });

  test('made within 5 seconds of CPU', () => {
    expect(user / 1e6).toBeLessThan(5);
  });

  test('all kinds of behaviour occur, heartbeats sparingly', () => {
    const kinds = countBy(events, ({ type }) => type);
    const expected: EventType[] = [
      'rating',
      'like',
      'unlike',
      'dislike',
      'undislike',
      'play_start',
      'play_heartbeat',
      'play_end',
      'bookmark_add',
      'bookmark_remove',
      'share',
      'detail_open',
      'trailer_play',
      'impression',
      'search_click',
    ];
    expect([...kinds.keys()].sort()).toEqual(expected.sort());
    expect(kinds.get('play_heartbeat')! / plays.length).toBeLessThan(0.2);
    expect(kinds.get('impression')! / events.length).toBeLessThan(0.1);
  });
});

describe('what the audience does', () => {
  test('few films draw many plays, and yet most draw enough to be learned', () => {
    const counts = [...countBy(plays, ({ movieId }) => movieId!).values()].sort((a, b) => b - a);
    const share = counts.slice(0, Math.ceil(films.length / 10)).reduce((a, b) => a + b, 0) / plays.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.6);
    const raters = new Map<string, Set<string>>();
    for (const { movieId = '', userId } of plays)
      raters.set(movieId, (raters.get(movieId) ?? new Set()).add(userId));
    expect([...raters.values()].filter((set) => set.size >= 20).length / films.length).toBeGreaterThan(0.6);
  });

  test('few viewers come often, and some never', () => {
    const counts = countBy(plays, ({ userId }) => userId);
    const sorted = [...counts.values()].sort((a, b) => b - a);
    expect(sorted.slice(0, 300).reduce((a, b) => a + b, 0) / plays.length).toBeGreaterThan(0.3);
    expect(profiles.length - counts.size).toBeGreaterThan(200);
  });

  test('weekends are busier: Saturday at least 1.4 times Tuesday', () => {
    const days = countBy(events, ({ ts }) => String(new Date(ts).getUTCDay()));
    expect(days.get('6')! / days.get('2')!).toBeGreaterThan(1.4);
  });

  test('adults watch in the evening, children in the afternoon', () => {
    const startHour = (isChild: boolean) =>
      plays
        .filter(({ userId }) => (viewers.get(userId)?.age ?? 99) < 13 === isChild)
        .map(({ ts }) => new Date(ts).getUTCHours());
    const share = (hours: number[], from: number, to: number) =>
      hours.filter((h) => h >= from && h < to).length / hours.length;
    expect(share(startHour(false), 19, 24)).toBeGreaterThan(0.45);
    expect(share(startHour(true), 14, 19)).toBeGreaterThan(0.5);
    expect(share(startHour(true), 22, 24)).toBeLessThan(0.02);
  });

  test('earlier positions of a row are played more', () => {
    const positions = countBy(plays, ({ position }) => String(position));
    expect(positions.get('1')!).toBeGreaterThan(2 * positions.get('4')!);
    expect(positions.get('4')!).toBeGreaterThan(positions.get('12')!);
  });

  test('films that fit are watched longer and rated higher', () => {
    const runtime = new Map(films.map(({ film }) => [film.filmId, (film.runtimeMin ?? 100) * 60]));
    const fits = (userId: string, filmId: string) =>
      audience.truth.utility(viewers.get(userId)!, audience.truth.film(filmId)!);
    const split = (rows: { fit: number; value: number }[]) => {
      const middle = rows.map(({ fit }) => fit).sort((a, b) => a - b)[rows.length >> 1] ?? 0;
      const half = (isUpper: boolean) =>
        mean(rows.filter(({ fit }) => fit > middle === isUpper).map(({ value }) => value));
      return { lower: half(false), upper: half(true) };
    };
    const watched = split(
      ofType('play_end').map(({ userId, movieId = '', toSec = 0 }) => ({
        fit: fits(userId, movieId),
        value: toSec / runtime.get(movieId)!,
      })),
    );
    expect(watched.upper).toBeGreaterThan(watched.lower + 0.1);
    expect(watched.lower).toBeGreaterThan(0.4);
    const ratings = split(
      ofType('rating').map(({ userId, movieId = '', value = 0 }) => ({ fit: fits(userId, movieId), value })),
    );
    expect(ratings.upper).toBeGreaterThan(ratings.lower + 1);
  });

  test('nobody watches more of a film than there is', () => {
    const runtime = new Map(films.map(({ film }) => [film.filmId, (film.runtimeMin ?? 100) * 60]));
    const beyond = ofType('play_end').filter(({ movieId = '', toSec = 0 }) => toSec > runtime.get(movieId)!);
    expect(beyond).toEqual([]);
  });

  test('a fifth of the events are ratings, on the whole scale, mean about 7; enough for a Top 50', () => {
    const ratings = ofType('rating');
    expect(ratings.length / events.length).toBeGreaterThan(0.1);
    expect(ratings.length / events.length).toBeLessThan(0.3);
    const values = ratings.map(({ value = 0 }) => value);
    expect(mean(values)).toBeGreaterThan(6.3);
    expect(mean(values)).toBeLessThan(7.7);
    expect(new Set(values).size).toBe(10);
    const votes = [...countBy(ratings, ({ movieId }) => movieId!).values()];
    expect(votes.filter((count) => count >= 50).length).toBeGreaterThan(60);
  });
});

describe('tastes', () => {
  const cut = new Date(UNTIL.getTime() - 10 * 86_400_000).toISOString();
  const before = plays.filter(({ ts }) => ts < cut);
  const popularity = countBy(before, ({ movieId }) => movieId!);
  const seen = new Map<string, Set<string>>();
  for (const { userId, movieId = '' } of before)
    seen.set(userId, (seen.get(userId) ?? new Set()).add(movieId));
  const heldOut = plays.filter(
    ({ userId, movieId = '', ts }) =>
      ts >= cut && (seen.get(userId)?.size ?? 0) >= 5 && seen.get(userId)?.has(movieId) !== true,
  );

  const row = new Map(films.map(({ film }, at) => [film.filmId, at]));

  /** Mean share of a viewer's unseen films that are ranked below one they did play: AUC; ties count half. */
  function auc(scoresOf: (viewer: SimulatedViewer) => number[]): number {
    const shares: number[] = [];
    for (const userId of new Set(heldOut.map((event) => event.userId))) {
      const played = heldOut.filter((event) => event.userId === userId);
      const viewer = viewers.get(userId)!;
      const limit = AGES.maxAge(viewer.profile, UNTIL.getUTCFullYear());
      const scores = scoresOf(viewer);
      const candidates = films.flatMap(({ film }, at) =>
        AGES.minAge(film) <= limit && !seen.get(userId)!.has(film.filmId) ? [scores[at]!] : [],
      );
      for (const { movieId = '' } of played) {
        const own = scores[row.get(movieId)!]!;
        const below = candidates.filter((score) => score < own).length;
        const ties = candidates.filter((score) => score === own).length - 1;
        shares.push((below + ties / 2) / (candidates.length - 1));
      }
    }
    return mean(shares);
  }
  const popular = films.map(({ film }) => popularity.get(film.filmId) ?? 0);
  const byPopularity = auc(() => popular);

  test('the truth ranks held-out plays better than popularity does', () => {
    expect(heldOut.length).toBeGreaterThan(1000);
    expect(byPopularity).toBeGreaterThan(0.6);
    const oracle = auc((viewer) =>
      films.map(({ film: { filmId } }) => {
        const film = audience.truth.film(filmId)!;
        return 2.5 * audience.truth.utility(viewer, film) + film.popularity;
      }),
    );
    expect(oracle).toBeGreaterThan(byPopularity + 0.1);
  });

  test('taste can be learned from plays alone: what goes together with one’s films ranks better than popularity', () => {
    const together = coOccurrence(
      [...seen.values()].map((own) => [...own].map((filmId) => row.get(filmId)!)),
      films.length,
    );
    const neighbours = auc((viewer) => {
      const scores = films.map(() => 0);
      for (const filmId of seen.get(viewer.profile.profileId)!) {
        const from = row.get(filmId)! * films.length;
        for (let at = 0; at < films.length; at += 1) scores[at]! += together[from + at]!;
      }
      return scores;
    });
    expect(neighbours).toBeGreaterThan(byPopularity + 0.03);
  });

  test.each([
    ['ada', (genres: string[]) => genres.includes('Film-Noir') || genres.includes('Crime')],
    ['bruno', (genres: string[]) => genres.includes('Western')],
    [
      'chitra',
      (_: string[], countries: string[]) => countries.includes('India') || countries.includes('Bangladesh'),
    ],
    ['dora', (genres: string[]) => genres.includes('Musical')],
    ['emil', (genres: string[]) => genres.includes('Science Fiction') || genres.includes('Horror')],
    ['emil-jr', (genres: string[]) => genres.includes('Animation') || genres.includes('Family')],
    ['mia', (genres: string[]) => genres.includes('Animation') || genres.includes('Family')],
    [
      'noah',
      (genres: string[]) =>
        ['Adventure', 'Action', 'Science Fiction', 'War'].some((genre) => genres.includes(genre)),
    ],
  ])('%s mostly watches what the name promises, and leaves some of it to be recommended', (id, belongs) => {
    const isKind = new Map(films.map(({ film }) => [film.filmId, belongs(film.genres, film.countries)]));
    const own = new Set(plays.filter(({ userId }) => userId === id).map(({ movieId = '' }) => movieId));
    const kind = [...own].filter((filmId) => isKind.get(filmId));
    expect(own.size).toBeGreaterThanOrEqual(15);
    expect(kind.length / own.size, `${kind.length} of ${own.size}`).toBeGreaterThan(0.5);
    expect([...isKind.values()].filter(Boolean).length - kind.length).toBeGreaterThanOrEqual(15);
  });
});

/** Cosine of each two films' audiences, n × n row-major; 0 on the diagonal. */
function coOccurrence(histories: number[][], n: number): Float64Array {
  const both = new Float64Array(n * n);
  for (const history of histories) for (const a of history) for (const b of history) both[a * n + b]! += 1;
  return both.map((count, at) => {
    const a = Math.floor(at / n);
    const b = at % n;
    return a === b || count === 0 ? 0 : count / Math.sqrt(both[a * n + a]! * both[b * n + b]!);
  });
}
