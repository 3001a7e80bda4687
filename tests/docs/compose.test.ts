import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

/**
 * What can be said about docker-compose.yml without Docker: keys that the Compose specification knows, references that
 * resolve, and our own rules (pinned tags, health checks, restart policies). Strict objects: a misspelt key fails.
 */
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const healthcheck = z.strictObject({
  test: z.array(z.string()).min(2),
  interval: duration,
  timeout: duration,
  start_period: duration,
  retries: z.number().int().positive(),
});
const service = z.strictObject({
  image: z.string(),
  build: z.literal('.').optional(),
  init: z.boolean().optional(),
  restart: z.string().regex(/^(unless-stopped|on-failure:\d+)$/),
  environment: z.record(z.string(), z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  shm_size: z.string().optional(),
  volumes: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }),
    )
    .optional(),
  healthcheck: healthcheck.optional(),
  stop_grace_period: duration.optional(),
});
const compose = z.strictObject({
  name: z.string(),
  'x-matinee': z.unknown(),
  'x-worker': z.unknown(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

const text = readFileSync('docker-compose.yml', 'utf8');
const read = (source: string) => compose.parse(parse(source, { merge: true }));
const file = read(text);
const services = Object.entries(file.services);
const oneShot = ['temporal-schema', 'temporal-namespace'];

test('the check itself refuses a misspelt key', () => {
  expect(() => read(text.replace('healthcheck:', 'health_check:'))).toThrow('health_check');
});

test('has every part: Temporal with its own Postgres, ours, the API, one worker per role', () => {
  expect(Object.keys(file.services)).toEqual([
    'postgres',
    'temporal-postgres',
    'temporal-schema',
    'temporal',
    'temporal-namespace',
    'temporal-ui',
    'api',
    'worker-control',
    'worker-warehouse',
    'worker-training',
    'worker-scoring',
  ]);
});

describe.each(services)('%s', (name, part) => {
  test('has a pinned image', () => {
    expect(part.image).toMatch(/^[a-z/-]+:\d+\.\d+[\w.-]*$/);
  });

  test('waits only for services that exist, and that can become what it waits for', () => {
    for (const [other, { condition }] of Object.entries(part.depends_on ?? {})) {
      expect(Object.keys(file.services)).toContain(other);
      if (condition === 'service_healthy') expect(file.services[other]?.healthcheck).toBeDefined();
      else expect(oneShot).toContain(other);
    }
  });

  test('mounts only declared volumes', () => {
    for (const mount of part.volumes ?? []) expect(Object.keys(file.volumes)).toContain(mount.split(':')[0]);
  });

  test('publishes ports on loopback only', () => {
    for (const port of part.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('is checked for health and restarted, or ends', () => {
    if (oneShot.includes(name)) expect(part.restart).toMatch(/^on-failure/);
    else expect(part.restart).toBe('unless-stopped');
    if (!oneShot.includes(name) && name !== 'temporal-ui') expect(part.healthcheck).toBeDefined();
  });
});

describe('our own containers', () => {
  const ours = services.filter(([, { image }]) => image.startsWith('matinee:'));
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')));

  test('carry the version of package.json, share one warehouse and reach the servers by name', () => {
    expect(ours).toHaveLength(5);
    for (const [, part] of ours) {
      expect(part.image).toBe(`matinee:${version}`);
      expect(part.volumes).toEqual(['matinee-home:/var/lib/matinee']);
      const { DATABASE_URL, TEMPORAL_ADDRESS, WAREHOUSE_URL } = part.environment ?? {};
      expect(new URL(DATABASE_URL!.replace(/\$\{.*?\}/, 'x')).hostname).toBe('postgres');
      expect(TEMPORAL_ADDRESS).toBe('temporal:7233');
      expect(WAREHOUSE_URL).toMatch(/^file:\/\/\/var\/lib\/matinee\//);
    }
  });

  test('workers have time to end what they do', () => {
    for (const [name, part] of ours)
      if (name.startsWith('worker')) expect(part.stop_grace_period).toBe('45s');
  });

  test('the image is pinned, glibc, built from the lock file, and does not run as root', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual(['node:22.21.1-bookworm-slim', 'node:22.21.1-bookworm-slim']);
    expect(dockerfile).toMatch(/^RUN npm ci$/m);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile.indexOf('USER node')).toBeLessThan(dockerfile.indexOf('ENTRYPOINT'));
  });
});
