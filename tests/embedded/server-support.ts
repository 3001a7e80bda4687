import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { loadSettings } from '../../src/config.js';
import { type ProcessIdentity, identify } from '../../src/embedded/processes.js';

/** A home of its own under a temporary folder, with embedded servers, and what was reported about it. */
export function temporaryHome() {
  const folder = mkdtempSync(join(tmpdir(), 'matinee-servers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, MATINEE_HOME: join(folder, 'home'), DATABASE_URL: '', TEMPORAL_ADDRESS: '' };
  const said: string[] = [];
  return { folder, settings: loadSettings(env), said, report: (line: string) => void said.push(line) };
}

export async function sql<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

export const sqlAnswers = (url: string): Promise<boolean> =>
  sql(url, 'SELECT 1').then(
    () => true,
    () => false,
  );

/** Waits for a condition of another process; fails by naming it. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await check());) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Of a process that is running now. */
export function identityOf(pid: number | undefined): ProcessIdentity {
  const identity = pid === undefined ? null : identify(pid);
  if (identity === null) throw new Error(`no process ${pid}`);
  return identity;
}
