import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { docsPage } from '../../src/api/docs/docs-page.js';
import { describeApi } from '../../src/api/openapi/document.js';
import { sharedOf } from '../../src/api/app.js';
import { apiRoutes } from '../../src/api/routes/index.js';
import { client, problemOf, world } from './world.js';

const routes = apiRoutes(sharedOf(world().deps));

it('shows every operation, every schema and every problem, each under an address of its own', async () => {
  const { status, headers, body } = await (
    await client(world().deps)
  )('/docs', { headers: { Authorization: '' } });
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  const document = describeApi(routes, '1.2.3');
  for (const { operationId } of routes) expect(body).toContain(`id="${operationId}"`);
  for (const name of Object.keys(document.components.schemas)) expect(body).toContain(`id="schema-${name}"`);
  const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of body.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
});

it('loads nothing, runs nothing, and its style is the one that its policy lets through', async () => {
  const { headers, body } = await (await client(world().deps))('/docs');
  expect(body).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|style="|\bon\w+="/i);
  const style = body.slice(body.indexOf('<style>') + 7, body.indexOf('</style>'));
  const hash = createHash('sha256').update(style).digest('base64');
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(body).toContain('prefers-color-scheme: dark');
});

it('is cached by its content, also for HEAD, and takes no other method', async () => {
  const ask = await client(world().deps);
  const { headers, body } = await ask('/docs');
  const fresh = await ask('/docs', { headers: { 'If-None-Match': headers.etag ?? '' } });
  expect([fresh.status, fresh.body]).toEqual([304, '']);
  const head = await ask('/docs', { method: 'HEAD' });
  expect(head.headers['content-length']).toBe(String(Buffer.byteLength(body)));
  problemOf(await ask('/docs', { method: 'POST' }), 405);
});

it('a Host that is no name is not repeated', async () => {
  const { body } = await (await client(world().deps))('/docs', { headers: { Host: "x'$(id)" } });
  expect(body).toContain('curl &#39;http://localhost/healthz&#39;');
  expect(body).not.toContain('$(id)');
});

it('what is in the document cannot become markup', () => {
  const document = describeApi(routes, '<b>&"');
  document.info.summary = '<script>alert(1)</script>';
  const page = docsPage(document, 'http://localhost');
  expect(page).not.toContain('<script>');
  expect(page).toContain('&lt;b&gt;&amp;&quot;');
});
