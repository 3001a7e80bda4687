import type { Session } from '../../activities/deps.js';
import { commaSeparated, delimiterOf, firstLine, LayoutError, recognise } from './layouts.js';
import { openTable, splitLine } from './tables.js';

/** Schemes that may be columns of a certificates file (science H.6). */
const SCHEMES = ['MPA', 'BBFC', 'FSK', 'KMRB', 'CBFC', 'BD'];

/**
 * Fills temp table `film_certificates` (film_id, certificates as JSON by scheme) from a CSV file with a header, either
 * `film_id,scheme,certificate` or `film_id,MPA[,BBFC…]`; several certificates of one scheme are parted by |.
 * Without a file the table is empty. Returns how many films it names, and how many of those are in `films_now`.
 */
export async function loadCertificates(
  session: Session,
  path: string | undefined,
): Promise<{ films: number; known: number }> {
  await session.run('CREATE OR REPLACE TEMP TABLE film_certificates (film_id VARCHAR, certificates VARCHAR)');
  if (path === undefined) return { films: 0, known: 0 };
  const first = await firstLine(path);
  const delimiter = delimiterOf(first);
  const header = splitLine(first, delimiter, true).map((name) => name.trim());
  const film = recognise(header, ['film_id'])['film_id'];
  const at = (name: string) => header.findIndex((column) => column.toLowerCase() === name.toLowerCase());
  const wide = SCHEMES.filter((scheme) => at(scheme) !== -1);
  const isLong = at('scheme') !== -1 && at('certificate') !== -1;
  if (film === undefined || (!isLong && wide.length === 0)) {
    throw new LayoutError(
      `${path}: expected the columns film_id,scheme,certificate or film_id and ${SCHEMES.join(', ')}; found ${header.join(', ')}`,
    );
  }

  const table = await openTable(session, { ...commaSeparated(path), delimiter });
  const filmCell = table.cell(header.indexOf(film));
  const rows = isLong
    ? [
        `SELECT ${filmCell} AS film_id, upper(trim(${table.cell(at('scheme'))})) AS scheme, ${table.cell(at('certificate'))} AS written FROM ${table.from}`,
      ]
    : wide.map(
        (scheme) =>
          `SELECT ${filmCell} AS film_id, '${scheme}' AS scheme, ${table.cell(at(scheme))} AS written FROM ${table.from}`,
      );
  await session.run(
    `INSERT INTO film_certificates
     SELECT film_id, to_json(map(list(scheme ORDER BY scheme), list(given ORDER BY scheme)))::VARCHAR
     FROM (
       SELECT film_id, scheme, list_sort(list_distinct(flatten(list(names_of(written))))) AS given
       FROM (${rows.join(' UNION ALL ')}) WHERE film_id <> '' AND scheme <> '' AND written <> ''
       GROUP BY film_id, scheme
     )
     GROUP BY film_id`,
  );
  const [counted] = await session.rows<{ films: number; known: number }>(
    `SELECT count(*)::INTEGER AS films, count(films_now.film_id)::INTEGER AS known
     FROM film_certificates LEFT JOIN films_now USING (film_id)`,
  );
  return counted ?? { films: 0, known: 0 };
}
