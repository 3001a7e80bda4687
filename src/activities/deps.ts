import type {
  Behaviour,
  ArtifactRef,
  Card,
  ChannelEntry,
  Config,
  Departure,
  Exclusion,
  ExclusionChange,
  ExclusionKind,
  FileSource,
  Film,
  FormulaLists,
  Manifest,
  Profile,
  Reason,
  ReleaseManifest,
  ServedBy,
  Serving,
  Toolchain,
  ViewerEvent,
} from '../contracts/index.js';
import type { Judge, Threads, Trainer } from './compute.js';
import type { ViewerAct } from '../core/feedback/index.js';
import type { Model } from '../core/ranking/model.js';
import type { Feeds } from './feeds.js';

export type { Crew, CrewJob, Judge, JudgeOptions, Threads, Trainer } from './compute.js';

/** Injected so that tests own time. Used for file times and "which night", never inside a stage: a stage's now is T. */
export interface Clock {
  now(): Date;
}

/** What an activity says while it works: heart-beats, progress, and a signal that asks it to stop. */
export interface ActivityContext {
  /**
   * Says how far the work is. Said once is enough: the worker repeats it until more is said (worker/activity-interceptor.ts),
   * and of an object that goes on changing it repeats what it has become.
   */
  heartbeat: (details: unknown) => void;
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
  /** The same, evaluated now into a temporary table. */
  table(model: string): Promise<void>;
  /** Adds a model's rows to the temporary table of its name; makes it when there is none. */
  append(model: string): Promise<void>;
  /** Rows of a model's SELECT. */
  rowsOf<T>(model: string): Promise<T[]>;
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
  /** Gives `pid_of()` its key. */
  usePidKey(key: PidKey): Promise<void>;
  rows<T>(sql: string, params?: Record<string, SqlValue>): Promise<T[]>;
  /** Streams columns into typed arrays, in chunks; copy out before the next one. Cast in SQL to INTEGER / FLOAT / DOUBLE first; no NULLs. */
  stream(sql: string, onChunk: (columns: ColumnChunk[], rows: number) => void): Promise<void>;
}
/** Files of users' own, read as text; see adapters/datasets/source-rows.ts for the relations that `open` makes. */
export interface Datasets {
  /** Files that a source's glob matches now, in path order, with the hash of their content. */
  match(session: Session, source: FileSource): Promise<SourceFile[]>;
  /** Makes source_rows, source_rejects and fields_of; returns columns that are unknown to us. */
  open(session: Session, source: FileSource, path: string): Promise<string[]>;
  /** The same over quarantined rows (columns `fields`, `pid`) of a relation. */
  reopen(
    session: Session,
    mapping: Pick<FileSource, 'name' | 'kind' | 'columns' | 'type'>,
    relation: string,
  ): Promise<void>;
}
export interface SourceFile {
  path: string;
  sha256: string;
}

export type ColumnChunk = Int32Array | Float32Array | Float64Array | Int16Array | Int8Array | Uint8Array;

export interface Warehouse {
  /** sha256 over the text of these models and of every macro: part of the version of what they make. */
  fingerprint(models: string[]): Promise<string>;
  session<T>(
    work: (session: Session) => Promise<T>,
    options?: { threads?: number; signal?: AbortSignal },
  ): Promise<T>;
}

/** The operational store (Postgres). */
export interface OperationalStore {
  /** `clock`: "server" (default) distrusts client times more than 24 h off; "given" keeps history's own times. */
  saveEvents(
    events: ViewerEvent[],
    source: string,
    options?: { clock?: 'server' | 'given' },
  ): Promise<{ accepted: number; duplicates: number; unknownUsers: string[] }>;
  upsertFilms(films: Film[]): Promise<number>;
  upsertProfiles(profiles: Profile[]): Promise<number>;
  profile(profileId: string): Promise<Profile | null>;
  /** Made-up people of the demo: whoever tries the shop may be one of them. At most 24. */
  demoPeople(): Promise<Profile[]>;
  /** Profiles of an account in the order they were made; null = no such account. */
  profilesOf(accountId: string): Promise<Profile[] | null>;
  /** Current ratings, newest first. */
  ratings(profileId: string): Promise<CurrentRating[]>;
  /** Likes, dislikes and bookmarks that stand, newest first. */
  opinions(profileId: string): Promise<Opinions>;
  /** What the viewer did with films since an instant (ISO), in no order; of `types` alone, where they are given. */
  acts(
    profileId: string,
    since: string,
    most: number,
    types?: readonly ViewerEvent['type'][],
  ): Promise<ViewerAct[]>;
  /** Those that hold, newest first. */
  exclusions(profileId: string): Promise<Exclusion[]>;
  exclude(
    profileId: string,
    filmId: string,
    kind: ExclusionKind,
  ): Promise<'excluded' | 'already' | 'unknown-profile'>;
  /** True when it held until now. */
  undoExclusion(profileId: string, filmId: string, kind: ExclusionKind): Promise<boolean>;
  /** All that was said since an instant (ISO), undo included; `readAt` by the store's clock. */
  exclusionChanges(since: string): Promise<{ changes: ExclusionChange[]; readAt: string }>;
  /** Pairs of which something was said, or a film finished, at or after `from`, and stored since `since` (ISO), as they stand now. */
  departuresSince(from: string, since: string): Promise<Departure[]>;
  /** How these pairs stand now. */
  departuresOf(from: string, pairs: readonly { profileId: string; filmId: string }[]): Promise<Departure[]>;
  counts(): Promise<{ films: number; profiles: number; events: number }>;
  /** Time of the newest event (ISO), or null when there is none. */
  newestEventAt(): Promise<string | null>;
  /** COPY of events committed since a watermark, as CSV files; returns the new watermark. Never misses a late commit. */
  extractEvents(
    since: Watermark | null,
    csvPath: string,
    signal?: AbortSignal,
  ): Promise<{ rows: number; watermark: Watermark }>;
  extractFilms(csvPath: string): Promise<number>;
  extractProfiles(csvPath: string): Promise<number>;
}
export interface CurrentRating {
  filmId: string;
  /** 1..10. */
  value: number;
  ratedAt: string;
}
export interface Opinions {
  liked: { filmId: string; at: string }[];
  disliked: { filmId: string; at: string }[];
  bookmarked: { filmId: string; at: string }[];
}
/** Transaction ids below `xmin` have been read; `system` names cluster, timeline and database, in which alone ids compare. */
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
  /** What a personal list was made from, so that it can be explained; absent: nothing. Ascending film ids. */
  history?: StoredInteraction[];
}
/** An interaction as scoring saw it (warehouse/score/bucket_history.sql). */
export interface StoredInteraction {
  filmId: string;
  /** Signed weight in millionths, 0 = unobserved. */
  weightMicro: number;
  /** See core/ranking/history-flags.ts. */
  flags: number;
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
  /** Its card stays. */
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
  /** The model that a personal release was made by; null when it was made by none. */
  readModel(releaseId: string): Promise<Model | null>;
  /** The release's model card, also after the release went; null in releases of earlier versions and of the formula. */
  readCard(releaseId: string): Promise<Card | null>;
  /** The table of similar films (core/similar/similar-table.ts); null in releases that have none. */
  readSimilar(releaseId: string): Promise<Uint32Array | null>;
  /** What of all viewers decided about each; null in releases of earlier versions. */
  readBehaviour(releaseId: string): Promise<Behaviour | null>;
}
export interface ReleaseDraft {
  /** In ascending pid order. */
  put(list: ViewerList): void;
  writeJson(name: string, value: unknown): Promise<void>;
  /** A file of these bytes. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Copies a file of the warehouse in, e.g. the film factors. */
  copyIn(name: string, path: string): Promise<void>;
  /** What was put and written so far, as serving reads it; no list can be put after it. To be closed before the commit. */
  preview(): Promise<ReleasePreview>;
  /** Closes files, hashes them, writes manifest.json last and renames; an already committed release is returned as it is. */
  commit(manifest: Omit<ReleaseManifest, 'files' | 'contentSha256'>): Promise<ReleaseManifest>;
  abandon(): Promise<void>;
}
/** A draft, read as a release. */
export interface ReleasePreview {
  lists: ListReader;
  model: Model | null;
  behaviour: Behaviour | null;
}
export interface ListReader {
  /** Film ids of the release, ascending; PackedList.film indexes them. */
  readonly films: readonly string[];
  get(pid: string): ViewerList | null;
  /** The same list for serving: nothing is parsed but a small index. Its buffers are the caller's own. */
  packed(pid: string): PackedList | null;
  /** The same without a copy of it: good until the next look-up of any list, so to be read to the end at once. */
  peek(pid: string): PackedList | null;
  /** All viewers in key order. */
  pids(): Iterable<string>;
  /** The release's contentSha256, worked out anew from the stored bytes. `onLists` is told how many were read. */
  contentSha256(onLists?: (done: number) => void): Promise<string>;
  /** What that hash would be with other lists in their place, put in key order. */
  hashing(): { put(list: ViewerList): void; sha256(): string };
  close(): Promise<void>;
}
/** One stored list, read in place. */
export interface PackedList {
  servedBy: ServedBy;
  maxAge: number;
  market: string;
  why?: string;
  /** Of a list that was made since its release (api/refresh.ts), in ms: tells it from the released one. */
  madeAt?: number;
  length: number;
  film(index: number): number;
  minAge(index: number): number;
  /** Ready JSON of an item behind its rank: `"movieId":"1","title":…}`; the caller writes `{"rank":1,` before it. */
  json(index: number): Buffer;
  /** Its bytes as Latin-1 text, a character each: joining texts and sending them costs a third of what buffers do. */
  bytes(index: number): string;
  /** The history that the list was made from, by film index; empty in lists of earlier versions. */
  history(): { film: number; weightMicro: number; flags: number }[];
}

/** Another release was put on the channel between reading it and moving it. */
export class ReleaseConflictError extends Error {
  override name = 'ReleaseConflictError';
}

/** Serves a not yet published release through the real API code, compares what comes out, and measures how fast. */
export interface Rehearsal {
  /** Lists asked for at the rate of the gate, and the sample's viewers folded in anew. `formula`: the catalogue; null = no fold-in. */
  measure(
    preview: ReleasePreview,
    work: { releaseId: string; night: string; sample: ViewerList[]; formula: FormulaLists | null },
  ): Promise<Serving>;
  rehearse(releaseId: string, sample: ViewerList[]): Promise<{ checked: number; failures: string[] }>;
}

/** The pseudonym key; file `secrets/pid-v1.key` in the home, made once. */
export interface PidKey {
  version: number;
  key: Buffer;
}

export interface ActivityDeps {
  threads: Threads;
  trainer: Trainer;
  judge: Judge;
  config: Config;
  clock: Clock;
  artifacts: ArtifactStore;
  warehouse: Warehouse;
  store: OperationalStore;
  releases: ReleaseStore;
  rehearsal: Rehearsal;
  /** `warehouse.duckdb`: views over the newest run's tables. */
  analysts: { refresh(): Promise<void> };
  pidKey: PidKey;
  /** sha256 over the built code and SQL: part of every input hash. */
  codeSha256: string;
  toolchain: Toolchain;
}

/** Extraction alone reads files of users' own. */
export interface ExtractDeps extends ActivityDeps {
  datasets: Datasets;
  feeds: Feeds;
  store: OperationalStore & ExclusiveStore;
}
export interface ExclusiveStore {
  /** Work that only one process on this store does at a time; others wait. The lock goes with the process. */
  exclusively<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}
