// Shared by the measuring scripts: a throw-away home, the built CLI, and servers whose pids are known.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
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

/** Runs the CLI to its end; the last line of stdout is JSON when `--json` is among the arguments. */
export function matinee(home, ...args) {
  const out = execFileSync(process.execPath, [CLI, ...args], {
    env: environment(home),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  return args.includes('--json') ? JSON.parse(out.trim().split('\n').at(-1)) : out;
}

/** Servers and a worker in this process's keeping; `work` gets the nights client and the pids. */
export async function withStack(home, work, extraEnv = {}) {
  const { loadSettings } = await import('../dist/config.js');
  const { withServices } = await import('../dist/cli/context.js');
  Object.assign(process.env, { MATINEE_HOME: home, ...extraEnv });
  return withServices(loadSettings(), { worker: true, quiet: true }, work);
}

/** The API over a home's warehouse, in this process, on a free port; `store` null: as with the database away. */
export async function withApi(home, store, work) {
  const { startServer } = await import('../dist/api/server.js');
  const { loadSettings } = await import('../dist/config.js');
  const { homePaths, pidKey } = await import('../dist/embedded/home.js');
  const settings = loadSettings(environment(home));
  const log = { write: () => undefined };
  const server = await startServer(settings, { port: 0, pidKey: await pidKey(homePaths(home)), store, log });
  const ask = async (path, init) => {
    const response = await fetch(`${server.url}${path}`, init);
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

/** Answers counted by who made them. */
export function servedBy(bodies) {
  const counts = {};
  for (const body of bodies) {
    const by = body?.servedBy ?? 'nobody';
    counts[by] = (counts[by] ?? 0) + 1;
  }
  return counts;
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

/** How often channel `default` moved. */
export function movesOf(home) {
  return entries(home, 'channels/default').filter((file) => file.endsWith('.json')).length;
}

/** Committed releases of nights. */
export function nightReleases(home) {
  return entries(home, 'releases').filter((id) => /^\d{4}-\d\d-\d\d-[0-9a-f]{12}$/.test(id));
}

function entries(home, folder) {
  const path = join(home, 'warehouse', folder);
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
