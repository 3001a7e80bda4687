import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The compiled JavaScript of a module of this project. Threads cannot run TypeScript: where the sources themselves run
 * (vitest), a URL in src/ stands for its twin in dist/, which `npm test` builds first.
 */
export function builtFile(url: URL): URL {
  const path = fileURLToPath(url);
  if (path.endsWith('.js') && existsSync(path)) return url;
  const root = new URL('../../../', import.meta.url).href;
  const built = new URL(url.href.replace(`${root}src/`, `${root}dist/`).replace(/\.ts$/, '.js'));
  if (existsSync(fileURLToPath(built))) return built;
  throw new Error(`worker thread file ${fileURLToPath(built)} does not exist: run \`npm run build\` first`);
}
