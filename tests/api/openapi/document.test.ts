import { createConfig, lintFromString } from '@redocly/openapi-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedOf } from '../../../src/api/app.js';
import { describeApi } from '../../../src/api/openapi/document.js';
import type { OpenApiDocument } from '../../../src/api/openapi/types.js';
import { apiRoutes } from '../../../src/api/routes/index.js';
import { VERSION } from '../../../src/api/version.js';
import { client, world } from '../world.js';
import { contractOf } from './contract.js';

const routes = apiRoutes(sharedOf(world().deps));
let document: OpenApiDocument;
beforeAll(async () => {
  document = JSON.parse((await (await client(world().deps))('/openapi.json')).body) as OpenApiDocument;
});

async function lint(source: unknown): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: { 'operation-4xx-response': 'off' }, // a health check refuses nothing
  });
  const problems = await lintFromString({
    source: JSON.stringify(source),
    absoluteRef: 'openapi.json',
    config,
  });
  return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

describe('the document', () => {
  it('is what the routes say, in this version', () => {
    expect(document).toEqual(describeApi(routes, VERSION));
    expect(document.openapi).toBe('3.1.0');
  });

  it('has every route, and nothing else', () => {
    const told = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const mounted = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(told.sort()).toEqual(mounted.sort());
  });

  it('passes the linter', { timeout: 60_000 }, async () => {
    expect(await lint(document)).toEqual([]);
  });

  it.each<[string, (broken: OpenApiDocument) => void, string]>([
    [
      'a reference that leads nowhere',
      (d) => delete d.components.schemas['Recommendations'],
      'no-unresolved-refs',
    ],
    [
      'a scheme that is not defined',
      (d) => delete d.components.securitySchemes['apiKey'],
      'security-defined',
    ],
    [
      'two operations of one name',
      (d) => {
        for (const item of Object.values(d.paths))
          for (const one of Object.values(item)) one.operationId = 'same';
      },
      'operation-operationId-unique',
    ],
    [
      'a parameter of the path that is not told',
      (d) => {
        const [item] = Object.values(d.paths).filter(({ get }) =>
          get?.parameters?.some(({ in: at }) => at === 'path'),
        );
        if (item?.get !== undefined) item.get.parameters = [];
      },
      'path-parameters-defined',
    ],
  ])('with %s it does not pass', { timeout: 60_000 }, async (_, breakIt, rule) => {
    const broken = structuredClone(document);
    breakIt(broken);
    expect((await lint(broken)).some((problem) => problem.startsWith(rule))).toBe(true);
  });

  it('has an example of every body, and each is a good one', () => {
    const { operations, faults } = contractOf(document);
    for (const { operation } of operations) {
      const bodies = [
        operation.requestBody?.content,
        ...Object.values(operation.responses).map((response) =>
          'content' in response ? response.content : undefined,
        ),
      ];
      for (const content of bodies) {
        for (const [type, { schema, example }] of Object.entries(content ?? {})) {
          if (!type.includes('json')) continue;
          const where = `${operation.operationId}: give its schema .meta({ examples }) (src/api/openapi/named.ts)`;
          expect(example, where).toBeDefined();
          expect(faults(schema, example), where).toEqual([]);
        }
      }
    }
  });

  it('says whom each route lets in', () => {
    const { operations } = contractOf(document);
    for (const { path, operation } of operations) {
      expect(operation.security.length > 0, path).toBe(path.startsWith('/v1/'));
    }
    expect(document.paths['/v1/users/{id}/recommendations']?.['get']?.security).toEqual([
      { apiKey: ['storefront'] },
      { viewerToken: [] },
      { viewerCookie: [] },
    ]);
  });

  it('tells fields of a query as they are parsed', () => {
    const parameters = document.paths['/v1/users/{id}/recommendations']?.['get']?.parameters;
    expect(parameters?.map(({ name, required, schema }) => [name, required, schema])).toEqual([
      ['id', true, { type: 'string', minLength: 1, maxLength: 128 }],
      ['limit', false, { type: 'integer', minimum: 1, maximum: 50, default: 5 }],
    ]);
  });
});

describe('over HTTP', () => {
  it('is open to everybody and cached by its content', async () => {
    const get = await client(world().deps);
    const reply = await get('/openapi.json', { headers: { Authorization: '' } });
    expect(reply.status).toBe(200);
    const { etag = '' } = reply.headers;
    expect((await get('/openapi.json', { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });
});
