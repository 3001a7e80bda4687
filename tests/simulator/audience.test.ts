import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { eventSchema, profileSchema } from '../../src/contracts/index.js';
import {
  type AudienceOptions,
  NAMED_VIEWERS,
  demoAudience,
  simulateAudience,
} from '../../src/simulator/index.js';
import { AGES, UNTIL, demoFilms, maxAge, minAge } from './demo-world.js';

const films = await demoFilms();
const small: AudienceOptions = { ...demoAudience(films, UNTIL, AGES), viewers: 200, days: 20 };
const eventsOf = (options: AudienceOptions) => [...simulateAudience(options).events()].flat();
const profilesOf = (options: AudienceOptions) => [...simulateAudience(options).profiles()];
const sha256 = (options: AudienceOptions) => {
  const hash = createHash('sha256').update(JSON.stringify(profilesOf(options)));
  for (const batch of simulateAudience(options).events()) hash.update(JSON.stringify(batch));
  return hash.digest('hex');
};

describe('a simulated audience', () => {
  test('same seed, same bytes; another seed, other bytes', () => {
    expect(sha256(small)).toBe(sha256(small));
    expect(sha256({ ...small, seed: 2 })).not.toBe(sha256(small));
  });

  test('a viewer does the same in a small audience as in a large one', () => {
    const large = eventsOf({ ...small, viewers: 400 });
    const ofAda = (events: typeof large) => events.filter(({ userId }) => userId === 'ada');
    const ofStranger = (events: typeof large) => events.filter(({ userId }) => userId === 'sim-000003-1');
    const fewer = eventsOf(small);
    expect(ofAda(fewer).length).toBeGreaterThan(0);
    expect(ofAda(fewer)).toEqual(ofAda(large));
    expect(ofStranger(fewer)).toEqual(ofStranger(large));
  });

  test('any viewer can be simulated alone, in any order, and whatever the batches are', () => {
    const together = eventsOf({ ...small, batchSize: 7 });
    expect(together).toEqual(eventsOf(small));
    const audience = simulateAudience(small);
    const end = UNTIL.toISOString();
    const alone = [...audience.truth.viewers()].reverse().slice(0, 60);
    for (const viewer of alone) {
      const own = audience.life(viewer);
      const events = audience.days.flatMap((dayMs) => own.day(dayMs)).filter(({ ts }) => ts < end);
      expect(events).toEqual(together.filter(({ userId }) => userId === viewer.profile.profileId));
    }
    expect(alone.length).toBe(60);
  });

  test('a day’s streams are its own: it begins alike however the days before it went', () => {
    const audience = simulateAudience(small);
    const [ada] = audience.truth.viewers();
    const [first, second] = [audience.life(ada!), audience.life(ada!)];
    const { days } = audience;
    const day = days.find((dayMs) => first.starts(dayMs).length > 0 && dayMs > days[10]!)!;
    for (const dayMs of days) if (dayMs < day) first.day(dayMs);
    // Asking for a day's sessions changes nothing, and needs none of the days before it.
    expect(first.starts(day)).toEqual(second.starts(day));
    const [lived, fresh] = [first.day(day), second.day(day)];
    expect(lived[0]!.eventId).toBe(fresh[0]!.eventId);
    expect(lived[0]!.sessionId).toBe(fresh[0]!.sessionId);
  });

  test('event ids do not depend on the day of loading, so a load cut off yesterday is completed, not doubled', () => {
    const nextDay = { ...small, until: new Date(UNTIL.getTime() + 86_400_000) };
    const ids = new Set(eventsOf(small).map(({ eventId }) => eventId));
    const again = eventsOf(nextDay).filter(({ eventId }) => ids.has(eventId)).length;
    expect(again / ids.size).toBeGreaterThan(0.8);
  });

  test('every profile and every event satisfies the contracts; ids are unique', () => {
    const profiles = profilesOf(small);
    expect(profiles.length).toBe(200);
    expect(new Set(profiles.map((profile) => profile.profileId)).size).toBe(200);
    for (const profile of profiles) expect(profileSchema.parse(profile)).toEqual(profile);
    const events = eventsOf(small);
    for (const event of events) expect(eventSchema.parse(event)).toEqual(event);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
    const known = new Set(profiles.map((profile) => profile.profileId));
    expect(events.every(({ userId }) => known.has(userId))).toBe(true);
  });

  test('sessions have opaque ids: nobody is named in them, and none is of two viewers', () => {
    const viewerOf = new Map<string, string>();
    for (const { sessionId = '', userId } of eventsOf(small)) {
      expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
      expect(viewerOf.get(sessionId) ?? userId).toBe(userId);
      viewerOf.set(sessionId, userId);
    }
    expect(viewerOf.size).toBeGreaterThan(200);
  });

  test('events lie within the period; each viewer’s come in the order of time, none before joining', () => {
    const joined = new Map(profilesOf(small).map((profile) => [profile.profileId, profile.createdAt ?? '']));
    const last = new Map<string, string>();
    for (const { userId, ts } of eventsOf(small)) {
      expect(
        ts >= new Date(UNTIL.getTime() - 20 * 86_400_000).toISOString() && ts < UNTIL.toISOString(),
      ).toBe(true);
      expect(ts >= (last.get(userId) ?? joined.get(userId) ?? '')).toBe(true);
      last.set(userId, ts);
    }
  });

  test('batches are as large as asked for, and no larger', () => {
    const sizes = [...simulateAudience({ ...small, batchSize: 300 }).events()].map((batch) => batch.length);
    expect(sizes.slice(0, -1).every((size) => size === 300)).toBe(true);
    expect(sizes.at(-1)).toBeLessThanOrEqual(300);
  });

  test('progress counts every viewer', () => {
    const heard: number[] = [];
    for (const batch of simulateAudience(small).events((done) => heard.push(done)))
      expect(batch.length).toBeGreaterThan(0);
    expect(heard).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  test('nobody watches a film before it joined the catalogue', () => {
    const addedAt = new Map(films.map(({ film }) => [film.filmId, film.addedAt ?? '']));
    for (const { movieId = '', ts } of eventsOf(small)) expect(ts >= (addedAt.get(movieId) ?? '')).toBe(true);
  });

  test('nobody meets a film above their age, children included', () => {
    const options = { ...small, viewers: 1200 };
    const limits = new Map(profilesOf(options).map((profile) => [profile.profileId, maxAge(profile, 2026)]));
    const needed = new Map(films.map(({ film }) => [film.filmId, minAge(film)]));
    const above = (events: ReturnType<typeof eventsOf>) =>
      events.filter(({ movieId = '', userId }) => (needed.get(movieId) ?? 99) > (limits.get(userId) ?? 0))
        .length;
    expect(above(eventsOf(options))).toBe(0);
    // The guard can fail: with an age rule that lets everybody see everything, children do meet such films.
    expect(above(eventsOf({ ...options, ages: { minAge, maxAge: () => 98 } }))).toBeGreaterThan(0);
  });

  test('a viewer to whom nothing may be shown does nothing', () => {
    const options = { ...small, ages: { minAge: () => 18, maxAge } };
    expect(eventsOf(options).some(({ userId }) => userId === 'mia')).toBe(false);
    expect(profilesOf(options).some(({ profileId }) => profileId === 'mia')).toBe(true);
  });

  test('the named viewers are there, children on an account with an adult', () => {
    const profiles = new Map(profilesOf(small).map((profile) => [profile.profileId, profile]));
    for (const { profileId } of NAMED_VIEWERS) expect(profiles.get(profileId)?.isDemo).toBe(true);
    expect([...profiles.values()].filter(({ isDemo }) => isDemo)).toHaveLength(NAMED_VIEWERS.length);
    const limit = (id: string) => maxAge(profiles.get(id)!, UNTIL.getUTCFullYear());
    expect([limit('mia'), limit('emil-jr'), limit('noah'), limit('ada')]).toEqual([7, 10, 13, 44]);
    expect(profiles.get('mia')?.accountId).toBe(profiles.get('dora')?.accountId);
    expect(profiles.get('emil-jr')?.accountId).toBe(profiles.get('emil')?.accountId);
    expect(profiles.get('mia')?.isKids).toBe(true);
  });

  test('options that cannot be met are refused', () => {
    expect(() => simulateAudience({ ...small, viewers: 3 })).toThrow(
      'viewers is 3, but 8 are named: ask for at least as many',
    );
    expect(() => simulateAudience({ ...small, films: [] })).toThrow('needs at least one film');
    expect(() => simulateAudience({ ...small, films: [...films, ...films.slice(0, 1)] })).toThrow(
      'share a filmId',
    );
  });
});
