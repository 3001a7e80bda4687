import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationalStore } from '../activities/deps.js';
import type { ViewerEvent } from '../contracts/index.js';
import {
  type AgeRule,
  type KnownFilm,
  demoAudience,
  newcomer,
  parseDemoFilms,
  simulateAudience,
} from '../simulator/index.js';
import { EVENT_HEADER, eventCsv } from './event-rows.js';
import { openLineFile } from './simulate/line-file.js';

/** Source of the demo's events: made up, and called so wherever they are shown. */
export const DEMO_SOURCE = 'simulator';
const DAY_MS = 86_400_000;
const BATCH = 5000;

export interface LoadDemoOptions {
  /** Folder that holds `demo/*.ndjson`. */
  projectRoot: string;
  now: Date;
  store: Pick<OperationalStore, 'upsertFilms' | 'upsertProfiles' | 'saveEvents'>;
  /** A faster way for the events: COPY of a CSV file whose header names columns of the event table. */
  bulk?: { loadEvents(source: string, csvPath: string): Promise<{ read: number; written: number }> };
  /** The product's own age rule: the simulated children keep to it. */
  ages: AgeRule;
  log?: (line: string) => void;
  onProgress?: (progress: { step: 'films' | 'profiles' | 'events'; done: number; of: number }) => void;
}

export interface LoadedDemo {
  films: number;
  /** Of the audience; one more is new and has done nothing. */
  profiles: number;
  /** Events made; and of those, how many the store did not have yet. */
  events: number;
  written: number;
}

/**
 * Loads the catalogue of `demo/` and a simulated audience whose 60 days end at the last midnight (UTC) before `now`.
 * Loading again changes nothing: ids follow from the seed, and on the same day the bytes do too. After a load that was
 * cut off, loading again completes it.
 * @throws Error naming file, line and field of a film that cannot be read.
 */
export async function loadDemo(options: LoadDemoOptions): Promise<LoadedDemo> {
  const { projectRoot, now, store, ages, log, onProgress } = options;
  const until = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  const films = await readDemoFilms(projectRoot, until);
  await store.upsertFilms(films.map(({ film }) => film));
  onProgress?.({ step: 'films', done: films.length, of: films.length });

  const audienceOptions = demoAudience(films, until, ages);
  const audience = simulateAudience(audienceOptions);
  const profiles = [...audience.profiles()];
  await store.upsertProfiles([...profiles, newcomer(until)]);
  onProgress?.({ step: 'profiles', done: profiles.length, of: profiles.length });

  const batches = audience.events((done) => onProgress?.({ step: 'events', done, of: profiles.length }));
  const { events, written } = await (options.bulk === undefined
    ? saveInBatches(batches, store)
    : copyIn(batches, options.bulk));
  log?.(
    `demo: ${films.length} films; ${profiles.length} simulated viewers, ` +
      `${events} simulated events of ${audienceOptions.days} days`,
  );
  return { films: films.length, profiles: profiles.length, events, written };
}

/** All films of `demo/*.ndjson`, in the order of the file names. */
export async function readDemoFilms(projectRoot: string, until: Date): Promise<KnownFilm[]> {
  const folder = join(projectRoot, 'demo');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).sort();
  if (names.length === 0) throw new Error(`${folder} holds no .ndjson file: is the installation complete?`);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text, at) => parseDemoFilms(text, `demo/${names[at]}`, until));
}

type Counts = Pick<LoadedDemo, 'events' | 'written'>;

/** `clock: given`: these times are history, not a client whose clock is wrong. */
async function saveInBatches(
  batches: Iterable<ViewerEvent[]>,
  store: LoadDemoOptions['store'],
): Promise<Counts> {
  const counts = { events: 0, written: 0 };
  for (const batch of batches) {
    for (let from = 0; from < batch.length; from += BATCH) {
      const part = batch.slice(from, from + BATCH);
      const { accepted } = await store.saveEvents(part, DEMO_SOURCE, { clock: 'given' });
      counts.events += part.length;
      counts.written += accepted;
    }
  }
  return counts;
}

async function copyIn(
  batches: Iterable<ViewerEvent[]>,
  bulk: NonNullable<LoadDemoOptions['bulk']>,
): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'matinee-demo-'));
  try {
    const path = join(folder, 'events.csv');
    const events = await writeCsv(batches, path);
    const { written } = await bulk.loadEvents(DEMO_SOURCE, path);
    return { events, written };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeCsv(batches: Iterable<ViewerEvent[]>, path: string): Promise<number> {
  const file = openLineFile(path);
  let events = 0;
  file.add(EVENT_HEADER);
  for (const batch of batches) {
    for (const event of batch) file.add(eventCsv(event));
    events += batch.length;
    await file.flush();
  }
  await file.close();
  return events;
}
