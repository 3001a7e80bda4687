import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client as TemporalClient } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTemporal, isTemporalHealthy } from '../../src/adapters/temporal/connection.js';
import { RETENTION_DAYS, SEARCH_ATTRIBUTES } from '../../src/adapters/temporal/namespace.js';
import { HomeBusy } from '../../src/embedded/lock.js';
import { isAlive } from '../../src/embedded/processes.js';
import { type Services, attachOrStart } from '../../src/embedded/services.js';
import { eventually, identityOf, sql, sqlAnswers, temporaryHome } from './server-support.js';

const { settings, said, report } = temporaryHome();

describe('a command on its own', () => {
  let services: Services;
  beforeAll(async () => {
    services = await attachOrStart(settings, { command: 'nightly', report, ui: true });
  });
  afterAll(() => services.stop());

  test('gets both servers, on loopback alone, with what nights need', async () => {
    const [{ database, locale } = { database: '', locale: '' }] = await sql<{
      database: string;
      locale: string;
    }>(
      services.databaseUrl,
      'SELECT current_database() AS database, datlocale AS locale FROM pg_database WHERE datname = current_database()',
    );
    expect([database, locale]).toEqual(['matinee', 'C.UTF-8']);
    const [{ addresses } = { addresses: '' }] = await sql<{ addresses: string }>(
      services.databaseUrl,
      "SELECT current_setting('listen_addresses') || current_setting('unix_socket_directories') AS addresses",
    );
    expect(addresses).toBe('127.0.0.1');
    const connection = await connectTemporal(services.temporalAddress);
    try {
      const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(RETENTION_DAYS * 86_400);
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
    } finally {
      await connection.close();
    }
    expect((await fetch(services.temporalUi ?? '')).status).toBe(200);
  });

  test('a second command is refused while it runs', async () => {
    const refused = await attachOrStart(settings, { command: 'import', report }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(HomeBusy);
    expect(String(refused)).toContain('matinee nightly is already running');
  });

  test('kill -9 of Postgres: it comes back at the same address with every committed row', async () => {
    await sql(services.databaseUrl, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    const killed = identityOf(services.pids.postgres);
    process.kill(killed.pid, 'SIGKILL');
    await eventually(
      'Postgres answers again',
      async () => !isAlive(killed) && (await sqlAnswers(services.databaseUrl)),
    );
    expect(await sql(services.databaseUrl, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
    await eventually('its new pid is known', () => services.pids.postgres !== killed.pid);
  });

  test('kill -9 of Temporal: it comes back at the same address with its workflows', async () => {
    const start = async () => {
      const connection = await connectTemporal(services.temporalAddress);
      try {
        const client = new TemporalClient({ connection });
        await client.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody-listens' });
      } finally {
        await connection.close();
      }
    };
    await start();
    const killed = identityOf(services.pids.temporal);
    process.kill(killed.pid, 'SIGKILL');
    await eventually(
      'Temporal answers again',
      async () => !isAlive(killed) && isTemporalHealthy(services.temporalAddress),
    );
    await expect(start()).rejects.toThrow(/already started/i);
    await eventually('its new pid is known', () => services.pids.temporal !== killed.pid);
  });

  test('its end ends both, and leaves no lock, no lock file and no password in a log', async () => {
    const pids = [identityOf(services.pids.postgres), identityOf(services.pids.temporal)];
    await services.stop();
    for (const server of pids) expect(isAlive(server)).toBe(false);
    const again = await attachOrStart(settings, { command: 'import', report, storeOnly: true });
    expect([again.temporalAddress, Object.keys(again.pids)]).toEqual(['', ['postgres']]);
    expect(await sql(again.databaseUrl, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
    await again.stop();
    const password = readFileSync(join(settings.home, 'secrets', 'postgres.password'), 'utf8');
    for (const log of readdirSync(join(settings.home, 'logs'))) {
      expect(readFileSync(join(settings.home, 'logs', log), 'utf8')).not.toContain(password);
    }
    expect(said.join('\n')).not.toContain(password);
  });
});
