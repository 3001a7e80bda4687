import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Where we look for a port of our own. A port that the system picks (listen on 0) comes from its ephemeral range (from
 * 32768 on Linux, 49152 elsewhere): between our look and our start any outgoing connection of any program may be given the
 * same one. From these it gives nothing, and few services have a fixed place here.
 */
const FIRST = 21_000;
const COUNT = 9_000;
const TRIES = 100;

/** A free TCP port on 127.0.0.1: the preferred one when nothing listens there, else one below the ephemeral range. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  const start = randomInt(COUNT); // two of us that look at once start at different places
  for (let step = 0; step < TRIES; step++) {
    const port = FIRST + ((start + step) % COUNT);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no free TCP port on 127.0.0.1: tried ${TRIES} from ${FIRST + start} on`);
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
