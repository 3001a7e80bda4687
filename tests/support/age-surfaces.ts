import type { CatalogueFilm } from '../../src/contracts/release.js';

/** A viewer as the walk needs it: whom it speaks for, and what it may see. */
export interface Walker {
  profileId: string;
  accountId: string;
  market: string;
  maxAge: number;
}

/** Something that shows films. `paths`: what a viewer can ask of it, by the whole catalogue. */
export interface Surface {
  name: string;
  paths: (viewer: Walker, films: readonly CatalogueFilm[]) => string[];
}

const genresOf = (films: readonly CatalogueFilm[]) => [...new Set(films.flatMap(({ genres }) => genres))];
const decadesOf = (films: readonly CatalogueFilm[]) => [
  ...new Set(films.flatMap(({ year }) => (year === null ? [] : [year - (year % 10)]))),
];
const q = encodeURIComponent;

/** Every operation of the API that names films. What else shows them, such as pages, adds its own. */
export const API_SURFACES: readonly Surface[] = [
  { name: 'top', paths: () => ['/v1/movies/top?limit=100'] },
  { name: 'arrivals', paths: () => ['/v1/movies/new?limit=100'] },
  {
    name: 'rows',
    paths: (_viewer, films) => [
      '/v1/movies?limit=100',
      '/v1/facets',
      ...genresOf(films).map((genre) => `/v1/movies?limit=100&genre=${q(genre)}`),
      ...decadesOf(films).map((decade) => `/v1/movies?limit=100&decade=${decade}`),
    ],
  },
  {
    name: 'search',
    paths: (_viewer, films) => films.map(({ title }) => `/v1/movies?limit=100&query=${q(title)}`),
  },
  { name: 'film', paths: (_viewer, films) => films.map(({ filmId }) => `/v1/movies/${q(filmId)}`) },
  {
    name: 'similar',
    paths: (_viewer, films) => films.map(({ filmId }) => `/v1/movies/${q(filmId)}/similar?limit=20`),
  },
  {
    name: 'list and reasons',
    paths: ({ profileId }) => [`/v1/users/${q(profileId)}/recommendations?limit=50`],
  },
  {
    name: 'why',
    paths: ({ profileId }, films) =>
      films.map(({ filmId }) => `/v1/users/${q(profileId)}/recommendations/${q(filmId)}/why`),
  },
  {
    name: 'read back',
    paths: ({ profileId, accountId }) => [
      ...['ratings', 'bookmarks', 'exclusions'].map((what) => `/v1/users/${q(profileId)}/${what}?limit=1000`),
      `/v1/accounts/${q(accountId)}/profiles`,
    ],
  },
];

/** Pages of the shop, as a signed-in viewer's browser asks for them. */
export const PAGE_SURFACES: readonly Surface[] = [
  { name: 'pages', paths: () => ['/', '/top', '/for-you', '/mine', '/picks', '/browse', '/about'] },
  {
    name: 'page rows',
    paths: (_viewer, films) => [
      ...genresOf(films).map((genre) => `/browse?genre=${q(genre)}`),
      ...decadesOf(films).map((decade) => `/browse?decade=${decade}`),
    ],
  },
  {
    name: 'page search',
    paths: (_viewer, films) =>
      films.filter((_, i) => i % 20 === 0).map(({ title }) => `/search?q=${q(title)}`),
  },
  {
    name: 'film page',
    paths: (_viewer, films) =>
      films.flatMap(({ filmId }) => [`/film/${q(filmId)}`, `/film/${q(filmId)}/play`]),
  },
];

export interface Walk {
  /** Answers looked through, and films named in them (each answer's films once). */
  answers: number;
  named: number;
  /** What was shown above an age: "surface path film". */
  leaks: string[];
}

/**
 * Asks everything of every surface, and looks for films that the viewer must not see. A film is named when its id stands
 * alone in the answer, whatever the form; the ids of the demo's catalogue are words that nothing else is called by.
 */
export async function walk(
  ask: (path: string, viewer: Walker) => Promise<{ status: number; body: string }>,
  surfaces: readonly Surface[],
  viewers: readonly Walker[],
  films: readonly CatalogueFilm[],
  mayShow: (film: CatalogueFilm, viewer: Walker) => boolean,
): Promise<Walk> {
  const found: Walk = { answers: 0, named: 0, leaks: [] };
  const byId = new Map(films.map((film) => [film.filmId, film]));
  for (const viewer of viewers) {
    for (const { name, paths } of surfaces) {
      for (const path of paths(viewer, films)) {
        const { status, body } = await ask(path, viewer);
        // Anything else would be a walk that looked at nothing.
        if (status !== 200 && status !== 404) throw new Error(`${path}: ${status} ${body}`);
        found.answers++;
        // A refusal repeats the id that was asked for, which is no news to whoever asked.
        if (status === 404) continue;
        const ids = new Set(body.match(/[\p{L}\p{N}][\p{L}\p{N}-]*/gu) ?? []);
        for (const id of ids) {
          const film = byId.get(id);
          if (film === undefined) continue;
          found.named++;
          if (!mayShow(film, viewer)) found.leaks.push(`${name} ${path} ${id}`);
        }
      }
    }
  }
  return found;
}
