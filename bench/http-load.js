// Loads HTTP servers that run in processes of their own (forked here), and tells what a request cost them.
import { execFileSync, fork } from 'node:child_process';
import { createConnection } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** With `taskset` and two cores: the servers on core 0, this process on core 1. False: the system places them. */
export function pinLoad() {
  if (availableParallelism() < 2) return false;
  try {
    // Of all threads: of a process whose main thread is pinned, the others would still stand in the servers' way.
    execFileSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A server: `script role …args`, which tells its port and headers, and its CPU when asked (`answerCpu`). */
export function startServerProcess(script, args, { isPinned, execPath = process.execPath } = {}) {
  // The affinity is inherited: it is set on the way in, so that no thread of the server ever had another one.
  const child = isPinned
    ? fork(script, args, { stdio: 'inherit', execPath: 'taskset', execArgv: ['-c', '0', execPath] })
    : fork(script, args, { stdio: 'inherit', execPath });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`server ${args[0]} ended with ${code}`)));
    child.once('message', (ready) => resolve({ child, ...ready }));
  });
}

/** In the server's process: answers `cpuOf`. */
export function answerCpu() {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send(user + system);
  });
  process.on('SIGTERM', () => process.exit(0));
}

/** Microseconds of CPU, user and system, as the kernel charged them. */
export function cpuOf(child) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.send('cpu');
  });
}

/** Loads one server for `seconds`, each connection asking again as soon as it is answered. */
export async function burst({ port, child, headers }, { seconds, connections, pathOf }) {
  const before = await cpuOf(child);
  const started = performance.now();
  const until = started + seconds * 1000;
  const awake = stayAwake();
  const counts = await Promise.all(
    Array.from({ length: connections }, async (_, lane) => {
      const connection = await connect(port, headers);
      let done = 0;
      for (; performance.now() < until; done++) await connection.ask(pathOf(lane, done));
      connection.close();
      return done;
    }),
  );
  awake.stop();
  const elapsed = (performance.now() - started) / 1000;
  const requests = counts.reduce((sum, n) => sum + n, 0);
  return { perSecond: requests / elapsed, cpuMicros: ((await cpuOf(child)) - before) / requests };
}

/** Sends `perSecond` requests a second whatever the answers do, over `connections` in turn; milliseconds of each, from when it was due. */
export async function steady({ port, headers }, { seconds, connections, perSecond, pathOf }) {
  const lanes = await Promise.all(
    Array.from({ length: connections }, async () => ({ ...(await connect(port, headers)), last: null })),
  );
  const started = performance.now();
  const asked = [];
  for (let i = 0; i < seconds * perSecond; i++) {
    const due = started + (i * 1000) / perSecond;
    while (performance.now() < due) await sleep(Math.max(0, due - performance.now()));
    const lane = lanes[i % connections];
    // One request at a time on a connection: one that is late makes its next one wait, and that waiting counts.
    lane.last = Promise.resolve(lane.last)
      .then(() => lane.ask(pathOf(i % connections, i)))
      .then(() => performance.now() - due);
    asked.push(lane.last);
  }
  const ms = await Promise.all(asked);
  for (const lane of lanes) lane.close();
  return ms.sort((a, b) => a - b);
}

/**
 * Keeps this process from sleeping: waking a sleeping peer on loopback is up to a third of what an answer costs the server,
 * which no server pays for a caller on another machine.
 */
function stayAwake() {
  let isOn = true;
  const turn = () => isOn && setImmediate(turn);
  turn();
  return { stop: () => (isOn = false) };
}

/** One connection, one request at a time, by hand: a client library would be slower than the server. */
export function connect(port, headers) {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1').setNoDelay(true);
    let pending = Buffer.alloc(0);
    let answered = null;
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const end = pending.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = pending.toString('latin1', 0, end);
      if (!head.startsWith('HTTP/1.1 200')) return answered?.reject(new Error(head));
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (pending.length < end + 4 + length) return;
      pending = Buffer.alloc(0);
      answered.resolve();
    });
    socket.once('connect', () =>
      resolve({
        ask(path, method = 'GET') {
          const length = method === 'GET' ? '' : 'Content-Length: 0\r\n';
          socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}${length}\r\n`, 'latin1');
          return new Promise((ok, fail) => (answered = { resolve: ok, reject: fail }));
        },
        close: () => socket.destroy(),
      }),
    );
  });
}
