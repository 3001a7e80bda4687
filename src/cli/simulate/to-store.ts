import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BulkLoads } from '../../adapters/postgres/operational-store.js';
import { type AudienceOptions, simulateAudience } from '../../simulator/index.js';
import { EVENT_HEADER, eventCsv } from '../event-rows.js';
import { csvLine, filmRow, profileRow } from './catalogue-rows.js';
import { type LineFile, openLineFile } from './line-file.js';
import { SIMULATED_PREFIX } from './plan.js';
import type { TruthFiles } from './truth-files.js';

/** Rows per load: each is one transaction and one temporary file. */
const ROWS_PER_LOAD = 500_000;

export interface ToStore {
  store: BulkLoads;
  source: string;
  audience: AudienceOptions;
  truth: TruthFiles | null;
  /** Simulated viewers beside real ones, because the user said so. */
  mayMix: boolean;
  onViewer: (done: number, events: number) => void;
  rowsPerLoad?: number;
}

export interface Loaded {
  films: number;
  viewers: number;
  events: number;
  /** Events that the store did not have yet. */
  written: number;
}

/** A store that holds something that is not simulated. */
export class RealDataThere extends Error {}

/** Films, profiles and events by COPY, part after part: memory does not grow with the audience. */
export async function loadSimulated(options: ToStore): Promise<Loaded> {
  const { store, source, truth, rowsPerLoad = ROWS_PER_LOAD } = options;
  if (!options.mayMix) await refuseRealData(store);
  const folder = await mkdtemp(join(tmpdir(), 'matinee-simulated-'));
  const path = join(folder, 'rows.csv');
  try {
    const audience = simulateAudience({
      ...options.audience,
      ...(truth === null ? {} : { truthSink: truth.sink }),
    });
    const films = await inParts(
      path,
      rowsPerLoad,
      () => store.loadFilms(source, path),
      options.audience.films.map(({ film }) => film),
      (film, file, isFirst) => addRow(file, filmRow(film), isFirst),
    );
    const viewers = await inParts(
      path,
      rowsPerLoad,
      () => store.loadProfiles(source, path),
      audience.profiles(),
      (profile, file, isFirst) => addRow(file, profileRow(profile), isFirst),
    );
    let made = 0;
    let written = 0;
    const batches = audience.events((done) => options.onViewer(done, made));
    const events = await inParts(
      path,
      rowsPerLoad,
      async () => {
        written += (await store.loadEvents(source, path)).written;
        await truth?.flush();
      },
      eachOf(batches),
      (event, file, isFirst) => {
        if (isFirst) file.add(EVENT_HEADER);
        file.add(eventCsv(event));
        made += 1;
      },
    );
    await truth?.close(audience, options.audience);
    return { films: films.rows, viewers: viewers.rows, events: events.rows, written };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseRealData(store: BulkLoads): Promise<void> {
  const found = await store.sourceOtherThan(SIMULATED_PREFIX);
  if (found === null) return;
  throw new RealDataThere(
    `the operational store holds ${found.table} of "${found.source}", which are not simulated: use a home of their own ` +
      `(MATINEE_HOME=./simulated, or another DATABASE_URL), write files with --out, or say --mix`,
  );
}

function* eachOf<T>(batches: Iterable<T[]>): Generator<T> {
  for (const batch of batches) yield* batch;
}

function addRow(file: LineFile, row: ReturnType<typeof filmRow>, isFirst: boolean): void {
  if (isFirst) file.add(Object.keys(row).join(','));
  file.add(csvLine(row));
}

/** Writes up to `rowsPerLoad` items to the file at `path`, loads it, and so on to the last item. */
async function inParts<T>(
  path: string,
  rowsPerLoad: number,
  load: () => Promise<unknown>,
  items: Iterable<T>,
  add: (item: T, file: LineFile, isFirst: boolean) => void,
): Promise<{ rows: number }> {
  let rows = 0;
  let file: LineFile | null = null;
  let held = 0;
  const finish = async () => {
    if (file === null) return;
    await file.close();
    file = null;
    await load();
  };
  for (const item of items) {
    const isFirst = file === null;
    if (file === null) {
      file = openLineFile(path);
      held = 0;
    }
    add(item, file, isFirst);
    rows += 1;
    held += 1;
    if (held % 5000 === 0) await file.flush();
    if (held >= rowsPerLoad) await finish();
  }
  await finish();
  return { rows };
}
