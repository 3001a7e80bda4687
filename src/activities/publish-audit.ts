import type { Config, ReleaseManifest } from '../contracts/index.js';
import { yearOf } from '../core/age-gate/index.js';
import type { Session } from './deps.js';
import { permanentFailure } from './failures.js';

type Audit = ReleaseManifest['audit'];
type Counts = Omit<ReleaseManifest['counts'], 'films'>;

const EXAMPLES = 5;

/**
 * Every film that any list shows or cites, against the viewer's age computed anew from the snapshot, in SQL that shares
 * nothing with the age gate of scoring (science H.6, gate G4). Needs views films, viewers, lists, scored.
 * Throws AgeAuditFailed when one pair is not allowed; returns how many were checked.
 */
export async function auditAges(session: Session, asOf: string, ages: Config['ages']): Promise<Audit> {
  await openAgeTables(session, asOf, ages);
  for (const model of ['shown_films', 'age_violations']) await session.model(`publish/${model}`);
  const pairs = await countOf(session, 'SELECT count(*)::DOUBLE AS n FROM shown_films');
  const violations = await countOf(session, 'SELECT count(*)::DOUBLE AS n FROM age_violations');
  if (violations === 0) return { pairs, violations };
  const examples = await session.rows<Violation>(
    `SELECT pid::VARCHAR AS pid, film_id, shown_as, market, max_age, min_age FROM age_violations
     ORDER BY pid, film_id, shown_as LIMIT ${EXAMPLES}`,
  );
  const [first] = examples;
  throw permanentFailure(
    'AgeAuditFailed',
    `age audit: ${violations} of ${pairs} shown films are not allowed, expected 0; e.g. film ${first?.film_id} ` +
      `(from age ${first?.min_age ?? 'unknown'}) as ${first?.shown_as} for viewer ${first?.pid} ` +
      `(up to age ${first?.max_age ?? 'unknown'})`,
    { violations, pairs, examples },
  );
}

/** Views viewer_ages and film_market_ages, from the facts in views films and viewers alone. */
export async function openAgeTables(session: Session, asOf: string, ages: Config['ages']): Promise<void> {
  await session.set('as_of_year', yearOf(asOf), 'INTEGER');
  await session.set('age_unknown_certificate', ages.unknownCertificate, 'INTEGER');
  await session.set('age_unknown_kids', ages.unknownKids, 'INTEGER');
  await session.set('age_unknown_profile', ages.unknownProfile, 'INTEGER');
  for (const model of ['certificate_ages', 'film_market_ages', 'viewer_ages']) {
    await session.model(`publish/${model}`);
  }
}

interface Violation {
  pid: string;
  film_id: string;
  shown_as: string;
  market: string | null;
  max_age: number | null;
  min_age: number | null;
}

/** Every viewer of the snapshot has exactly one answer, as long as it says. After auditAges, whose views it uses. */
export async function auditAnswers(session: Session): Promise<Counts> {
  await session.model('publish/answer_problems');
  const problems = await session.rows<{ pid: string; problem: string }>(
    `SELECT pid::VARCHAR AS pid, problem FROM answer_problems ORDER BY pid LIMIT ${EXAMPLES}`,
  );
  const [first] = problems;
  if (first !== undefined) {
    const all = await countOf(session, 'SELECT count(*)::DOUBLE AS n FROM answer_problems');
    throw permanentFailure(
      'ArtifactCorrupt',
      `scored lists: ${all} viewers are not answered once and rightly, expected 0; e.g. viewer ${first.pid}: ${first.problem}`,
      { problems },
    );
  }
  await session.model('publish/served_counts');
  const served = await session.rows<{ served_by: string; why_code: string; viewers: number }>(
    'SELECT * FROM served_counts ORDER BY served_by, why_code',
  );
  const of = (kind: string) =>
    served.filter((row) => row.served_by === kind).reduce((sum, row) => sum + row.viewers, 0);
  const none = served.filter((row) => row.served_by === 'none');
  return {
    viewers: served.reduce((sum, row) => sum + row.viewers, 0),
    personal: of('personal'),
    formula: of('formula'),
    none: of('none'),
    noneReasons: Object.fromEntries(none.map((row) => [row.why_code, row.viewers])),
  };
}

async function countOf(session: Session, sql: string): Promise<number> {
  const [row] = await session.rows<{ n: number }>(sql);
  return row?.n ?? 0;
}
