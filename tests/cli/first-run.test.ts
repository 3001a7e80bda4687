import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { showParts } from '../../src/cli/parts-view.js';
import { whereToGo } from '../../src/cli/where-to-go.js';

const parts = [
  { name: 'Postgres', why: 'holds films' },
  { name: 'API', why: 'serves lists' },
];
const sink = (isTTY: boolean) => {
  const said: string[] = [];
  return { isTTY, write: (text: string) => said.push(text), said };
};

describe('parts', () => {
  test('in a pipe: one line each, when it is there, in the order in which they come', async () => {
    const out = sink(false);
    const answer = await showParts(
      parts,
      async (board) => {
        board.doing('Postgres', 'waking up');
        board.note('fetching something');
        board.ready('API', 'http://127.0.0.1:1');
        board.ready('Postgres', 'embedded');
        return 7;
      },
      out,
    );
    expect(answer).toBe(7);
    expect(out.said.map((text) => text.replace(/[\d.]+ s/, '0.0 s'))).toEqual([
      '  fetching something\n',
      expect.stringMatching(/^ {2}API +0\.0 s {2}http:\/\/127\.0\.0\.1:1\n$/),
      expect.stringMatching(/^ {2}Postgres +0\.0 s {2}embedded\n$/),
    ]);
  });

  test('on a terminal: all at once with what they are for; those that were not there are said to be stopped', async () => {
    const screen = new PassThrough();
    let shown = '';
    screen.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => screen.write(text));
    const out = sink(true);
    try {
      await expect(
        showParts(
          parts,
          async (board) => {
            await sleep(20);
            board.ready('API', 'http://127.0.0.1:1');
            board.note('a note');
            await sleep(20);
            throw new Error('no Postgres');
          },
          out,
        ),
      ).rejects.toThrow('no Postgres');
    } finally {
      write.mockRestore();
    }
    expect(shown).toContain('holds films');
    expect(shown).toMatch(/API +[\d.]+ s {2}http:\/\/127\.0\.0\.1:1/);
    expect(shown).toMatch(/Postgres.*stopped/);
    expect(out.said.join('')).toContain('a note');
  });
});

describe('where to go', () => {
  const NOW = new Date('2026-02-28T23:59:00Z');
  const key = { text: 'mk_x', file: '/home/secrets/demo-key', isGood: true };
  const api = (...paths: string[]) =>
    (async (url: string) =>
      new Response('', { status: paths.includes(new URL(url).pathname) ? 200 : 404 })) as typeof fetch;

  test('names what the API has, and nothing that it has not', async () => {
    const all = await whereToGo(
      'http://127.0.0.1:8080',
      { key, isDemo: true, hasNewcomer: true, now: NOW },
      api('/', '/docs'),
    );
    expect(all).toMatch(/Shop +http:\/\/127\.0\.0\.1:8080\/ /);
    expect(all).toContain('sign in as ada (film noir), mia, who is seven, or nell, who is new');
    const older = { key, isDemo: true, hasNewcomer: false, now: NOW };
    const without = await whereToGo('http://127.0.0.1:8080', older, api('/', '/docs'));
    expect(without).toContain('sign in as ada (film noir) or mia, who is seven');
    expect(without).not.toContain('nell');
    expect(all).toMatch(/Docs +http:\/\/127\.0\.0\.1:8080\/docs /);
    expect(all).toMatch(/Try next +npx matinee recommend ada/);
    expect(all).toContain('after some clicks in the shop: npx matinee nightly --date 2026-02-28 --wait');
    const none = await whereToGo(
      'http://127.0.0.1:8080',
      { key, isDemo: false, hasNewcomer: false, now: NOW },
      api(),
    );
    expect(none).not.toContain('Shop');
    expect(none).toMatch(/npx matinee recommend <viewer>/);
    expect(none).not.toContain('ada');
    expect(none).toMatch(/Docs +README\.md/);
  });

  test('a probe that fails, and a demo key that was revoked', async () => {
    const down = (() => Promise.reject(new Error('refused'))) as typeof fetch;
    const text = await whereToGo(
      'http://127.0.0.1:1',
      { key: { ...key, isGood: false }, isDemo: true, hasNewcomer: true, now: NOW },
      down,
    );
    expect(text).toMatch(/was revoked; make one: npx matinee keys create/);
    expect(text).not.toContain('mk_x');
  });
});
