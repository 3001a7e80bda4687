import type {
  ArtifactRef,
  ChannelEntry,
  Config,
  Film,
  FormulaLists,
  Manifest,
  Profile,
  Reason,
  ReleaseManifest,
  ServedBy,
  ViewerEvent,
} from '../contracts/index.js';

/** Injected so that tests own time. Used for file times and "which night", never inside a stage: a stage's now is T. */
export interface Clock {
  now(): Date;
}

/** What an activity says while it works: heart-beats, progress, and a signal that asks it to stop. */
export interface ActivityContext {
  heartbeat(details: unknown): void;
  /** Details of the last heartbeat of an attempt that died, to resume from. */
  resume: unknown;
  signal: AbortSignal;
}

/** Artefacts: immutable folders under the warehouse root, `_manifest.json` written last. */
export interface ArtifactStore {
  readonly root: string;
  path(uri: string): string;
  /**
   * Writes an artefact once: `produce` fills a temporary folder, the manifest is written last, the folder is renamed.
   * If `uri` is committed already (a retry, a zombie attempt, a racing worker), that one is returned and nothing changes.
   */
  write(
    uri: string,
    meta: { schema: string; inputs: ArtifactRef[] },
    produce: (folder: string) => Promise<Produced>,
  ): Promise<ArtifactRef>;
  read(uri: string): Promise<Manifest | null>;
  /** Absolute paths of an artefact's data files, in manifest order. */
  files(ref: ArtifactRef): Promise<string[]>;
  list(prefix: string): Promise<string[]>;
  remove(uri: string): Promise<void>;
}
export interface Produced {
  files: { path: string; sha256: string; rows: number; bytes: number }[];
  facts?: Record<string, unknown>;
}

export type SqlValue = string | number | boolean | null | string[];

/** One in-memory DuckDB connection over Parquet, closed when the work ends. Only adapters/duckdb knows DuckDB. */
export interface Session {
  /** SET VARIABLE; models read it by getvariable('name'). `type` casts, e.g. TIMESTAMP. */
  set(name: string, value: SqlValue, type?: string): Promise<void>;
  /** A temporary view over a pinned list of Parquet files; with no files, over an empty relation of `columns`. */
  view(name: string, files: string[], columns?: Record<string, string>): Promise<void>;
  /** A temporary view named as the model's last path part, from `warehouse/<model>.sql`. */
  model(model: string): Promise<void>;
  /** COPY of a model's SELECT into a Parquet file, with its content hash. */
  copyModel(
    model: string,
    path: string,
  ): Promise<{ path: string; sha256: string; rows: number; bytes: number }>;
  copy(
    select: string,
    path: string,
    params?: Record<string, SqlValue>,
  ): Promise<{ path: string; sha256: string; rows: number; bytes: number }>;
  run(sql: string, params?: Record<string, SqlValue>): Promise<void>;
  rows<T>(sql: string, params?: Record<string, SqlValue>): Promise<T[]>;
  /** Streams columns into typed arrays, in chunks; copy out before the next one. Cast in SQL to INTEGER / FLOAT / DOUBLE first; no NULLs. */
  stream(sql: string, onChunk: (columns: ColumnChunk[], rows: number) => void): Promise<void>;
}
export type ColumnChunk = Int32Array | Float32Array | Float64Array | Int16Array | Int8Array | Uint8Array;

export interface Warehouse {
  session<T>(
    work: (session: Session) => Promise<T>,
    options?: { threads?: number; signal?: AbortSignal },
  ): Promise<T>;
}

/** The operational store (Postgres). */
export interface OperationalStore {
  saveEvents(
    events: ViewerEvent[],
    source: string,
  ): Promise<{ accepted: number; duplicates: number; unknownUsers: string[] }>;
  upsertFilms(films: Film[]): Promise<number>;
  upsertProfiles(profiles: Profile[]): Promise<number>;
  profile(profileId: string): Promise<Profile | null>;
  counts(): Promise<{ films: number; profiles: number; events: number }>;
  /** COPY of events committed since a watermark, as CSV files; returns the new watermark. Never misses a late commit. */
  extractEvents(
    since: Watermark | null,
    csvPath: string,
    signal?: AbortSignal,
  ): Promise<{ rows: number; watermark: Watermark }>;
  extractFilms(csvPath: string): Promise<number>;
  extractProfiles(csvPath: string): Promise<number>;
}
/** Transaction ids below `xmin` of this database cluster have been read. */
export interface Watermark {
  system: string;
  xmin: string;
}

/** One viewer's list, ready to be stored. Items in rank order. */
export interface ViewerList {
  pid: string;
  servedBy: ServedBy;
  /** Age limit of the profile at T, and its market. */
  maxAge: number;
  market: string;
  /** Why nothing may be shown, when servedBy is "none". */
  why?: string;
  items: ListItem[];
}
export interface ListItem {
  filmId: string;
  /** Minimum age in the viewer's market, of the film and of the films that its reason cites. */
  minAge: number;
  title: string;
  year: number | null;
  score: number;
  reason: Reason;
}

/** Releases: immutable folders `releases/<id>/`, and channels that point at them. */
export interface ReleaseStore {
  /** `filmIds`, ascending: every film that a list may name; written as films.json, and what PackedList.film indexes. */
  begin(releaseId: string, filmIds: string[]): Promise<ReleaseDraft>;
  manifest(releaseId: string): Promise<ReleaseManifest | null>;
  list(): Promise<ReleaseManifest[]>;
  remove(releaseId: string): Promise<void>;
  current(channel: string): Promise<ChannelEntry | null>;
  /** Names of all channels. */
  channels(): Promise<string[]>;
  /** All entries, oldest first. */
  history(channel: string): Promise<ChannelEntry[]>;
  /** Compare-and-set by link(2). "already" when the channel points there; throws ReleaseConflictError when another got in between. */
  flip(
    channel: string,
    to: { releaseId: string; expectSeq: number; by: string; reason: string; asOf?: string },
  ): Promise<'flipped' | 'already'>;
  readLists(releaseId: string): Promise<ListReader>;
  readFormula(releaseId: string): Promise<FormulaLists>;
}
export interface ReleaseDraft {
  /** In ascending pid order. */
  put(list: ViewerList): void;
  writeJson(name: string, value: unknown): Promise<void>;
  /** Copies a file of the warehouse in, e.g. the film factors. */
  copyIn(name: string, path: string): Promise<void>;
  /** Closes files, hashes them, writes manifest.json last and renames; an already committed release is returned as it is. */
  commit(manifest: Omit<ReleaseManifest, 'files' | 'contentSha256'>): Promise<ReleaseManifest>;
  abandon(): Promise<void>;
}
export interface ListReader {
  /** Film ids of the release, ascending; PackedList.film indexes them. */
  readonly films: readonly string[];
  get(pid: string): ViewerList | null;
  /** The same list for serving: nothing is parsed but a small index. Its buffers are the caller's own. */
  packed(pid: string): PackedList | null;
  /** All viewers in key order. */
  pids(): Iterable<string>;
  close(): Promise<void>;
}
/** One stored list, read in place. */
export interface PackedList {
  servedBy: ServedBy;
  maxAge: number;
  market: string;
  why?: string;
  length: number;
  film(index: number): number;
  minAge(index: number): number;
  /** Ready JSON of an item behind its rank: `"movieId":"1","title":…}`; the caller writes `{"rank":1,` before it. */
  json(index: number): Buffer;
}

/** Another release was put on the channel between reading it and moving it. */
export class ReleaseConflictError extends Error {
  override name = 'ReleaseConflictError';
}

/** Serves a not yet published release through the real API code and compares what comes out. */
export interface Rehearsal {
  rehearse(releaseId: string, sample: ViewerList[]): Promise<{ checked: number; failures: string[] }>;
}

/** The pseudonym key; file `secrets/pid-v1.key` in the home, made once. */
export interface PidKey {
  version: number;
  key: Buffer;
}

/** CPU work in worker threads, off the event loop. */
export interface Threads {
  crew(job: CrewJob): Promise<Crew>;
}
export interface CrewJob {
  /** A built module that exports `createUnitRunner(data): (phase, unit) => result`; loaded once per thread. */
  module: URL;
  /** Structured-cloned into each thread; arrays over SharedArrayBuffer stay shared. */
  data: unknown;
  threads: number;
  /** Aborting it ends the threads. */
  signal?: AbortSignal;
}
export interface Crew {
  /** Runs every unit of a phase once, in any order; results that are not undefined come back by `onResult`. */
  run(
    phase: string,
    units: number,
    on?: {
      onResult?: (unit: number, result: unknown) => void;
      onProgress?: (done: number, of: number) => void;
    },
  ): Promise<void>;
  stop(): Promise<void>;
}

export interface ActivityDeps {
  threads: Threads;
  config: Config;
  clock: Clock;
  artifacts: ArtifactStore;
  warehouse: Warehouse;
  store: OperationalStore;
  releases: ReleaseStore;
  rehearsal: Rehearsal;
  pidKey: PidKey;
  /** sha256 over the built code and SQL: part of every input hash. */
  codeSha256: string;
}
