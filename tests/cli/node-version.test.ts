import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

/** What a process on this Node says and does when its version reads like another. */
function start(version: string, script: string) {
  const url = JSON.stringify(pathToFileURL(script).href);
  const lie = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); await import(${url})`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', lie], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

test.each(['bin/matinee.js', 'scripts/build.js'])(
  '%s on an old Node: one sentence that says which to get',
  (script) => {
    expect(start('18.20.8', script)).toEqual({
      status: 1,
      stderr:
        'matinee needs Node 20.19+ or 22.12+; this is Node 18.20.8. Get Node 22 from https://nodejs.org, or: nvm install 22\n',
    });
  },
);

test.each([
  ['14.21.3', 1],
  ['20.18.9', 1],
  ['20.19.0', 0],
  ['21.9.0', 1],
  ['22.11.0', 1],
  ['22.12.0', 0],
  ['24.0.0', 0],
  ['100.1.0', 0],
])('Node %s → exit code %i', (version, code) => {
  expect(start(version, 'bin/node-version.js').status).toBe(code);
});

test.each(['bin/matinee.js', 'scripts/build.js'])(
  '%s before npm ci: one sentence that says to run it',
  (script) => {
    const folder = mkdtempSync(join(tmpdir(), 'matinee-bare-'));
    try {
      for (const part of ['bin', 'scripts', 'package.json'])
        cpSync(part, join(folder, part), { recursive: true });
      const { status, stderr } = spawnSync(process.execPath, [join(folder, script)], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: `matinee: its packages are not installed yet. Run: npm ci   (in ${folder}/)\n`,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
