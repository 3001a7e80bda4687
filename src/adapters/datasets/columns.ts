import { permanentFailure } from '../../activities/failures.js';
import type { FileSource } from '../../contracts/index.js';

/** Our columns by kind of source, and those without which a row means nothing. */
export const COLUMNS = {
  events: {
    all: [
      'event_id',
      'user_id',
      'film_id',
      'type',
      'ts',
      'value',
      'from_ms',
      'to_ms',
      'session_id',
      'surface',
      'position',
      'list_id',
      'release_id',
      'dwell_ms',
      'viewport_pct',
      'device',
      'locale',
      'app_version',
    ],
    required: ['user_id', 'type', 'ts'],
  },
  films: {
    all: [
      'film_id',
      'title',
      'release_year',
      'genres',
      'actors',
      'directors',
      'runtime_min',
      'certificates',
      'countries',
      'languages',
      'markets',
      'added_at',
    ],
    required: ['film_id', 'title'],
  },
  profiles: {
    all: ['user_id', 'market', 'birth_year', 'is_kids', 'is_adult_declared', 'consent', 'created_at'],
    required: ['user_id'],
  },
} as const satisfies Record<FileSource['kind'], { all: readonly string[]; required: readonly string[] }>;

/** What the mapping needs of a source; a config's FileSource is one. */
export interface Mapping {
  name: string;
  kind: FileSource['kind'];
  /** Our column → theirs; a column that is not named here has the same name on both sides. */
  columns: Record<string, string>;
  type?: FileSource['type'];
}

export interface MappedColumns {
  /** Our column → index of theirs; null where they have none. */
  index: Record<string, number | null>;
  /** Indices of their columns that we do not know. */
  unknown: number[];
}

/**
 * Finds our columns among theirs.
 * Throws InputInvalid when a mapped or a required column is not there; the message says what the file has.
 */
export function mapColumns(mapping: Mapping, theirs: readonly string[], file: string): MappedColumns {
  const { all, required } = COLUMNS[mapping.kind];
  const fail = (problem: string) =>
    permanentFailure(
      'InputInvalid',
      `source ${mapping.name}: ${problem}; ${file} has the columns ${theirs.join(', ')}`,
    );

  for (const [ours, name] of Object.entries(mapping.columns)) {
    if (!all.some((column) => column === ours)) {
      throw fail(`columns.${ours} is not one of ours, which are ${all.join(', ')}`);
    }
    if (!theirs.includes(name))
      throw fail(`columns.${ours} names ${JSON.stringify(name)}, which is not there`);
  }
  const index: Record<string, number | null> = {};
  for (const ours of all) {
    const found = theirs.indexOf(mapping.columns[ours] ?? ours);
    index[ours] = found === -1 ? null : found;
  }
  for (const ours of required) {
    const isGiven = index[ours] !== null || (ours === 'type' && mapping.type !== undefined);
    if (!isGiven) throw fail(`no column for ${ours}; name theirs in columns.${ours}`);
  }
  const used = new Set(Object.values(index));
  return { index, unknown: theirs.flatMap((_, i) => (used.has(i) ? [] : [i])) };
}
