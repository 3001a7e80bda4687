import { readdir, readFile, truncate } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type ArtifactRef, configSchema } from '../../src/contracts/index.js';
import { filmMinAge, isAllowed, profileMaxAge } from '../../src/core/age-gate/index.js';
import { createViewerSolver } from '../../src/core/als/solve-viewer.js';
import { blendInto, createBlend, createBlendParts, genreTasteOf } from '../../src/core/ranking/blend.js';
import { momentsOfSource } from '../../src/core/ranking/taste-moments.js';
import {
  BUCKETS,
  chance,
  filmRow,
  interactionRow,
  NIGHT,
  pidFor,
  smallWorld,
  viewerRow,
} from './score-world-rows.js';
import { createWorld, type World } from './score-world.js';
import { inlineThreads } from '../support/inline-threads.js';

let world: World;
afterEach(() => world?.dispose());
const { ages } = configSchema.parse({});

interface ListRow {
  pid: string;
  rank: number;
  film_id: string;
  score: number;
  min_age: number;
  reason_kind: string;
  reason_text: string;
  reason_film_ids: string[];
}
/** Fills up a personal list, or stands in a formula list. */
const isOfFormula = ({ reason_kind: kind, reason_text: text }: ListRow) =>
  kind === 'new' || (kind === 'popular' && text !== 'Popular now');
interface AnswerRow {
  pid: string;
  served_by: string;
  max_age: number;
  market: string;
  why: string | null;
  why_code: string | null;
  items: number;
}

async function scoreAll(model: ArtifactRef | null) {
  const formula = await world.formula.build();
  const refs: ArtifactRef[] = [];
  for (const { bucket } of await world.score.plan())
    refs.push(await world.score.bucket(bucket, formula, model));
  const lists: ListRow[] = [];
  const answers: AnswerRow[] = [];
  for (const ref of refs) {
    lists.push(...(await world.rowsOf<ListRow>(ref, 'lists.parquet', 'pid, rank')));
    answers.push(...(await world.rowsOf<AnswerRow>(ref, 'viewers.parquet', 'pid')));
  }
  return { refs, lists, answers, formula };
}

describe('planBuckets', () => {
  test('the buckets that have viewers, with how many', async () => {
    const rows = smallWorld();
    world = await createWorld(rows);
    const plan = await world.score.plan();
    expect(plan).toEqual(
      Array.from({ length: BUCKETS }, (_, bucket) => ({
        bucket,
        through: bucket,
        viewers: rows.viewers.filter((viewer) => viewer.bucket === bucket).length,
      })).filter(({ viewers }) => viewers > 0),
    );
  });
});

describe('ranges of buckets', () => {
  test('small buckets are put together, and give the lists that they give alone', async () => {
    const rows = smallWorld();
    world = await createWorld(rows);
    const alone = await scoreAll(null);
    world = await createWorld(rows, { config: { lists: { viewersAtOnce: 5000 } } });
    const [range, ...more] = await world.score.plan();
    expect(more).toEqual([]);
    expect(range?.viewers).toBe(rows.viewers.length);
    const formula = await world.formula.build();
    const ref = await world.score.bucket(range!.bucket, formula, null, NIGHT, range!.through);
    expect(await world.rowsOf<ListRow>(ref, 'lists.parquet', 'pid, rank')).toEqual(
      alone.lists.toSorted((a, b) => (a.pid < b.pid ? -1 : a.pid > b.pid ? 1 : a.rank - b.rank)),
    );
  });
});

describe('scoreBucket', () => {
  test('every viewer is answered; what is shown is allowed, held, unseen, and cites the viewer’s own history', async () => {
    const rows = smallWorld();
    world = await createWorld(rows);
    const { lists, answers } = await scoreAll(await world.model());
    expect(answers.map((row) => row.pid).sort()).toEqual(rows.viewers.map((v) => v.pid).sort());
    const films = new Map(rows.films.map((film) => [film.film_id, film]));
    const viewers = new Map(rows.viewers.map((viewer) => [viewer.pid, viewer]));
    const history = new Map(rows.interactions.map((row) => [`${row.pid} ${row.film_id}`, row]));
    const allowed = (pid: string, filmId: string) => {
      const viewer = viewers.get(pid)!;
      const profile = { birthYear: viewer.birth_year, isKids: viewer.is_kids, isAdultDeclared: false };
      const certificates = JSON.parse(films.get(filmId)!.certificates) as Record<string, string[]>;
      return isAllowed(profileMaxAge(profile, 2026, ages), filmMinAge(certificates, viewer.market, ages));
    };
    for (const row of lists) {
      expect(allowed(row.pid, row.film_id)).toBe(true);
      expect(history.has(`${row.pid} ${row.film_id}`)).toBe(false);
      const { markets } = films.get(row.film_id)!;
      expect(markets.includes('*') || markets.includes(viewers.get(row.pid)!.market)).toBe(true);
      for (const cited of row.reason_film_ids) {
        expect(history.get(`${row.pid} ${cited}`)?.preference).toBe(1);
        expect(allowed(row.pid, cited)).toBe(true);
      }
    }
    const kinds = new Set(answers.map((row) => row.served_by));
    expect(kinds).toEqual(new Set(['personal', 'formula']));
    for (const answer of answers) {
      const own = lists.filter((row) => row.pid === answer.pid);
      expect(own.map((row) => row.rank)).toEqual(own.map((_, i) => i + 1));
      expect(own).toHaveLength(answer.items);
      expect(new Set(own.map((row) => row.film_id)).size).toBe(own.length);
      const filled = own.findIndex(isOfFormula);
      if (answer.served_by === 'personal') expect(filled).not.toBe(0);
      else expect(filled).toBe(0);
      expect(own.slice(filled).every(isOfFormula) || filled === -1).toBe(true);
      const consents = (viewers.get(answer.pid)!.consent & 1) === 1;
      if (!consents) expect(answer.served_by).toBe('formula');
    }
    const personal = lists.filter((row) => !isOfFormula(row));
    expect(new Set(personal.map((row) => row.reason_kind))).toEqual(
      new Set(['watched', 'rated', 'liked', 'genre', 'popular']),
    );
    expect(personal.filter((row) => row.reason_film_ids.length > 0).length).toBeGreaterThan(40);
  });

  test('scores are those of the blend over the exact half-step, best first, ties by id', async () => {
    const rows = smallWorld();
    world = await createWorld(rows);
    const { lists, answers } = await scoreAll(await world.model());
    const ids = rows.films.map((film) => film.film_id).filter((_, i) => i % 5 !== 4);
    const factors = Float32Array.from(
      { length: ids.length * 6 },
      (_, i) => chance('y', ids[Math.floor(i / 6)] ?? '', i % 6) - 0.3,
    );
    const solver = createViewerSolver(factors, { k: 6, alpha0: 0.3, lambda: 0.007, nu: 1 });
    const facts = new Map(rows.films.map((film) => [film.film_id, film]));
    const blend = createBlend(
      ids.map((id) => ({
        genres: facts.get(id)!.genres,
        positives: 30,
        trendMicro: Math.floor(1e7 * chance('now', id)),
      })),
      world.deps.config.blend,
    );
    const parts = createBlendParts(ids.length);
    const momentsOf = momentsOfSource({ kind: 'factors', films: factors, k: 6 }, ids.length);
    const personal = answers.filter((row) => row.served_by === 'personal').slice(0, 10);
    expect(personal.length).toBe(10);
    for (const { pid } of personal) {
      const cells = rows.interactions.filter((row) => row.pid === pid && ids.includes(row.film_id));
      const x = solver.solveViewer({
        filmRows: cells.map((cell) => ids.indexOf(cell.film_id)),
        weightMicro: cells.map((cell) => (cell.preference === 1 ? cell.w_micro : -cell.w_micro)),
      });
      const liked = rows.interactions
        .filter((row) => row.pid === pid && row.preference === 1)
        .sort((a, b) => (a.film_id < b.film_id ? -1 : 1));
      const genreTaste = genreTasteOf(
        blend,
        liked.map((row) => ({ genres: facts.get(row.film_id)!.genres, weightMicro: row.w_micro })),
      );
      const taste = Float64Array.from(ids, (_, row) => solver.score(row, x));
      blendInto(blend, taste, genreTaste, parts, momentsOf(x));
      const all = lists.filter((row) => row.pid === pid);
      const own = all.filter((row) => !isOfFormula(row));
      expect(all.slice(own.length).every((row) => row.score === 0)).toBe(true);
      for (const row of own) expect(row.score).toBe(parts.total[ids.indexOf(row.film_id)]);
      const order = [...own].sort((a, b) => b.score - a.score || (a.film_id < b.film_id ? -1 : 1));
      expect(own).toEqual(order);
    }
  });

  test('any number of threads, any order of units: same bytes of content', async () => {
    const rows = smallWorld();
    const hashes: string[][] = [];
    for (const threads of [1, 2]) {
      world = await createWorld(rows, { config: { ials: { threads } } });
      if (threads === 2) {
        world.deps.threads = {
          async crew(job) {
            const crew = await inlineThreads.crew(job);
            const run: typeof crew.run = async (phase, units, on) => {
              const results: [number, unknown][] = [];
              await crew.run(phase, units, {
                ...on,
                onResult: (unit, result) => results.push([unit, result]),
              });
              for (const [unit, result] of results.reverse()) on?.onResult?.(unit, result);
            };
            return { ...crew, run };
          },
        };
      }
      hashes.push((await scoreAll(await world.model())).refs.map((ref) => ref.sha256));
      if (threads === 1) world.dispose();
    }
    expect(hashes[1]).toEqual(hashes[0]);
  });

  test('a repeated attempt returns the first one; nothing but the tables is left', async () => {
    world = await createWorld(smallWorld());
    const { refs, formula } = await scoreAll(null);
    const again = await world.score.bucket(0, formula, null);
    expect(again).toEqual(refs[0]);
    expect(await readdir(world.deps.artifacts.path(again.uri))).toEqual([
      '_manifest.json',
      'lists.parquet',
      'viewers.parquet',
    ]);
    expect(world.heartbeats).toContainEqual({ done: 0, of: 0, unit: 'viewers' });
  });

  test('in one run the formula’s lists take the place of those by a model that gave way, never the other way', async () => {
    world = await createWorld(smallWorld());
    const [formula, model] = [await world.formula.build(), await world.model()];
    const byModel = await world.score.bucket(0, formula, model);
    const without = await world.score.bucket(0, formula, null);
    expect([without.uri, without.sha256 === byModel.sha256]).toEqual([byModel.uri, false]);
    expect(await world.score.bucket(0, formula, model)).toEqual(without);
  });

  test('without a model everybody gets the formula’s order', async () => {
    world = await createWorld(smallWorld());
    const { lists, answers, formula } = await scoreAll(null);
    expect(new Set(answers.map((row) => row.served_by))).toEqual(new Set(['formula']));
    const text = await readFile(`${world.deps.artifacts.path(formula.uri)}/formula.json`, 'utf8');
    const { top } = JSON.parse(text) as { top: string[] };
    for (const { pid } of answers) {
      const own = lists.filter((row) => row.pid === pid).map((row) => row.film_id);
      expect(own).toEqual(top.filter((filmId) => own.includes(filmId)));
    }
  });

  test('nobody is left without a sentence', async () => {
    const [kid, adult, korean, done] = [
      viewerRow('kid', { birth_year: 2013 }),
      viewerRow('adult'),
      viewerRow('korean', { market: 'KR' }),
      viewerRow('done'),
    ];
    const films = [filmRow('a', { certificates: '{}', markets: ['default'] })];
    world = await createWorld({
      films,
      viewers: [kid, adult, korean, done],
      interactions: [interactionRow(done, 'a', { preference: null, w_micro: 0, kind: null })],
      votes: [],
    });
    const { answers, lists } = await scoreAll(null);
    const said = (pid: string) => answers.find((row) => row.pid === pid);
    expect(said(kid.pid)).toMatchObject({
      served_by: 'none',
      why: 'No film has a certificate that allows it at age 12',
      why_code: 'no-film-at-age',
      items: 0,
    });
    expect(said(korean.pid)).toMatchObject({
      why_code: 'no-film-in-market',
      why: 'No film is available in market KR',
    });
    expect(said(done.pid)).toMatchObject({ served_by: 'none', why_code: 'everything-seen' });
    expect(said(adult.pid)).toMatchObject({ served_by: 'formula', why: null, items: 1 });
    expect(lists).toHaveLength(1);
    expect(pidFor('adult')).toBe(lists[0]?.pid);
  });

  test('an empty catalogue answers everybody, with nothing', async () => {
    world = await createWorld({ films: [], viewers: [viewerRow('a')], interactions: [], votes: [] });
    const { answers, lists } = await scoreAll(null);
    expect(answers).toMatchObject([{ served_by: 'none', why_code: 'empty-catalogue' }]);
    expect(lists).toEqual([]);
  });

  test('a viewer who arrived after training is folded in; a disliked film is gone even if unseen', async () => {
    const rows = smallWorld();
    const late = viewerRow('late');
    rows.viewers.push(late);
    rows.interactions.push(
      interactionRow(late, 'f00', { is_seen: false, kind: 'saved' }),
      interactionRow(late, 'f01', { preference: 0, is_seen: false, is_disliked: true, kind: null }),
    );
    world = await createWorld(rows);
    const { lists, answers } = await scoreAll(await world.model());
    expect(answers.find((row) => row.pid === late.pid)?.served_by).toBe('personal');
    const own = lists.filter((row) => row.pid === late.pid);
    expect(own.map((row) => row.film_id)).not.toContain('f01');
    expect(own.map((row) => row.film_id)).toContain('f00'); // saved, not seen
    const reasons = own.filter((row) => row.reason_film_ids.length > 0);
    expect(reasons[0]).toMatchObject({ reason_kind: 'saved', reason_text: 'Because you saved Film f00' });
  });

  test('a model that does not fit its own films is refused', async () => {
    world = await createWorld(smallWorld());
    const formula = await world.formula.build();
    const model = await world.model();
    await truncate(`${world.deps.artifacts.path(model.uri)}/film-factors.f32`, 40);
    await expect(world.score.bucket(0, formula, model, NIGHT)).rejects.toMatchObject({
      type: 'ArtifactCorrupt',
      nonRetryable: true,
    });
  });
});
