import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { openHome } from '../../src/embedded/home.js';
import { startPostgres } from '../../src/embedded/postgres.js';
import { sql, temporaryHome } from './server-support.js';

const { folder, report } = temporaryHome();
const isRoot = process.getuid?.() === 0;

describe('Postgres under every account', () => {
  beforeAll(() => void execFileSync(process.execPath, ['scripts/build.js'])); // nothing to do after npm run build

  const runs = async (options: Parameters<typeof startPostgres>[0]) => {
    const postgres = await startPostgres(options);
    try {
      return (
        await sql<{ data: string }>(postgres.url, "SELECT current_setting('data_directory') AS data")
      )[0]?.data;
    } finally {
      await postgres.stop();
    }
  };
  const common = async (name: string) => {
    const home = await openHome(join(folder, name));
    return { home, cache: join(folder, 'cache'), report };
  };

  test('an initdb that was killed half-way is done again; what is no cluster is set aside', async () => {
    const options = await common('half');
    const { pg } = options.home;
    mkdirSync(join(pg, 'data.new-123', 'base'), { recursive: true });
    mkdirSync(join(pg, 'data', 'global'), { recursive: true });
    writeFileSync(join(pg, 'data', 'PG_VERSION'), '18\n');
    expect(await runs(options)).toBe(join(pg, 'data'));
    const entries = readdirSync(pg);
    expect(entries.filter((entry) => entry.startsWith('data.broken-'))).toHaveLength(1);
    expect(entries.filter((entry) => entry.startsWith('data.new-'))).toEqual([]);
    writeFileSync(join(pg, 'data', 'PG_VERSION'), '15\n');
    await expect(runs(options)).rejects.toThrow(/made by Postgres 15, and this Matinee brings 18.*pg_dump/);
  });

  test.skipIf(!isRoot)(
    'root without user namespaces: an existing user, in a system folder, kept for later',
    async () => {
      const options = await common('system');
      chmodSync(folder, 0o755);
      const systemRoot = join(folder, 'system-root');
      const data = await runs({ ...options, systemRoot, ways: ['system user'] });
      expect(data?.startsWith(systemRoot)).toBe(true);
      expect(await runs(options)).toBe(data); // found again although user namespaces would work
    },
  );

  test.skipIf(!isRoot)('root with no way at all: one sentence that names DATABASE_URL', async () => {
    await expect(runs({ ...(await common('none')), ways: [] })).rejects.toThrow(
      /refuses to run as root.*DATABASE_URL/,
    );
  });

  test.skipIf(!isRoot)('an ordinary user, in a private folder', async ({ skip }) => {
    const [home, script] = [join(folder, 'theirs'), join(folder, 'theirs.mjs')];
    chmodSync(folder, 0o755);
    mkdirSync(home, { mode: 0o700 });
    const nobody = 65_534;
    const isReadable =
      spawnSync('test', ['-r', resolve('dist/embedded/home.js')], { uid: nobody }).status === 0;
    skip(!isReadable, 'the checkout is closed to other users: try it from a folder that they may read');
    execFileSync('chown', [`${nobody}:${nobody}`, home]);
    writeFileSync(
      script,
      `const { openHome } = await import(new URL('embedded/home.js', process.argv[2]).href);
       const { startPostgres } = await import(new URL('embedded/postgres.js', process.argv[2]).href);
       const home = await openHome(process.argv[3]);
       const postgres = await startPostgres({ home, cache: home.root + '/pg/cache', report: console.error });
       await postgres.stop();
       console.log(process.getuid());`,
    );
    const dist = pathToFileURL(`${resolve('dist')}/`).href;
    const asNobody = { uid: nobody, gid: nobody, cwd: '/', env: {}, encoding: 'utf8' as const };
    expect(execFileSync(process.execPath, [script, dist, home], asNobody).trim()).toBe(String(nobody));
  });
});
