import type { Config } from '../contracts/index.js';
import { yearOf } from '../core/age-gate/index.js';
import type { Session } from './deps.js';

/** The age limit of a profile in a year: `profileMaxAge` of core/age-gate. */
export type ProfileMaxAge = (
  profile: { birthYear: number | null; isKids: boolean; isAdultDeclared: boolean },
  asOfYear: number,
  ages: Config['ages'],
) => number;

/** Age limits are decided by one pure function; SQL only looks up what it said for each kind of profile that occurs. */
export async function setAgeLimits(
  session: Session,
  config: Config,
  asOf: string,
  profileMaxAge: ProfileMaxAge,
): Promise<void> {
  const year = yearOf(asOf);
  const profiles = await session.rowsOf<{
    birth_year: number | null;
    is_kids: boolean;
    is_adult_declared: boolean;
  }>('features/age_profiles');
  const limits = profiles.map(({ birth_year, is_kids, is_adult_declared }) =>
    profileMaxAge(
      { birthYear: birth_year, isKids: is_kids, isAdultDeclared: is_adult_declared },
      year,
      config.ages,
    ),
  );
  await session.set(
    'age_birth_years',
    profiles.map((p) => String(p.birth_year ?? 0)),
    'INTEGER[]',
  );
  await session.set(
    'age_kids',
    profiles.map((p) => String(p.is_kids)),
    'BOOLEAN[]',
  );
  await session.set(
    'age_adults',
    profiles.map((p) => String(p.is_adult_declared)),
    'BOOLEAN[]',
  );
  await session.set('age_limits', limits.map(String), 'INTEGER[]');
  await session.table('features/age_limits');
}
