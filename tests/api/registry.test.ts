import express from 'express';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sharedOf } from '../../src/api/app.js';
import { createGuard } from '../../src/api/auth/guard.js';
import { mount } from '../../src/api/mount.js';
import { limitField, parseParams, queryParser, userParams } from '../../src/api/query.js';
import { defineRoute, type Route } from '../../src/api/routes/registry.js';
import { apiRoutes } from '../../src/api/routes/index.js';
import { config, world } from './world.js';

const noLimits = { count() {}, countAddress() {} };
const routes: readonly Route[] = apiRoutes(sharedOf(world().deps));

describe('the registry', () => {
  it('names every operation once', () => {
    const ids = routes.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s: every :name of the path is a field of params',
    (_, { path, params }) => {
      const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name).sort();
      const fields = params instanceof z.ZodObject ? Object.keys(params.shape).sort() : [];
      expect(fields).toEqual(names);
    },
  );

  it('every route under /v1 asks for something, and nothing else does', () => {
    for (const { path, access } of routes) expect(access !== 'public', path).toBe(path.startsWith('/v1/'));
  });

  it('the same method and path twice is a mistake of ours', () => {
    const twice = defineRoute({
      method: 'GET',
      path: '/x',
      operationId: 'getX',
      summary: '',
      tag: 'films',
      access: 'public',
      responses: {},
      handle() {},
    });
    expect(() => mount(express(), [twice, twice], createGuard('open', noLimits), config.api)).toThrow(
      'GET /x is defined twice',
    );
  });
});

describe('a query', () => {
  const parse = queryParser(z.object({ limit: limitField({ default: 5, max: 50 }) }));

  it('is parsed by its schema', () => {
    expect(parse('/p')).toEqual({ limit: 5 });
    expect(parse('/p?')).toEqual({ limit: 5 });
    expect(parse('/p?limit=50')).toEqual({ limit: 50 });
  });

  it.each([
    ['limit=51', 'limit: must be one whole number from 1 to 50; got "51"'],
    ['limit=0x5', 'limit: must be one whole number from 1 to 50; got "0x5"'],
    ['limit=', 'limit: must be one whole number from 1 to 50; got ""'],
    ['limit=1&limit=2', 'limit: must be given once'],
    ['limit=5&lmit=6', 'lmit: is not known here; known: limit'],
    ['__proto__=1', '__proto__: is not known here; known: limit'],
    [`limit=${'9'.repeat(50)}`, `limit: must be one whole number from 1 to 50; got "${'9'.repeat(40)}…"`],
  ])('%s is refused', (query, message) => {
    expect(() => parse(`/p?${query}`)).toThrow(message);
  });

  it('a required field that is absent is refused by name', () => {
    expect(() => queryParser(z.object({ q: z.string() }))('/p')).toThrow(/^q: /);
  });
});

it('a profile id is 1 to 128 characters without NUL', () => {
  expect(parseParams(userParams, { id: 'x'.repeat(128) })).toEqual({ id: 'x'.repeat(128) });
  for (const id of ['', 'x'.repeat(129), 'a\0', undefined])
    expect(() => parseParams(userParams, { id })).toThrow('id: must be a profile id of 1 to 128 characters');
});
