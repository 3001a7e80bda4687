import { resolve } from 'node:path';
import type { Datasets } from '../../activities/deps.js';
import { sha256OfFile } from '../artifacts/hash.js';
import { openQuarantinedRows, openSourceRows } from './source-rows.js';

/** Files of users' own as sources. Relative globs start at `base`, the folder of the configuration. */
export function createDatasets(base: string = process.cwd()): Datasets {
  return {
    async match(session, source) {
      const found = await session.rows<{ file: string }>('SELECT file FROM glob($pattern) ORDER BY file', {
        pattern: resolve(base, source.glob),
      });
      const files = [];
      for (const { file } of found) files.push({ path: file, sha256: await sha256OfFile(file) });
      return files;
    },
    open: (session, source, path) =>
      openSourceRows(session, source, {
        path,
        format: source.format,
        delimiter: source.delimiter,
        encoding: source.encoding,
        isQuoted: true,
        names: null,
      }),
    reopen: openQuarantinedRows,
  };
}
