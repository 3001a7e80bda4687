import { createServer } from 'node:net';

/** A free TCP port on 127.0.0.1: the preferred one when nothing listens there, else one the system picks. */
export async function freePort(preferred?: number): Promise<number> {
  const first = preferred === undefined ? null : await tryPort(preferred);
  const port = first ?? (await tryPort(0));
  if (port === null) throw new Error('no free TCP port on 127.0.0.1');
  return port;
}

export async function isPortFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== null;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const found = address !== null && typeof address === 'object' ? address.port : null;
      server.close(() => resolve(found));
    });
  });
}
