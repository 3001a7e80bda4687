import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { z } from 'zod';

/** What of docker-compose.yml a plain process needs. */
const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
    }),
  ),
});

export interface Servers {
  databaseUrl: string;
  temporalAddress: string;
  /** Stands for the volume that all containers mount. */
  home: string;
  configFile: string;
}

export interface Deployment {
  api: string;
  processes: Map<string, ChildProcess>;
  /** Any command in the same surroundings, to its end. */
  run(...args: string[]): Promise<{ code: number | null; out: string; err: string }>;
  /** A service's health check, as Docker would run it in that container. */
  healthcheck(service: string): Promise<{ code: number | null; out: string; err: string }>;
  kill(...services: string[]): Promise<void>;
}

const HOME_IN_CONTAINER = '/var/lib/matinee';

/** Starts our containers' commands (docker-compose.yml; entry point of the Dockerfile) as processes, one per service. */
export async function startDeployment(servers: Servers): Promise<Deployment> {
  const { services } = composeSchema.parse(
    parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }),
  );
  const ours = Object.entries(services).filter(([, { image }]) => image.startsWith('matinee:'));
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1];
  const [program, ...first] = z.array(z.string()).parse(JSON.parse(entrypoint ?? 'null'));
  if (program !== 'node') throw new Error(`the image runs ${program}, expected node`);

  const environment = (name: string): NodeJS.ProcessEnv => {
    const given = Object.entries(services[name]?.environment ?? {}).map(([key, value]): [string, string] => {
      if (key === 'DATABASE_URL') return [key, servers.databaseUrl];
      if (key === 'TEMPORAL_ADDRESS') return [key, servers.temporalAddress];
      return [key, value.replace(HOME_IN_CONTAINER, servers.home)];
    });
    const { PATH, HOME } = process.env;
    // Killed processes leave their scratch files; here they go with the test's folder.
    return {
      PATH,
      HOME,
      TMPDIR: dirname(servers.configFile),
      MATINEE_CONFIG: servers.configFile,
      ...Object.fromEntries(given),
    };
  };
  const start = (name: string, args: string[]) =>
    spawn(process.execPath, args, { env: environment(name), stdio: ['ignore', 'pipe', 'pipe'] });

  const processes = new Map<string, ChildProcess>();
  const kill = async (...names: string[]) => {
    for (const name of names) {
      const child = processes.get(name);
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  };
  let api = '';
  try {
    for (const [name, { command = [] }] of ours) {
      const onThisMachine = command.map((arg) =>
        arg === '0.0.0.0' ? '127.0.0.1' : arg === '8080' ? '0' : arg,
      );
      const child = start(name, [...first, ...onThisMachine]);
      processes.set(name, child);
      if (name === 'api') api = await addressOf(child);
      else child.stdout.resume();
    }
  } catch (error) {
    await kill(...processes.keys());
    throw error;
  }

  return {
    api,
    processes,
    kill,
    run: (...args) => output(start('worker-control', [...first, ...args])),
    healthcheck(name) {
      const [kind, node, ...args] = services[name]?.healthcheck?.test ?? [];
      if (kind !== 'CMD' || node !== 'node') throw new Error(`${name} has no health check by node`);
      return output(
        start(
          name,
          args.map((arg) => arg.replace('http://127.0.0.1:8080', api)),
        ),
      );
    },
  };
}

/** `API http://…` on its first line; fails with what it said when it ends before. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout');
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  for await (const line of createInterface(child.stdout)) {
    const address = /^API (http:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`the API did not start: ${errors}`);
}

async function output(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}
