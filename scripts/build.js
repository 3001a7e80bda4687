// Builds dist/: TypeScript, the WebAssembly kernels, the workflow bundle, then the code hash that goes into every input hash.
// Skipped when dist/ is newer than every source, so that `npm start` begins at once.
import '../bin/node-version.js';
import '../bin/packages.js';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist', 'build.json');

const walk = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)],
  );
const inputs = ['src', 'warehouse', 'migrations']
  .flatMap((dir) => walk(join(root, dir)))
  .concat(
    ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build-kernels.js'].map((f) =>
      join(root, f),
    ),
  )
  .sort();

const hash = createHash('sha256');
for (const file of inputs)
  hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
const sourceSha256 = hash.digest('hex');

const lockSha256 = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

function built() {
  if (!existsSync(stamp)) return false;
  try {
    const made = JSON.parse(readFileSync(stamp, 'utf8'));
    return made.sourceSha256 === sourceSha256 && made.lockSha256 === lockSha256;
  } catch {
    return false;
  }
}

/** Several thousand lines of "permission denied" say less than this one. */
function demandWritable() {
  const dist = join(root, 'dist');
  try {
    for (const place of [existsSync(dist) ? dist : root, ...(existsSync(stamp) ? [stamp] : [])])
      accessSync(place, constants.W_OK);
  } catch {
    console.error(
      `matinee: ${root} has to be built, and you may not write its dist/: let its owner run npm run build`,
    );
    process.exit(1);
  }
}

if (!built()) {
  demandWritable();
  const started = Date.now();
  process.stdout.write('building … ');
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    process.stdout.write(`\n${error.stdout}`);
    process.exit(1);
  }
  const { buildKernels } = await import('./build-kernels.js'); // its packages may be missing; that was said above
  await buildKernels(root);
  const bundle = join(root, 'dist', 'worker', 'bundle.js');
  if (existsSync(bundle)) {
    const { bundleWorkflows } = await import(pathToFileURL(bundle).href);
    await bundleWorkflows(join(root, 'dist', 'workflow-bundle.js'));
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, JSON.stringify({ sourceSha256, lockSha256 }));
  process.stdout.write(`done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
