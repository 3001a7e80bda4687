import type { Film } from '../contracts/index.js';
import type { KnownFilm } from './catalogue.js';
import { composedTitle } from './composed-titles.js';
import { Random } from './random.js';
import { DAY_MS } from './rhythm.js';

/** Genres of made-up films, with how often each leads and the certificates that films led by it get (MPA). */
const GENRES = [
  { name: 'Drama', weight: 20, certificates: ['PG', 'PG-13', 'PG-13', 'R'] },
  { name: 'Comedy', weight: 16, certificates: ['G', 'PG', 'PG-13', 'R'] },
  { name: 'Romance', weight: 8, certificates: ['PG', 'PG-13', 'R'] },
  { name: 'Thriller', weight: 8, certificates: ['PG-13', 'R', 'R'] },
  { name: 'Crime', weight: 8, certificates: ['PG-13', 'R', 'R'] },
  { name: 'Film-Noir', weight: 4, certificates: ['PG', 'PG-13'] },
  { name: 'Western', weight: 5, certificates: ['G', 'PG', 'PG-13'] },
  { name: 'War', weight: 4, certificates: ['PG', 'PG-13', 'R'] },
  { name: 'Musical', weight: 4, certificates: ['G', 'G', 'PG'] },
  { name: 'Adventure', weight: 6, certificates: ['G', 'PG', 'PG-13'] },
  { name: 'Action', weight: 7, certificates: ['PG', 'PG-13', 'R'] },
  { name: 'Science Fiction', weight: 6, certificates: ['PG', 'PG-13', 'R'] },
  { name: 'Horror', weight: 6, certificates: ['PG-13', 'R', 'R', 'NC-17'] },
  { name: 'Mystery', weight: 5, certificates: ['PG', 'PG-13', 'R'] },
  { name: 'Family', weight: 5, certificates: ['G', 'G', 'PG'] },
  { name: 'Animation', weight: 4, certificates: ['G', 'G', 'PG'] },
  { name: 'Fantasy', weight: 4, certificates: ['G', 'PG', 'PG-13'] },
  { name: 'Documentary', weight: 3, certificates: ['G', 'PG'] },
] as const;
const COUNTRIES = [
  ['United States', 'English', 55],
  ['United Kingdom', 'English', 13],
  ['France', 'French', 8],
  ['Italy', 'Italian', 5],
  ['Japan', 'Japanese', 5],
  ['India', 'Hindi', 5],
  ['South Korea', 'Korean', 4],
  ['Germany', 'German', 3],
  ['Iran', 'Persian', 1],
  ['Bangladesh', 'Bengali', 1],
] as const;
/** Of the same minimum age or stricter, so that no market is shown more than another for want of a certificate. */
const BBFC: Record<string, string> = { G: 'U', PG: '12', 'PG-13': '15', R: '18', 'NC-17': '18' };
/** A film in fifty has no certificate, as in real catalogues; it counts as 18. */
const UNCERTIFIED = 0.02;
const SECOND_GENRE = 0.55;
/** Joined the catalogue in the last 60 days, so that there are new arrivals. */
const RECENT = 0.03;
/** Three in a hundred are famous, a quarter well known. */
const FAMOUS = 0.03;
const WELL_KNOWN = 0.25;
/** Actors and directors, per 100 films. */
const ACTORS_PER_100 = 60;
const DIRECTORS_PER_100 = 25;

const GENRE_SUMS = sums(GENRES.map(({ weight }) => weight));
const COUNTRY_SUMS = sums(COUNTRIES.map(([, , weight]) => weight));

/**
 * A catalogue of made-up films, and labelled so: ids begin with `simfilm-`, titles and names end in "(simulated)".
 * Film n is the same whatever the size of the catalogue; only its cast is drawn from as many people as there are films for.
 */
export function composedFilms(count: number, seed: number, until: Date): KnownFilm[] {
  return Array.from({ length: count }, (_, n) => composedFilm(n, count, seed, until));
}

function composedFilm(n: number, count: number, seed: number, until: Date): KnownFilm {
  const filmId = `simfilm-${String(n + 1).padStart(6, '0')}`;
  const random = new Random(seed, `facts/${filmId}`);
  const first = GENRES[random.index(GENRE_SUMS)] ?? GENRES[0];
  const second = random.chance(SECOND_GENRE) ? GENRES[random.index(GENRE_SUMS)] : undefined;
  const [country, language] = COUNTRIES[random.index(COUNTRY_SUMS)] ?? COUNTRIES[0];
  const certificate = random.chance(UNCERTIFIED) ? null : random.pick<string>(first.certificates);
  const fame = random.next();
  const daysThere = random.chance(RECENT) ? random.int(60) : 60 + random.int(1500);
  const film: Film = {
    filmId,
    title: `${composedTitle(n)} (simulated)`,
    releaseYear: 1925 + Math.floor(96 * Math.sqrt(random.next())),
    genres: [...new Set([first.name, ...(second === undefined ? [] : [second.name])])],
    actors: people('Actor', ACTORS_PER_100, 3, count, random),
    directors: people('Director', DIRECTORS_PER_100, 1, count, random),
    runtimeMin: Math.round(Math.max(60, Math.min(210, 102 + 20 * random.normal()))),
    certificates: certificate === null ? {} : { MPA: [certificate], BBFC: [BBFC[certificate] ?? '18'] },
    countries: [country],
    languages: [language],
    markets: ['*'],
    addedAt: new Date(until.getTime() - daysThere * DAY_MS).toISOString(),
  };
  return { film, fame: fame < FAMOUS ? 3 : fame < WELL_KNOWN ? 2 : 1 };
}

function people(role: string, per100: number, wanted: number, films: number, random: Random): string[] {
  const count = Math.max(wanted, Math.ceil((films * per100) / 100));
  const names = new Set<string>();
  while (names.size < wanted) names.add(`${role} ${1 + random.int(count)} (simulated)`);
  return [...names];
}

function sums(weights: readonly number[]): Float64Array {
  let total = 0;
  return Float64Array.from(weights, (weight) => (total += weight));
}
