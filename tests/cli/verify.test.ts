import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ViewerList } from '../../src/activities/deps.js';
import type { WorkDone } from '../../src/contracts/index.js';
import { readOnlyArtifacts } from '../../src/adapters/artifacts/artifact-store.js';
import { encodeList, pidToKey } from '../../src/adapters/releases/list-codec.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { type Verification, verifyRelease } from '../../src/cli/verify/verify-release.js';
import { filmMinAge } from '../../src/core/age-gate/index.js';
import { type World } from '../activities/score-world.js';
import { inlineThreads } from '../support/inline-threads.js';
import { smallWorld } from '../activities/score-world-rows.js';
import { scored } from '../activities/scored-world.js';

/** A published release, and a copy of its warehouse for each test to spoil. */
let world: World;
let releaseId: string;
let root: string;

beforeAll(async () => {
  const rows = smallWorld();
  const consents = new Set(rows.viewers.filter(({ consent }) => (consent & 1) === 1).map(({ pid }) => pid));
  // As the features stage gives them: of who does not consent there are none.
  const made = await scored({
    ...rows,
    interactions: rows.interactions.filter(({ pid }) => consents.has(pid)),
  });
  world = made.world;
  const formula = await world.formula.publish(made.input.formula);
  const { interactions } = world.refs;
  const published = await world.publish({
    ...made.input,
    interactions,
    formulaRelease: formula.releaseId,
  });
  releaseId = published.releaseId;
});
afterAll(() => world.dispose());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'matinee-verify-'));
  cpSync(world.root, root, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const fileOf = (name: string) => join(root, 'releases', releaseId, name);

async function verify(say: (work: WorkDone) => void = () => {}): Promise<Verification> {
  const releases = createReleaseStore(root, { now: () => new Date(0) });
  const manifest = await releases.manifest(releaseId);
  const { warehouse } = world.deps;
  const deps = { releases, artifacts: readOnlyArtifacts(root), threads: inlineThreads, warehouse };
  return verifyRelease(deps, manifest!, { threads: 1, say });
}

/** Replaces one stored list, as somebody with the file in hand could. */
async function spoil(pick: (list: ViewerList) => boolean, change: (list: ViewerList) => ViewerList) {
  const reader = await createReleaseStore(root, { now: () => new Date(0) }).readLists(releaseId);
  const lists = [...reader.pids()].map((pid) => reader.get(pid)!);
  const list = lists.find(pick)!;
  await reader.close();
  const env = open<Buffer, Buffer>({
    path: fileOf('lists.mdb'),
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  await env.put(
    pidToKey(list.pid),
    encodeList(change(list), (filmId) => reader.films.indexOf(filmId)),
  );
  await env.close();
  return list;
}

const isPersonal = ({ servedBy, items }: ViewerList) => servedBy === 'personal' && items.length > 2;

it('a release is as it was written, and every list as its factors give it', async () => {
  const found = await verify();
  expect(found).toMatchObject({ ok: true, problems: 0, first: [], notChecked: [] });
  expect(found.checked).toMatchObject({ lists: 60 });
  expect(found.checked.items).toBeGreaterThan(500);
});

/** Rewrites a table of the snapshot: what the release was made from, where the release says otherwise. */
async function snapshotSays(table: 'films' | 'viewers', select: string) {
  const [file = ''] = await readOnlyArtifacts(root).files(world.refs[table]);
  const [whole, changed] = [`${file}.whole`, `${file}.changed`];
  cpSync(file, whole);
  await world.deps.warehouse.session((session) => session.copy(select, changed, { whole }));
  cpSync(changed, file);
}

it('a wrong certificate that was baked into the release is found by the snapshot, with every list that shows the film', async () => {
  const reader = await createReleaseStore(root, { now: () => new Date(0) }).readLists(releaseId);
  const lists = [...reader.pids()].map((pid) => reader.get(pid)!);
  await reader.close();
  const child = lists.find(({ maxAge, items }) => maxAge < 18 && items.length > 0)!;
  const { filmId } = child.items[0]!;
  const of = `SELECT * REPLACE (if(film_id = '${filmId}', '{"MPA":["NC-17"]}', certificates) AS certificates)`;
  await snapshotSays('films', `${of} FROM read_parquet($whole) ORDER BY ALL`);
  const { ok, problems, first } = await verify();
  expect(ok).toBe(false);
  expect(first.every(({ check }) => check === 'snapshot')).toBe(true);
  expect(first[0]).toMatchObject({ about: `film ${filmId}` });
  expect(first[0]!.says).toMatch(/^the release has .*, the snapshot .*NC-17/);
  const shown = lists.filter(({ maxAge }) => maxAge < 18).flatMap(({ items }) => items);
  const times = shown.flatMap(({ filmId: id, reason }) => [id, ...reason.movieIds]);
  expect(problems).toBe(1 + times.filter((id) => id === filmId).length);
  expect(first.slice(1).map(({ about }) => about)).toContain(`viewer ${child.pid}`);
});

it('a profile that is younger than its list says, and rights that the release made wider', async () => {
  const grown = [...world.rows.viewers].find(({ birth_year }) => (birth_year ?? 2020) < 2000)!.pid;
  const of = `SELECT * REPLACE (if(pid = '${grown}'::UUID, 2018, birth_year) AS birth_year) FROM read_parquet($whole)`;
  await snapshotSays('viewers', `${of} ORDER BY ALL`);
  await snapshotSays(
    'films',
    `SELECT * REPLACE (if(film_id = 'f00', ['KR'], markets) AS markets) FROM read_parquet($whole) ORDER BY ALL`,
  );
  const { first } = await verify();
  expect(first[0]).toMatchObject({ check: 'snapshot', about: 'film f00' });
  expect(first[1]).toMatchObject({ check: 'snapshot', about: `viewer ${grown}` });
  expect(first[1]!.says).toMatch(/^films up to age \d+, the profile allows 7$/);
});

it('a snapshot that was swept is said not to be checked', async () => {
  rmSync(join(root, world.refs.viewers.uri), { recursive: true });
  expect(await verify()).toMatchObject({
    ok: true,
    notChecked: ['ages, certificates and rights against the snapshot, which is gone'],
  });
});

it('one flipped byte of the factors is named', async () => {
  const bytes = readFileSync(fileOf('model/film-factors.f32'));
  bytes[40]! ^= 1;
  writeFileSync(fileOf('model/film-factors.f32'), bytes);
  const { ok, first, notChecked } = await verify();
  expect(ok).toBe(false);
  expect(first).toEqual([
    {
      check: 'file',
      about: 'model/film-factors.f32',
      says: expect.stringMatching(/^sha256 \w+, expected \w+$/) as string,
    },
  ]);
  expect(notChecked).toEqual([expect.stringContaining('model/film-factors.f32') as string]);
});

it('two swapped films of a list: viewer and place are named', async () => {
  const list = await spoil(isPersonal, ({ items: [a, b, ...rest], ...own }) => ({
    ...own,
    items: [b!, a!, ...rest],
  }));
  const { first } = await verify();
  expect(first.map(({ about }) => about)).toEqual(['lists.mdb', 'lists.mdb', `viewer ${list.pid}, factors`]);
  const [one, two] = list.items;
  expect(first[2]?.says).toContain(`place 1: film ${two!.filmId}`);
  expect(first[2]?.says).toContain(`give film ${one!.filmId}`);
});

it('a film above the viewer’s age, one that was seen and one without rights are named by their rule', async () => {
  const minAgeOf = new Map(
    world.rows.films.map((film) => [
      film.film_id,
      filmMinAge(JSON.parse(film.certificates) as Record<string, string[]>, '', world.deps.config.ages),
    ]),
  );
  const adult = [...minAgeOf].find(([, minAge]) => minAge >= 18)![0];
  const child = await spoil(
    ({ maxAge, items }) => maxAge < 18 && items.length > 2,
    ({ items: [first, ...rest], ...own }) => ({ ...own, items: [{ ...first!, filmId: adult }, ...rest] }),
  );
  const seer = await spoil(
    (list) =>
      isPersonal(list) &&
      list.pid !== child.pid &&
      (list.history ?? []).some(({ flags }) => (flags & 1) === 1),
    ({ items: [first, ...rest], history = [], ...own }) => ({
      ...own,
      history,
      items: [{ ...first!, filmId: history.find(({ flags }) => (flags & 1) === 1)!.filmId }, ...rest],
    }),
  );
  const says = (await verify()).first.map(({ about, says: what }) => `${about}: ${what}`);
  expect(says).toContainEqual(
    expect.stringMatching(`^viewer ${child.pid}, age: place 1, film ${adult}: from age 1[89]`),
  );
  expect(says).toContainEqual(
    expect.stringMatching(`^viewer ${seer.pid}, seen: place 1, film .*has seen it`),
  );
});

it('another config than the run had does not go by the release’s name', async () => {
  const manifest = JSON.parse(readFileSync(fileOf('manifest.json'), 'utf8')) as {
    config: { lists: { size: number } };
  };
  manifest.config.lists.size = 20;
  writeFileSync(fileOf('manifest.json'), JSON.stringify(manifest));
  const { first } = await verify();
  expect(first.slice(0, 2).map(({ check, about }) => `${check} ${about}`)).toEqual([
    'identity config',
    'identity name',
  ]);
  expect(first[1]?.says).toContain(`it is ${releaseId}`);
});

it('says what it is at, each step by a name of its own', async () => {
  const steps: string[] = [];
  await verify(({ step }) => {
    if (step !== undefined && step !== steps.at(-1)) steps.push(step);
  });
  expect(steps).toEqual([
    'files',
    'hash of the lists',
    'files of the formula’s release',
    'lists',
    'films and profiles of the snapshot',
  ]);
});
