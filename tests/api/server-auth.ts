import type { ServerOptions } from '../../src/api/server.js';
import { KEY } from './world.js';

/** What `startServer` needs where no database is: the key that may do everything is in the mirror. */
export const serverAuth: ServerOptions['auth'] = {
  keys: null,
  mirror: { read: () => Promise.resolve([KEY.stored]), write: () => Promise.resolve() },
  tokenKey: Buffer.alloc(32, 9),
};
