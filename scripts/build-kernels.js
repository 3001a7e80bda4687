// Compiles src/kernels/assembly (AssemblyScript) to dist/kernels/kernels.wasm. Skipped when neither the sources, the
// compiler nor its options changed: it takes two seconds, and most builds do not touch kernels.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

const OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'stub'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd,threads,bulk-memory'],
  ...['--disableWarning', '112'], // 128-bit values between our own functions; none leaves the module
  ...['--disableWarning', '201'], // addresses are 32 bits wide here, and stay so
];

export async function buildKernels(root) {
  const sources = join(root, 'src', 'kernels', 'assembly');
  const folder = join(root, 'dist', 'kernels');
  const out = join(folder, 'kernels.wasm');
  const stamp = join(folder, 'kernels.sha256');

  const hash = createHash('sha256').update(compilerVersion()).update(OPTIONS.join(' '));
  for (const name of readdirSync(sources).sort()) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(sources, name)))
      .update('\0');
  }
  const wanted = hash.digest('hex');
  if (existsSync(out) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const { default: asc } = await import('assemblyscript/asc');
  mkdirSync(folder, { recursive: true });
  const entry = relative(root, join(sources, 'index.ts'));
  const args = [entry, '-o', relative(root, out), '--baseDir', root, ...OPTIONS];
  const { error, stderr } = await asc.main(args, { stdout: process.stdout });
  if (error !== null) {
    process.stderr.write(`${stderr.toString()}\n`);
    throw new Error(`kernels: ${error.message}`);
  }
  writeFileSync(stamp, wanted);
}

function compilerVersion() {
  return createRequire(import.meta.url)('assemblyscript/package.json').version;
}
