// Imported after the Node version is known to be right, and before anything that needs a package.
import { createRequire } from 'module';
import { fileURLToPath } from 'url';

try {
  createRequire(import.meta.url).resolve('commander');
} catch {
  console.error(
    `matinee: its packages are not installed yet. Run: npm ci   (in ${fileURLToPath(new URL('..', import.meta.url))})`,
  );
  process.exit(1);
}
