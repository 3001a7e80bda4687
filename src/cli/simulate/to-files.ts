import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Session } from '../../activities/deps.js';
import type { ViewerEvent } from '../../contracts/index.js';
import { type AudienceOptions, simulateAudience } from '../../simulator/index.js';
import { SOURCE_HEADER, eventCsv, eventJson } from '../event-rows.js';
import { csvLine, filmRow, userRow } from './catalogue-rows.js';
import { openLineFile } from './line-file.js';
import type { TruthFiles } from './truth-files.js';

export const FORMATS = ['parquet', 'ndjson', 'csv'] as const;
export type FileFormat = (typeof FORMATS)[number];

/** Events per file: bounds what one file of the night's extraction holds, and what a Parquet part is made from. */
const EVENTS_PER_FILE = 500_000;

export interface ToFiles {
  folder: string;
  format: FileFormat;
  audience: AudienceOptions;
  truth: TruthFiles;
  /** DuckDB, for Parquet; files are made as CSV first. */
  inSession: (work: (session: Session) => Promise<void>) => Promise<void>;
  onViewer: (done: number, events: number) => void;
  eventsPerFile?: number;
}

export interface Written {
  films: number;
  viewers: number;
  events: number;
  config: string;
}

/**
 * Films, profiles and events as files that `sources` reads, and the config that names them. Memory does not grow with
 * the audience: viewers are made one by one, and a file is closed before the next begins.
 * Throws Error when the folder holds anything.
 */
export async function writeFiles(options: ToFiles): Promise<Written> {
  const { folder, format, audience: given, truth } = options;
  await makeEmptyFolder(folder);
  const audience = simulateAudience({ ...given, truthSink: truth.sink });
  const films = await writeTable(
    options,
    'films',
    given.films.map(({ film }) => film),
    filmRow,
  );
  const viewers = await writeTable(options, 'profiles', audience.profiles(), userRow);
  let events = 0;
  let done = 0;
  const batches = audience.events((viewer) => options.onViewer((done = viewer), events));
  const parts = createParts(options);
  for (const batch of batches) {
    events += batch.length;
    await parts.add(batch);
    await truth.flush();
  }
  await parts.close();
  await truth.close(audience, given);
  options.onViewer(done, events);
  const config = join(folder, 'matinee.config.yaml');
  await writeFile(config, stringify({ sources: sourcesOf(folder, format) }));
  return { films, viewers, events, config };
}

async function makeEmptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // `truth` is ours, opened before.
  const there = (await readdir(folder)).filter((name) => name !== 'truth');
  if (there.length > 0)
    throw new FolderNotEmpty(
      `${folder} holds ${there[0]} already: give --out an empty folder, or remove that one`,
    );
  await mkdir(join(folder, 'events'));
}
/** A folder that may hold somebody's data. */
export class FolderNotEmpty extends Error {}

function sourcesOf(folder: string, format: FileFormat) {
  const source = (kind: string, glob: string) => ({
    name: `simulated-${kind}`,
    kind,
    format,
    glob: join(folder, glob),
  });
  return [
    source('films', `films.${format}`),
    source('profiles', `profiles.${format}`),
    source('events', `events/*.${format}`),
  ];
}

async function writeTable<T>(
  options: ToFiles,
  name: string,
  items: Iterable<T>,
  rowOf: (item: T) => ReturnType<typeof filmRow>,
): Promise<number> {
  const { folder, format } = options;
  const path = join(folder, `${name}.${format === 'ndjson' ? 'ndjson' : 'csv'}`);
  const file = openLineFile(path);
  let count = 0;
  for (const item of items) {
    const row = rowOf(item);
    if (format === 'ndjson') file.add(JSON.stringify(row));
    else {
      if (count === 0) file.add(Object.keys(row).join(','));
      file.add(csvLine(row));
    }
    if ((count += 1) % 2000 === 0) await file.flush();
  }
  await file.close();
  if (format === 'parquet') await toParquet(options, path);
  return count;
}

/** Event files one after another. */
function createParts(options: ToFiles) {
  const { folder, format, eventsPerFile = EVENTS_PER_FILE } = options;
  const isNdjson = format === 'ndjson';
  const lineOf = isNdjson ? eventJson : eventCsv;
  let part = 0;
  let held = 0;
  let path = '';
  let file: ReturnType<typeof openLineFile> | null = null;
  const close = async () => {
    if (file === null) return;
    await file.close();
    file = null;
    if (format === 'parquet') await toParquet(options, path);
  };
  return {
    async add(batch: ViewerEvent[]) {
      if (file === null) {
        part += 1;
        held = 0;
        path = join(folder, 'events', `part-${String(part).padStart(5, '0')}.${isNdjson ? 'ndjson' : 'csv'}`);
        file = openLineFile(path);
        if (!isNdjson) file.add(SOURCE_HEADER);
      }
      for (const event of batch) file.add(lineOf(event));
      held += batch.length;
      await file.flush();
      if (held >= eventsPerFile) await close();
    },
    close,
  };
}

/** The CSV beside becomes Parquet, as text: the night gives every column its type, whatever the format. */
async function toParquet({ inSession }: ToFiles, csv: string): Promise<void> {
  await inSession((session) =>
    session.run(
      `COPY (FROM read_csv($csv, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"'))
       TO $parquet (FORMAT parquet, COMPRESSION zstd)`,
      { csv, parquet: csv.replace(/\.csv$/, '.parquet') },
    ),
  );
  await rm(csv);
}
