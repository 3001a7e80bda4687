import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type ArtifactRef,
  artifactRefSchema,
  type CatalogueFilm,
  certificatesSchema,
  type FormulaLists,
  formulaListsSchema,
} from '../contracts/index.js';
import { type CellCount, popularCells } from '../core/ranking/popular.js';
import { MARKET_SCHEMES } from '../core/age-gate/index.js';
import { formulaLists, weightedRating } from '../core/weighted-rating/index.js';
import { POPULARITY_COLUMNS } from './columns.js';
import { currentContext } from './context.js';
import { type ActivityDeps, type Produced, ReleaseConflictError, type Session } from './deps.js';
import { permanentFailure } from './failures.js';
import { contentConfig } from '../core/identity/content-config.js';
import { sha256 } from '../core/identity/hash.js';
import { pause } from './pause.js';
import { readJson } from './read-json.js';
import { SIMILAR_FILE, similarFilms } from './similar.js';

const FORMULA_SCHEMA = 'formula/1';
export const FORMULA_CHANNEL = 'formula';
/** Files of a formula artefact. */
export const FORMULA_FILE = 'formula.json';
export const FILM_INDEX_FILE = 'film-index.parquet';

/** Films read between two turns of the event loop. */
const FILMS_AT_ONCE = 1000;

/** Races for the channel that one attempt may lose before Temporal retries it. */
const FLIP_ATTEMPTS = 5;

export const buildFormulaInputSchema = z.object({
  runId: z.string(),
  /** "Now" of New Arrivals. */
  asOf: z.iso.datetime({ offset: true }),
  films: artifactRefSchema,
  weightedRating: artifactRefSchema,
  popularity: artifactRefSchema.optional(),
});
export type BuildFormulaInput = z.input<typeof buildFormulaInputSchema>;

export const publishFormulaInputSchema = z.object({
  formula: artifactRefSchema,
  asOf: z.iso.datetime({ offset: true }),
  by: z.string().default('formula'),
});
export type PublishFormulaInput = z.input<typeof publishFormulaInputSchema>;

/** "superseded": the channel serves newer data already, so nothing moved. */
export type PublishFormulaResult = { kind: 'flipped' | 'already' | 'superseded'; releaseId: string };

type FormulaDeps = Pick<
  ActivityDeps,
  'config' | 'clock' | 'artifacts' | 'warehouse' | 'releases' | 'threads'
>;

export function createFormulaActivities(deps: FormulaDeps) {
  return {
    /** Writes runs/<runId>/formula: the lists, films like each film, and the numbers that scoring counts films by. */
    async buildFormula(input: BuildFormulaInput): Promise<ArtifactRef> {
      const { runId, asOf, films, weightedRating: votes, popularity } = buildFormulaInputSchema.parse(input);
      return deps.artifacts.write(
        `runs/${runId}/formula`,
        { schema: FORMULA_SCHEMA, inputs: [films, votes, ...(popularity === undefined ? [] : [popularity])] },
        async (folder) => {
          const prior = await priorOf(deps, votes);
          const { catalogue, index, minAges, counts } = await deps.warehouse.session(async (session) => {
            await session.view('films', await deps.artifacts.files(films));
            await session.view('mart_weighted_rating', await deps.artifacts.files(votes));
            const liked = popularity === undefined ? [] : await deps.artifacts.files(popularity);
            await session.view('mart_popularity', liked, POPULARITY_COLUMNS);
            await session.model('publish/catalogue');
            return {
              catalogue: await session.rows('SELECT * FROM catalogue ORDER BY film_id'),
              index: await session.copyModel('publish/film_index', join(folder, FILM_INDEX_FILE)),
              minAges: await minAgesOf(session, deps.config.ages),
              counts: await session.rows<CellCount>(
                'SELECT market, band, film_id AS "filmId", viewers FROM mart_popularity ORDER BY ALL',
              ),
            };
          });
          const { externalShare } = deps.config.weightedRating;
          const rated: CatalogueFilm[] = [];
          for (let from = 0; from < catalogue.length; from += FILMS_AT_ONCE) {
            const rows = catalogue.slice(from, from + FILMS_AT_ONCE);
            rated.push(...rows.map((row) => catalogueFilm(row, prior, externalShare)));
            await pause();
          }
          const { ageBands } = deps.config.popularity;
          const popular = { ageBands, cells: popularCells(counts) };
          const lists = { ...formulaLists(rated, prior, asOf, deps.config), minAges, popular };
          const text = JSON.stringify(lists);
          await writeFile(join(folder, FORMULA_FILE), text);
          const file = {
            path: FORMULA_FILE,
            sha256: sha256(text),
            rows: lists.films.length,
            bytes: Buffer.byteLength(text),
          };
          const job = { formulaPath: join(folder, FORMULA_FILE), films: lists.films, model: null };
          const table = await similarFilms(deps, job, currentContext().signal);
          const similar = await writeTable(folder, table, lists.films.length);
          const { m, c, eligible, provisional } = lists;
          return { files: [file, index, similar], facts: { m, c, eligible, provisional, asOf } };
        },
      );
    },

    /**
     * A release of its own, named by its content: same lists, same id, for ever. Moves channel `formula`, unless it serves
     * these lists or newer data.
     */
    async publishFormula(input: PublishFormulaInput): Promise<PublishFormulaResult> {
      const { formula, asOf, by } = publishFormulaInputSchema.parse(input);
      const releaseId = formulaReleaseId(formula);
      const ensure = async () => {
        if ((await deps.releases.manifest(releaseId)) !== null) return;
        const lists = await readJson(deps.artifacts, formula, FORMULA_FILE, formulaListsSchema);
        await commitFormula(deps, releaseId, { formula, lists, asOf });
      };
      await ensure();
      const kind = await flipFormula(deps, { releaseId, asOf, by });
      await ensure(); // an old release of these lists may have been swept just before the channel came back to it
      return { kind, releaseId };
    },
  };
}

async function writeTable(
  folder: string,
  table: Uint32Array,
  rows: number,
): Promise<Produced['files'][number]> {
  const bytes = Buffer.from(table.buffer);
  await writeFile(join(folder, SIMILAR_FILE), bytes);
  return { path: SIMILAR_FILE, sha256: sha256(bytes), rows, bytes: bytes.length };
}

/** By the SQL of the publish audit, which shares nothing with the age rule of serving. */
async function minAgesOf(session: Session, ages: ActivityDeps['config']['ages']) {
  await session.set('age_unknown_certificate', ages.unknownCertificate, 'INTEGER');
  await session.set('markets', [...MARKET_SCHEMES.keys(), '']);
  await session.run("CREATE TEMP VIEW viewers AS SELECT unnest(getvariable('markets')) AS market");
  for (const model of ['certificate_ages', 'film_market_ages']) await session.model(`publish/${model}`);
  const rows = await session.rows<{ market: string; ages: number[] }>(
    `SELECT market, list(min_age::INTEGER ORDER BY film_id) AS ages FROM film_market_ages GROUP BY market ORDER BY market`,
  );
  return Object.fromEntries(rows.map(({ market, ages: ofFilms }) => [market, ofFilms]));
}

/** Id of the release that publishFormula makes of a formula artefact. */
export function formulaReleaseId(formula: ArtifactRef): string {
  return `formula-${formula.sha256.slice(0, 12)}`;
}

const priorSchema = z.object({ m: z.number().positive(), c: z.number(), votes: z.number().int() });

async function priorOf(deps: FormulaDeps, votes: ArtifactRef): Promise<z.infer<typeof priorSchema>> {
  const prior = priorSchema.safeParse((await deps.artifacts.read(votes.uri))?.facts);
  if (prior.success) return prior.data;
  throw permanentFailure('ArtifactCorrupt', `${votes.uri}: facts m, c and votes expected in its manifest`);
}

const rowSchema = z.object({
  film_id: z.string(),
  title: z.string(),
  release_year: z.number().int().nullable(),
  genres: z.array(z.string()).nullable(),
  actors: z.array(z.string()).nullable(),
  directors: z.array(z.string()).nullable(),
  runtime_min: z.number().int().nullable(),
  countries: z.array(z.string()).nullable(),
  languages: z.array(z.string()).nullable(),
  markets: z.array(z.string()).nullable(),
  certificates: z.string().nullable(),
  added_at: z.string().nullable(),
  votes: z.number().int(),
  rating_sum: z.number(),
  external_average: z.number().nullable(),
  external_votes: z.number().int().nullable(),
});

function catalogueFilm(raw: unknown, prior: { m: number; c: number }, externalShare: number): CatalogueFilm {
  const row = rowSchema.parse(raw);
  const external =
    row.external_average === null || row.external_votes === null
      ? null
      : { average: row.external_average, votes: row.external_votes };
  return {
    filmId: row.film_id,
    title: row.title,
    year: row.release_year,
    genres: row.genres ?? [],
    actors: row.actors ?? [],
    directors: row.directors ?? [],
    runtimeMin: row.runtime_min,
    countries: row.countries ?? [],
    languages: row.languages ?? [],
    markets: row.markets ?? [],
    certificates: certificatesSchema.parse(JSON.parse(row.certificates ?? '{}')),
    addedAt: row.added_at,
    votes: row.votes,
    averageRating: row.votes > 0 ? row.rating_sum / row.votes : null,
    weightedRating: weightedRating(row.votes, row.rating_sum, prior.m, prior.c, external, externalShare),
    ...(external === null ? {} : { external }),
  };
}

async function commitFormula(
  deps: FormulaDeps,
  releaseId: string,
  { formula, lists, asOf }: { formula: ArtifactRef; lists: FormulaLists; asOf: string },
): Promise<void> {
  const draft = await deps.releases.begin(releaseId, []);
  try {
    await draft.writeJson(FORMULA_FILE, lists);
    await draft.copyIn(SIMILAR_FILE, join(deps.artifacts.path(formula.uri), SIMILAR_FILE));
  } catch (error) {
    await draft.abandon();
    throw error;
  }
  await draft.commit({
    schema: 'release/1',
    releaseId,
    kind: 'formula',
    night: nightOf(asOf),
    asOf,
    inputSha256: formula.sha256,
    provisional: lists.provisional,
    counts: { viewers: 0, personal: 0, formula: 0, none: 0, noneReasons: {}, films: lists.films.length },
    model: null,
    formulaRelease: null,
    report: null,
    verdict: null,
    audit: { pairs: 0, violations: 0 },
    config: contentConfig(deps.config),
    createdAt: deps.clock.now().toISOString(),
  });
}

/** Night D ends at D+1 00:00 UTC: the day of the last instant before `asOf`. */
function nightOf(asOf: string): string {
  return new Date(Date.parse(asOf) - 1).toISOString().slice(0, 10);
}

async function flipFormula(
  deps: FormulaDeps,
  { releaseId, asOf, by }: { releaseId: string; asOf: string; by: string },
): Promise<PublishFormulaResult['kind']> {
  for (let attempt = 1; ; attempt++) {
    const current = await deps.releases.current(FORMULA_CHANNEL);
    if (current?.releaseId === releaseId) return 'already';
    if (current?.asOf !== undefined && Date.parse(current.asOf) > Date.parse(asOf)) return 'superseded';
    try {
      return await deps.releases.flip(FORMULA_CHANNEL, {
        releaseId,
        expectSeq: current?.seq ?? 0,
        by,
        reason: `data up to ${asOf}`,
        asOf,
      });
    } catch (error) {
      if (!(error instanceof ReleaseConflictError) || attempt === FLIP_ATTEMPTS) throw error;
    }
  }
}
