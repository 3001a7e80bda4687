// Shared by the measuring scripts: a throw-away home, the built CLI, and servers whose pids are known.
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../bin/matinee.js', import.meta.url));

/** A fresh home; with `from`, a copy of that one (servers stopped). */
export function makeHome(from) {
  const home = mkdtempSync(join(tmpdir(), 'matinee-bench-'));
  if (from !== undefined) cpSync(from, home, { recursive: true, preserveTimestamps: true });
  return home;
}

export function removeHome(home) {
  rmSync(home, { recursive: true, force: true });
}

export function environment(home, extra = {}) {
  const { DATABASE_URL: _db, TEMPORAL_ADDRESS: _t, WAREHOUSE_URL: _w, ...rest } = process.env;
  return { ...rest, MATINEE_HOME: home, ...extra };
}

/** Runs the CLI to its end; with `--json` among the arguments what it printed, parsed. */
export function matinee(home, ...args) {
  return matineeWith({}, home, ...args);
}

export function matineeWith(env, home, ...args) {
  const out = execFileSync(process.execPath, [CLI, ...args], {
    env: environment(home, env),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  return args.includes('--json') ? JSON.parse(out) : out;
}

/** Servers and a worker in this process's keeping; `work` gets the nights client and the pids. */
export async function withStack(home, work, extraEnv = {}) {
  const { loadSettings } = await import('../dist/config.js');
  const { withServices } = await import('../dist/cli/context.js');
  const before = { ...process.env };
  process.env = environment(home, extraEnv);
  try {
    return await withServices(loadSettings(), { worker: true, quiet: true }, work);
  } finally {
    process.env = before;
  }
}

/** Runs one night to its end; each gets a workflow id of its own. */
export async function runNight(nights, input) {
  const handle = await nights.client.workflow.start('nightly', {
    workflowId: `bench/${randomUUID()}`,
    taskQueue: 'matinee',
    args: [input],
  });
  return handle.result();
}

/** The same in a stack of its own. */
export const nightIn = (home, input, env = {}) =>
  withStack(home, async (running) => runNight(await running.nights(), input), env);

/** PendingActivityState.STARTED: a worker has it in hand. */
const STARTED = 2;

/** Resolves once an activity of this type is in a worker's hands; false when the night ended first. */
export async function atWork(handle, activity) {
  for (;;) {
    const { raw, status } = await handle.describe();
    const pending = raw.pendingActivities ?? [];
    if (pending.some(({ activityType, state }) => activityType?.name === activity && state === STARTED)) {
      return true;
    }
    if (status.name !== 'RUNNING') return false;
    await sleep(2);
  }
}

/** pid → film ids of a committed release, best first. */
export async function readLists(home, releaseId) {
  const { createReleaseStore } = await import('../dist/adapters/releases/release-store.js');
  const store = createReleaseStore(join(home, 'warehouse'), { now: () => new Date() });
  const reader = await store.readLists(releaseId);
  try {
    return new Map([...reader.pids()].map((pid) => [pid, reader.get(pid).items.map(({ filmId }) => filmId)]));
  } finally {
    await reader.close();
  }
}

/** The pseudonym of a viewer in this home. */
export async function pidIn(home, viewer) {
  const { homePaths, pidKey } = await import('../dist/embedded/home.js');
  const { pidOf } = await import('../dist/core/identity/pid.js');
  return pidOf((await pidKey(homePaths(home))).key, viewer);
}

/** Mean share of a viewer's first k films that are in both releases, over viewers with a list in both. */
export function overlapAt(k, before, after) {
  const shares = [...before]
    .filter(([pid, films]) => films.length > 0 && (after.get(pid)?.length ?? 0) > 0)
    .map(([pid, films]) => {
      const now = new Set(after.get(pid).slice(0, k));
      return films.slice(0, k).filter((film) => now.has(film)).length / Math.min(k, films.length);
    });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** The release on channel `default`, or null. */
export function servedRelease(home, warehouse = join(home, 'warehouse')) {
  const folder = join(warehouse, 'channels', 'default');
  const last = existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => f.endsWith('.json'))
        .sort()
        .at(-1)
    : undefined;
  return last === undefined ? null : JSON.parse(readFileSync(join(folder, last), 'utf8')).releaseId;
}

/** The API over a home's warehouse, in this process, on a free port; `store` null: as with the database away. */
export async function withApi(home, store, work) {
  const { startServer } = await import('../dist/api/server.js');
  const { loadSettings } = await import('../dist/config.js');
  const { homePaths, pidKey } = await import('../dist/embedded/home.js');
  const settings = loadSettings(environment(home));
  const log = { write: () => undefined };
  const { auth, headers } = await keyForEverything();
  const server = await startServer(settings, {
    port: 0,
    pidKey: await pidKey(homePaths(home)),
    store,
    auth,
    log,
  });
  const ask = async (path, init = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      ...init,
      headers: { ...headers, ...init.headers },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text.startsWith('{') ? JSON.parse(text) : text,
    };
  };
  try {
    return await work({
      ask,
      list: (viewer, limit) => ask(`/v1/users/${encodeURIComponent(viewer)}/recommendations?limit=${limit}`),
      post: (events) =>
        ask('/v1/events', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ events }),
        }),
    });
  } finally {
    await server.close();
  }
}

/** What `startServer` asks for, with one API key of every scope, and the headers that show it. */
export async function keyForEverything() {
  const { makeKey } = await import('../dist/api/auth/api-key.js');
  const { SCOPES } = await import('../dist/contracts/access.js');
  const { text, stored } = makeKey({ label: 'bench', scopes: SCOPES }, new Date());
  const mirror = { read: () => Promise.resolve([stored]), write: () => Promise.resolve() };
  return {
    auth: { keys: null, mirror, tokenKey: randomBytes(32) },
    headers: { authorization: `Bearer ${text}` },
  };
}

/** Answers counted by who made them. */
export function servedBy(bodies) {
  const counts = {};
  for (const body of bodies) {
    const by = body?.servedBy ?? 'nobody';
    counts[by] = (counts[by] ?? 0) + 1;
  }
  return counts;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** mulberry32: the same numbers in [0, 1) for the same seed. */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const dayAfter = (day, days) =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

/** How often channel `default` moved. */
export function movesOf(home, warehouse = join(home, 'warehouse')) {
  return entries(warehouse, 'channels/default').filter((file) => file.endsWith('.json')).length;
}

/** Committed releases of nights. */
export function nightReleases(home, warehouse = join(home, 'warehouse')) {
  return entries(warehouse, 'releases').filter((id) => /^\d{4}-\d\d-\d\d-[0-9a-f]{12}$/.test(id));
}

function entries(warehouse, folder) {
  const path = join(warehouse, folder);
  return existsSync(path) ? readdirSync(path).sort() : [];
}

/** Highest resident set of a process so far, MiB (Linux), children of Postgres not included. */
export function peakMiB(pid) {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return NaN;
  const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1];
  return Math.round(Number(kib ?? NaN) / 1024);
}

/** Rows of equal keys as an aligned Markdown table. */
export function table(rows) {
  const keys = Object.keys(rows[0]);
  const cells = [keys, ...rows.map((row) => keys.map((key) => String(row[key] ?? '')))];
  const width = keys.map((_, c) => Math.max(...cells.map((line) => line[c].length)));
  const line = (values) => `| ${values.map((v, c) => v.padEnd(width[c])).join(' | ')} |`;
  return [line(cells[0]), line(width.map((w) => '-'.repeat(w))), ...cells.slice(1).map(line)].join('\n');
}
