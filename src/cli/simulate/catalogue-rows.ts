import type { Film, Profile } from '../../contracts/index.js';
import { csvCell } from '../event-rows.js';

type Row = Record<string, string | number | boolean | null>;

/** A film as the film table and `sources` name its columns; lists and certificates are JSON texts. */
export function filmRow(film: Film): Row {
  return {
    film_id: film.filmId,
    title: film.title,
    release_year: film.releaseYear,
    genres: JSON.stringify(film.genres),
    actors: JSON.stringify(film.actors),
    directors: JSON.stringify(film.directors),
    runtime_min: film.runtimeMin,
    certificates: JSON.stringify(film.certificates),
    countries: JSON.stringify(film.countries),
    languages: JSON.stringify(film.languages),
    markets: JSON.stringify(film.markets),
    added_at: film.addedAt,
  };
}

/** A profile as the profile table names its columns. */
export function profileRow({ profileId, accountId, name, ...rest }: Profile): Row {
  return { profile_id: profileId, account_id: accountId, name, ...factsOf(rest) };
}

/** A profile as `sources` names its columns: a file needs neither account nor name. */
export function userRow({ profileId, ...rest }: Profile): Row {
  return { user_id: profileId, ...factsOf(rest) };
}

function factsOf(profile: Omit<Profile, 'profileId' | 'accountId' | 'name'>): Row {
  return {
    market: profile.market,
    birth_year: profile.birthYear,
    is_kids: profile.isKids,
    is_adult_declared: profile.isAdultDeclared,
    consent: profile.consent,
    created_at: profile.createdAt,
  };
}

export function csvLine(row: Row): string {
  return Object.values(row).map(csvCell).join(',');
}
