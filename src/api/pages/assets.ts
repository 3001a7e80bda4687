import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** A static file under its content-hash name, in every coding that a browser may take. */
export interface Asset {
  type: string;
  body: Coded;
}
export interface Coded {
  identity: Buffer;
  gzip: Buffer;
  br: Buffer;
}
export interface Assets {
  /** Address of a file of the folder, e.g. `shop.css`. */
  path(name: string): string;
  /** By the name in its address. */
  find(hashedName: string): Asset | null;
  /** Names of the folder's scripts that `name` needs, itself first. */
  scripts(name: string): string[];
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
export const ASSET_PATH = '/assets/';

/**
 * The folder's files, read once. A style sheet's `@import './part.css';` is replaced by the part. A script's `from './other.js'` is rewritten to the other one's hashed name, so a name
 * stands for everything behind it and may be kept for ever.
 * @throws Error when two scripts import each other, or a script or sheet one that is not there.
 */
export function readAssets(folder: string): Assets {
  const texts = new Map(
    readdirSync(folder)
      .filter((name) => TYPES[extname(name)] !== undefined)
      .map((name) => [name, whole(folder, name)]),
  );
  const hashed = new Map<string, string>();
  const assets = new Map<string, Asset>();

  const add = (name: string, importedBy: readonly string[]): string => {
    const known = hashed.get(name);
    if (known !== undefined) return known;
    const text = texts.get(name);
    if (text === undefined)
      throw new Error(`${importedBy.at(-1)} imports ./${name}, which is not in ${folder}`);
    if (importedBy.includes(name)) throw new Error(`${[...importedBy, name].join(' → ')} import each other`);
    const linked = text.replace(IMPORT, (_, before: string, other: string) => {
      return `${before}'./${add(other, [...importedBy, name])}'`;
    });
    const hash = createHash('sha256').update(linked).digest('hex').slice(0, 12);
    const extension = extname(name);
    const address = `${name.slice(0, -extension.length)}.${hash}${extension}`;
    hashed.set(name, address);
    assets.set(address, { type: TYPES[extension] ?? '', body: coded(Buffer.from(linked), 11) });
    return address;
  };
  for (const name of texts.keys()) add(name, []);

  const address = (name: string) => {
    const found = hashed.get(name);
    if (found === undefined) throw new Error(`${name} is not in ${folder}`);
    return `${ASSET_PATH}${found}`;
  };
  return {
    path: address,
    find: (name) => assets.get(name) ?? null,
    scripts(name) {
      const needed = new Set<string>();
      const walk = (script: string) => {
        if (needed.has(script)) return;
        needed.add(script);
        for (const [, , other = ''] of (texts.get(script) ?? '').matchAll(IMPORT)) walk(other);
      };
      walk(name);
      return [...needed].map(address);
    },
  };
}

/** With the parts of a style sheet in their places: one request, and no sheet that waits for another. */
function whole(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8').replace(PART, (_, part: string) => {
    const path = join(folder, part);
    if (!existsSync(path)) throw new Error(`${name} imports ./${part}, which is not in ${folder}`);
    return readFileSync(path, 'utf8');
  });
}

const PART = /^@import '\.\/([\w/-]+\.css)';\n/gm;
const IMPORT = /(\bfrom )'\.\/([\w-]+\.js)'/g;

/** `quality`: brotli's, 0 to 11. */
export function coded(identity: Buffer, quality: number): Coded {
  return {
    identity,
    gzip: gzipSync(identity, { level: Math.min(9, quality) }),
    br: brotliCompressSync(identity, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: quality,
        [constants.BROTLI_PARAM_SIZE_HINT]: identity.length,
      },
    }),
  };
}

/** The coding that a request prefers of ours. */
export function codingFor(acceptEncoding: string | undefined): keyof Coded {
  const accepted = (acceptEncoding ?? '')
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*/))
    .filter(([, weight = 'q=1']) => !/^q=0(\.0*)?$/.test(weight))
    .map(([name = '']) => name.toLowerCase());
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : 'identity';
}
