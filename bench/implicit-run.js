// Runs bench/als-baseline.py in a virtual environment of its own, made on first use.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('als-baseline.py', import.meta.url));
const PACKAGES = ['implicit==0.7.3'];

/** Path of a Python that has `implicit`. */
export function pythonWithImplicit(folder) {
  const venv = join(folder, 'venv');
  const python = join(venv, 'bin', 'python');
  if (!existsSync(join(venv, 'ready'))) {
    console.error(`making ${venv} with ${PACKAGES.join(', ')} …`);
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '-q', ...PACKAGES], { stdio: 'inherit' });
    execFileSync(python, ['-c', `open(${JSON.stringify(join(venv, 'ready'))}, 'w').close()`]);
  }
  return python;
}

/** `problem`: { data, k, solver: cg|cholesky, iterations, threads, confidence, regularisation, factorsFolder? } */
export function runImplicit(python, { data, k, solver, iterations, threads, ...problem }) {
  const { confidence, regularisation, factorsFolder } = problem;
  const numbers = [iterations, threads, confidence, regularisation];
  const args = [SCRIPT, data.start, data.column, data.viewers, data.films, k, solver, ...numbers];
  if (factorsFolder !== undefined) args.push(factorsFolder);
  const stdio = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(execFileSync(python, args.map(String), { stdio, maxBuffer: 1 << 26 }));
}
