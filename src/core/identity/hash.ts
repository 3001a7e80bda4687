import { createHash } from 'node:crypto';

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** JSON with sorted keys: equal values, equal text, so that hashes of it compare. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) =>
    v !== null && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : v,
  );
}

/** sha256 of a value as canonical JSON: equal values, equal hash. */
export const hashOf = (value: unknown): string => sha256(canonicalJson(value));

/** An artefact's sha256: of the names and hashes of its files, in their order. */
export const filesSha256 = (files: readonly { path: string; sha256: string }[]): string =>
  sha256(files.map((file) => `${file.path} ${file.sha256}`).join('\n'));
