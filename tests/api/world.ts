import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import { afterEach } from 'vitest';
import type { Clock, ListItem, OperationalStore, ViewerList } from '../../src/activities/deps.js';
import { encodeList, openList } from '../../src/adapters/releases/list-codec.js';
import { endOf, isKey, keyIdOf, makeKey } from '../../src/api/auth/api-key.js';
import type { Auth } from '../../src/api/auth/guard.js';
import { createViewerTokens } from '../../src/api/auth/viewer-tokens.js';
import { createApp } from '../../src/api/app.js';
import type { ApiDeps, ServedFormula, ServedLists } from '../../src/api/deps.js';
import { createHttpServer } from '../../src/api/server.js';
import { SCOPES, type StoredKey } from '../../src/contracts/access.js';
import { configSchema } from '../../src/contracts/config.js';
import { type Profile, profileSchema } from '../../src/contracts/films.js';
import { memoryStore, type MemoryStore } from './memory-store.js';
import type { CatalogueFilm, FormulaLists } from '../../src/contracts/release.js';

export const NOW = new Date('2026-06-01T12:00:00.000Z');
export const config = configSchema.parse({});

/** A catalogue film; `minAge` becomes its FSK certificate, undefined leaves it without one. */
export function film(filmId: string, minAge?: number, more: Partial<CatalogueFilm> = {}): CatalogueFilm {
  return {
    filmId,
    title: `Film ${filmId}`,
    year: 1950,
    genres: ['Drama'],
    actors: [],
    directors: [],
    runtimeMin: 90,
    countries: [],
    languages: [],
    markets: ['*'],
    certificates: minAge === undefined ? {} : { FSK: [String(minAge)] },
    addedAt: null,
    votes: 100,
    averageRating: 8,
    weightedRating: 7.5,
    ...more,
  };
}

/** Lists over `films` in the given order. */
export function formulaOf(films: CatalogueFilm[], more: Partial<FormulaLists> = {}): FormulaLists {
  const top = films.map(({ filmId }) => filmId);
  return {
    m: 100,
    c: 6,
    votes: 0,
    films,
    top,
    eligible: films.length,
    provisional: false,
    newArrivals: top,
    heldArrivals: [],
    ...more,
  };
}

export function item(filmId: string, minAge: number, more: Partial<ListItem> = {}): ListItem {
  return {
    filmId,
    minAge,
    title: `Film ${filmId}`,
    year: 1950,
    score: 0.5,
    reason: { kind: 'watched', text: 'Because you watched “Modern Times”', movieIds: ['1'] },
    ...more,
  };
}

export function personal(pid: string, items: ListItem[], more: Partial<ViewerList> = {}): ViewerList {
  return { pid, servedBy: 'personal', maxAge: 18, market: 'default', items, ...more };
}

/** A release in memory, through the real codec. */
export function served(releaseId: string, lists: ViewerList[]): ServedLists {
  const values = new Map(lists.map((list) => [list.pid, encodeList(list, () => 0)]));
  const get = (pid: string) => {
    const value = values.get(pid);
    return value === undefined ? null : openList(value);
  };
  return { releaseId, night: '2026-05-31', get, peek: get };
}

export function profile(profileId: string, more: Partial<Profile> = {}): Profile {
  return { ...profileSchema.parse({ profileId, accountId: 'a' }), ...more };
}

type Saved = Awaited<ReturnType<OperationalStore['saveEvents']>>;

/** One key that may do everything, and the tokens of `token`. */
export const KEY = makeKey({ label: 'test', scopes: SCOPES }, new Date(0));
const TOKENS = { key: Buffer.alloc(32, 9), minutes: 30 };

/** Auth over `keys` in memory; the clock is the world's. */
export function authOf(keys: readonly StoredKey[], clock: Clock): Exclude<Auth, 'open'> {
  const byId = new Map(keys.map((key) => [key.keyId, key]));
  const find = (text: string) => {
    const stored = byId.get(keyIdOf(text) ?? '');
    if (stored === undefined || !isKey(text, stored) || endOf(stored) <= clock.now().getTime()) return null;
    const { keyId, scopes } = stored;
    return { kind: 'key' as const, keyId, scopes: new Set(scopes), expiresAt: endOf(stored) };
  };
  return {
    keys: { find, findLate: (text) => Promise.resolve(find(text)) },
    tokens: createViewerTokens({ ...TOKENS, clock }),
  };
}

/** A viewer's token, as the world's API takes it. */
export async function tokenOf(
  { deps }: Pick<World, 'deps'>,
  profileId: string,
  accountId: string | null = null,
) {
  if (deps.auth === 'open') throw new Error('this world asks for nothing');
  return (await deps.auth.tokens.issue({ profileId, accountId })).token;
}

export interface World {
  deps: ApiDeps;
  store: MemoryStore;
  lists: ServedLists | null;
  formula: ServedFormula | null;
  log: string[];
  now: Date;
  /** What the store says; replace to break it. */
  profile: (id: string) => Promise<Profile | null>;
  saveEvents: (...args: Parameters<OperationalStore['saveEvents']>) => Promise<Saved>;
}

export const down = () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:5432'));

/** Everything the app needs, in memory; pid of a viewer = `pid-` and its id. */
export function world(
  start: Partial<Omit<World, 'deps' | 'log'>> & { limits?: ApiDeps['limits'] } = {},
): World {
  const log: string[] = [];
  const clock = { now: () => self.now };
  const store = start.store ?? memoryStore(() => self.now);
  const self: World = {
    store,
    lists: start.lists ?? null,
    formula: start.formula ?? null,
    log,
    now: start.now ?? NOW,
    profile: start.profile ?? (() => Promise.resolve(null)),
    saveEvents:
      start.saveEvents ??
      ((events) => Promise.resolve({ accepted: events.length, duplicates: 0, unknownUsers: [] })),
    deps: {
      config,
      auth: authOf([KEY.stored], clock),
      clock,
      serving: { lists: () => self.lists, formula: () => self.formula },
      store: {
        ...store,
        profile: (id) => self.profile(id),
        saveEvents: (...args) => self.saveEvents(...args),
      },
      pidOf: (id) => pidOfId(id),
      log: { write: (line) => void log.push(line) },
      ...(start.limits === undefined ? {} : { limits: start.limits }),
    },
  };
  return self;
}

/** A pid that is a function of the id, so that fixtures can name it. */
export function pidOfId(id: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(id).toString('hex').slice(0, 12).padEnd(12, '0')}`;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}
export interface Ask {
  method?: string;
  /** `Authorization` unless given: of the key that may do everything; '' sends none. */
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Where the server listens; 127.0.0.1 when absent. */
  address?: string;
}

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** The real app behind the real server classes on a loopback port of its own; closed after the test. */
export async function start(deps: ApiDeps): Promise<{ port: number; ask: Client }> {
  const server = createHttpServer(createApp(deps));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, ask: (path, ask = {}) => send(port, path, ask) };
}
export type Client = (path: string, ask?: Ask) => Promise<Reply>;

export async function client(deps: ApiDeps): Promise<Client> {
  return (await start(deps)).ask;
}

export function send(
  port: number,
  path: string,
  { method = 'GET', headers: given = {}, body, address = '127.0.0.1' }: Ask,
): Promise<Reply> {
  const { Authorization = `Bearer ${KEY.text}`, ...others } = given;
  const headers = Authorization === '' ? others : { ...others, Authorization };
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const req = request({
      host: address,
      port,
      path,
      method,
      headers: { ...length, ...headers },
      agent: false,
    });
    req.on('error', reject);
    req.on('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    req.end(body);
  });
}

/** An answer that must be a problem of this status; returns it. */
export function problemOf(reply: Reply, status: number): Record<string, unknown> {
  if (reply.status !== status) throw new Error(`expected ${status}, got ${reply.status}: ${reply.body}`);
  if (reply.headers['content-type'] !== 'application/problem+json')
    throw new Error('not application/problem+json');
  const body: unknown = JSON.parse(reply.body);
  if (typeof body !== 'object' || body === null) throw new Error('no object');
  return { ...body };
}
