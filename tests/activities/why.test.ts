import { afterEach, expect, it } from 'vitest';
import { createExclusions } from '../../src/api/exclusions.js';
import { createProfiles } from '../../src/api/profiles.js';
import { openLists } from '../../src/api/serving-store.js';
import { createWhy } from '../../src/api/why.js';
import { whySchema } from '../../src/contracts/api.js';
import { profileSchema } from '../../src/contracts/films.js';
import { isAllowed, profileMaxAge } from '../../src/core/age-gate/index.js';
import { createCatalogue } from '../../src/core/ranking/catalogue.js';
import { memoryStore } from '../api/memory-store.js';
import { createWorld, type World } from './score-world.js';
import { NIGHT, smallWorld, type ViewerRow } from './score-world-rows.js';

const worlds: World[] = [];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const world of worlds.splice(0)) world.dispose();
});

/** A published release, and what the API says of it; viewers are asked for by pid. */
async function published(rows = smallWorld()) {
  const world = await createWorld(rows);
  worlds.push(world);
  const formula = await world.formula.build();
  const model = await world.model();
  const buckets = [];
  for (const { bucket } of await world.score.plan())
    buckets.push(await world.score.bucket(bucket, formula, model));
  const { films, viewers, interactions } = world.refs;
  const { releaseId } = await world.publish({
    night: NIGHT,
    snapshot: { events: world.refs.events, films, viewers, days: 1, changedDays: 1 },
    buckets,
    interactions,
    formula,
    formulaRelease: null,
    model,
    report: null,
    verdict: null,
    publish: true,
    expectSeq: 0,
    by: 'test',
  });
  const lists = await world.deps.releases.readFormula((await world.formula.publish(formula)).releaseId);
  const opened = await openLists(world.root, world.deps.releases, releaseId);
  const reader = await world.deps.releases.readLists(releaseId);
  closing.push(
    () => opened.close(),
    () => reader.close(),
  );

  const clock = { now: () => new Date('2026-02-01T08:00:00Z') };
  const serving = { lists: () => opened.served, formula: () => null };
  const profileOf = ({ pid, market, birth_year, is_kids, consent }: ViewerRow) =>
    profileSchema.parse({
      profileId: pid,
      accountId: 'a',
      market,
      birthYear: birth_year,
      isKids: is_kids,
      consent,
    });
  const memory = memoryStore(clock.now);
  const store = {
    ...memory,
    saveEvents: () => Promise.reject(new Error('not here')),
    profile: (id: string) => {
      const viewer = rows.viewers.find(({ pid }) => pid === id);
      return Promise.resolve(viewer === undefined ? null : profileOf(viewer));
    },
  };
  const { config } = world.deps;
  const deps = { store, clock, serving, config, pidOf: (id: string) => id };
  const catalogue = createCatalogue(lists, config.ages);
  const exclusions = createExclusions(deps, 1000);
  const why = createWhy({
    ...deps,
    profiles: createProfiles(deps, 1000),
    exclusions,
    catalogue: () => catalogue,
  });
  const mayName = (viewer: ViewerRow, filmId: string) => {
    const index = catalogue.indexOf(filmId)!;
    const shelf = catalogue.shelf(viewer.market);
    const maxAge = profileMaxAge(profileOf(viewer), 2026, config.ages);
    return shelf.isHeld[index] === 1 && isAllowed(maxAge, shelf.minAge[index]!);
  };
  return { rows, why, exclusions, mayName, listOf: (pid: string) => reader.get(pid)! };
}

it('every item of every list is explained exactly: its place, its score, and what each film of the history adds to it', async () => {
  const { rows, why, mayName, listOf } = await published();
  let explained = 0;
  let tasted = 0;
  for (const viewer of rows.viewers) {
    const { items, servedBy } = listOf(viewer.pid);
    for (const [i, { filmId, score, reason }] of items.entries()) {
      const answer = whySchema.strict().parse(await why(viewer.pid, filmId));
      expect(answer).toMatchObject({ position: i + 1, reason, servedBy, title: `Film ${filmId}` });
      expect(answer.decisions.filter(({ filter }) => filter !== 'model' && filter !== 'consent')).toSatisfy(
        (decisions: { passed: boolean }[]) => decisions.every(({ passed }) => passed),
      );
      if (answer.score === null || score === 0 || servedBy !== 'personal') continue;
      explained++;
      expect(answer.score).toBeCloseTo(score, 5);
      expect(answer.rank).toBe(i + 1);
      const sum = answer.contributions.reduce(
        (all, each) => all + each.contribution,
        answer.others.contribution,
      );
      const { taste, now, genres } = answer.parts!;
      expect(taste + now + genres).toBeCloseTo(answer.score!, 9);
      if (answer.taste === null) continue;
      tasted++;
      expect(Math.abs(sum - answer.taste)).toBeLessThan(1e-9 * Math.abs(answer.taste) + 1e-12);
      const named = answer.contributions.map(({ movieId }) => movieId);
      for (const movieId of named) expect(mayName(viewer, movieId)).toBe(true);
      if (reason.movieIds.length > 0) expect(named).toContain(reason.movieIds[0]);
    }
  }
  expect(explained).toBeGreaterThan(300);
  expect(tasted).toBeGreaterThan(300);
});

it('what is not in a list is explained by the filter or the place that kept it out; what is above the age is not found', async () => {
  const { rows, why, mayName, listOf } = await published();
  const filters = new Set<string>();
  for (const viewer of rows.viewers) {
    const { items } = listOf(viewer.pid);
    const own = rows.interactions.filter(({ pid }) => pid === viewer.pid);
    for (const { film_id: filmId } of rows.films) {
      if (items.some((item) => item.filmId === filmId)) continue;
      const answer = await why(viewer.pid, filmId);
      expect(answer === null).toBe(!mayName(viewer, filmId));
      const told = (await why(viewer.pid, filmId, { ofAnyAge: true }))!;
      expect(told.position).toBeNull();
      if (answer === null) expect([told.title, told.year]).toEqual([null, null]);
      const failed = told.decisions.filter(({ passed }) => !passed).map(({ filter }) => filter);
      for (const filter of failed) filters.add(filter);
      const seen = own.some((row) => row.film_id === filmId && row.is_seen);
      expect(failed.includes('seen')).toBe(seen);
      expect(told.summary).toMatch(/^not in/);
      if (answer === null)
        expect(failed).toSatisfy((f: string[]) => f.includes('age') || f.includes('market'));
    }
  }
  expect([...filters].sort()).toEqual(['age', 'consent', 'disliked', 'market', 'model', 'seen']);
});

it('an exclusion says so at once, and a film that counts for nothing is not named', async () => {
  const { rows, why, exclusions, listOf } = await published();
  const viewer = rows.viewers.find(({ pid }) =>
    listOf(pid).items.some(({ reason }) => reason.movieIds.length > 0),
  )!;
  const { filmId, reason } = listOf(viewer.pid).items.find((item) => item.reason.movieIds.length > 0)!;
  const [cited] = reason.movieIds;
  await exclusions.say(viewer.pid, filmId, 'not_interested', true);
  const hidden = await why(viewer.pid, filmId);
  expect(hidden).toMatchObject({
    position: null,
    summary: "not in this viewer's list: excluded by this viewer",
  });
  await exclusions.say(viewer.pid, filmId, 'not_interested', false);
  await exclusions.say(viewer.pid, cited!, 'dont_use', true);
  const uncited = await why(viewer.pid, filmId);
  expect(uncited?.contributions.map(({ movieId }) => movieId)).not.toContain(cited);
  expect(uncited?.position).toBeNull();
});

it('strangers are told so, and an unknown film is not found', async () => {
  const { rows, why } = await published();
  await expect(why('nobody', 'f00')).rejects.toThrow('there is no profile "nobody"');
  expect(await why(rows.viewers[0]!.pid, 'unknown')).toBeNull();
});
