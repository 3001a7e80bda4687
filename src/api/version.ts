import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** This Matinee's version: two folders up from here, both in src/ and in dist/. */
export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version;
