// The world of bench/age-gates.js: profiles of all ages and markets, their behaviour, and a model, as artefacts.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../dist/adapters/artifacts/hash.js';
import { profileSchema } from '../dist/contracts/index.js';
import { profileMaxAge } from '../dist/core/age-gate/index.js';

export const YEAR = 2026;
export const MARKETS = ['default', 'US', 'GB', 'DE', 'KR', 'IN', 'BD'];

/** A number in 0…1 that depends on its place alone. */
const chance = (i) => Math.abs(Math.sin(i * 12.9898 + 78.233) * 43758.5453) % 1;

export function profiles(count) {
  return Array.from({ length: count }, (_, i) => {
    const kind = i % 8;
    const birthYear = kind < 6 ? YEAR - 1 - ((i * 3) % 22) : null;
    const uuid = `${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
    return profileSchema.parse({
      profileId: uuid,
      accountId: 'a',
      market: MARKETS[i % MARKETS.length],
      birthYear,
      isKids: kind === 5 || kind === 6,
      isAdultDeclared: false,
    });
  });
}

export const COLUMNS = {
  films: `film_id: 'VARCHAR', title: 'VARCHAR', release_year: 'INTEGER', genres: 'VARCHAR[]', actors: 'VARCHAR[]',
    directors: 'VARCHAR[]', runtime_min: 'INTEGER', certificates: 'VARCHAR', countries: 'VARCHAR[]',
    languages: 'VARCHAR[]', markets: 'VARCHAR[]', added_at: 'TIMESTAMP', external_average: 'DOUBLE',
    external_votes: 'INTEGER'`,
  viewers: `pid: 'UUID', bucket: 'INTEGER', market: 'VARCHAR', birth_year: 'INTEGER', is_kids: 'BOOLEAN',
    is_adult_declared: 'BOOLEAN', consent: 'INTEGER', created_at: 'TIMESTAMP', not_interested: 'VARCHAR[]',
    dont_use: 'VARCHAR[]'`,
  interactions: `bucket: 'INTEGER', pid: 'UUID', film_id: 'VARCHAR', preference: 'TINYINT', w_micro: 'INTEGER',
    is_seen: 'BOOLEAN', is_disliked: 'BOOLEAN', kind: 'VARCHAR', rating: 'SMALLINT', last_at: 'TIMESTAMP'`,
  feat_viewer: `bucket: 'INTEGER', pid: 'UUID', market: 'VARCHAR', max_age: 'INTEGER', is_personal: 'BOOLEAN',
    n_pos: 'INTEGER', hidden_films: 'VARCHAR[]'`,
  votes: `film_id: 'VARCHAR', votes: 'INTEGER', rating_sum: 'BIGINT', weighted_rating: 'DOUBLE'`,
};

export async function inputs(table, films, viewers, config) {
  const common = (viewer) => ({ bucket: 0, pid: viewer.profileId, market: viewer.market });
  const interactions = viewers.flatMap((viewer, v) =>
    films.flatMap(({ filmId }, f) => {
      if (chance(v * 1009 + f) > 0.03) return [];
      const act = {
        preference: 1,
        w_micro: 1_000_000,
        is_seen: true,
        is_disliked: false,
        kind: 'liked',
        rating: null,
      };
      return [{ bucket: 0, pid: viewer.profileId, film_id: filmId, ...act, last_at: '2026-03-01 20:00:00' }];
    }),
  );
  const votes = films.map(({ filmId }, i) => ({
    film_id: filmId,
    votes: 50 + (i % 400),
    rating_sum: 7 * (50 + (i % 400)),
  }));
  return {
    films: await table(
      'r/films',
      'films',
      films.map((film) => ({
        film_id: film.filmId,
        title: film.title,
        release_year: film.releaseYear,
        genres: film.genres,
        actors: film.actors,
        directors: film.directors,
        runtime_min: film.runtimeMin,
        languages: film.languages,
        certificates: JSON.stringify(film.certificates),
        countries: film.countries,
        markets: film.markets,
        added_at: film.addedAt?.replace('T', ' ').replace('Z', '') ?? null,
      })),
    ),
    viewers: await table(
      'r/viewers',
      'viewers',
      viewers.map((viewer) => ({
        ...common(viewer),
        birth_year: viewer.birthYear,
        is_kids: viewer.isKids,
        is_adult_declared: viewer.isAdultDeclared,
        consent: 31,
        created_at: null,
        not_interested: [],
        dont_use: [],
      })),
    ),
    featViewer: await table(
      'r/feat_viewer',
      'feat_viewer',
      viewers.map((viewer) => ({
        ...common(viewer),
        max_age: profileMaxAge(viewer, YEAR, config.ages),
        is_personal: true,
        n_pos: 1,
        hidden_films: [],
      })),
    ),
    interactions: await table('r/interactions', 'interactions', interactions),
    votes: await table(
      'r/votes',
      'votes',
      votes.map((row) => ({ ...row, weighted_rating: 0 })),
      { m: 100, c: 6.5, votes: 1 },
    ),
  };
}

export async function randomModel(artifacts, films) {
  const ids = films.map(({ filmId }) => filmId).sort();
  const cold = ids.filter((_, i) => i % 8 === 0); // new ones, whose factors are their facts', have places in lists of their own
  const filmIds = ids.filter((_, i) => i % 8 !== 0);
  const k = 8;
  const factors = (count, from) =>
    Buffer.from(Float32Array.from({ length: count * k }, (_, i) => chance(from + i) - 0.3).buffer);
  return artifacts.write('r/train', { schema: 'model/1', inputs: [] }, async (folder) => {
    const contents = {
      'film-factors.f32': factors(filmIds.length, 0),
      'films.json': JSON.stringify(filmIds),
      'cold-factors.f32': factors(cold.length, filmIds.length * k),
      'cold-films.json': JSON.stringify(cold.map((filmId) => ({ filmId, isNew: true }))),
      'standing.json': JSON.stringify(
        filmIds.map((_, i) => ({ positives: 20 + (i % 50), trendMicro: 1000 * i })),
      ),
      'model.json': JSON.stringify({
        kind: 'als',
        k,
        alpha0: 0.3,
        lambda: 0.007,
        nu: 1,
        seed: 1,
        epochs: 1,
        losses: [1],
        users: 1,
        films: filmIds.length,
        recipe: 'e'.repeat(64),
        warmFrom: null,
      }),
    };
    const files = [];
    for (const [path, content] of Object.entries(contents)) {
      await writeFile(join(folder, path), content);
      files.push({ path, sha256: await sha256OfFile(join(folder, path)), rows: 0, bytes: 0 });
    }
    return { files };
  });
}
