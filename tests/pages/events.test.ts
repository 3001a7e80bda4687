import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** shop/events.js, which is of the browser and has no types here. */
interface Events {
  record(type: string, fields: object): void;
  flush(): Promise<void>;
  fate(): { waiting: number; refused: number; isSignedOut: boolean };
}

const asked: string[] = [];
let answers: [status: number, rejected: number][] = [];
let events: Events;

beforeEach(async () => {
  vi.resetModules();
  vi.useFakeTimers({ now: 0 });
  const kept = new Map<string, string>();
  asked.length = 0;
  vi.stubGlobal('document', { body: { dataset: { viewer: 'ada', surface: 'player' } } });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('navigator', { language: 'en' });
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const [status, rejected] = path === '/session' ? [200, 0] : (answers.shift() ?? [500, 0]);
    return Response.json({ rejected: Array(rejected).fill({}) }, { status });
  });
  const path = '../../shop/events.js';
  events = (await import(path)) as Events;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test.each([
  [202, 0, { waiting: 0, refused: 0, isSignedOut: false }],
  [202, 1, { waiting: 0, refused: 1, isSignedOut: false }],
  [400, 0, { waiting: 0, refused: 2, isSignedOut: false }],
  [401, 0, { waiting: 2, refused: 0, isSignedOut: true }],
  [403, 0, { waiting: 2, refused: 0, isSignedOut: true }],
  [408, 0, { waiting: 2, refused: 0, isSignedOut: false }],
  [429, 0, { waiting: 2, refused: 0, isSignedOut: false }],
  [503, 0, { waiting: 2, refused: 0, isSignedOut: false }],
])('answered %i with %i rejected, two events are %o', async (status, rejected, fate) => {
  answers = [[status, rejected]];
  events.record('play_start', {});
  events.record('play_end', {});
  await events.flush();
  expect(events.fate()).toEqual(fate);
});

test('what waited for a sign-in is sent after it', async () => {
  answers = [
    [401, 0],
    [202, 0],
  ];
  events.record('play_start', {});
  await events.flush();
  await events.flush();
  expect(events.fate()).toEqual({ waiting: 0, refused: 0, isSignedOut: false });
});

test('while events go out, the sign-in is renewed every two minutes', async () => {
  for (const minute of [1, 2, 3, 4]) {
    vi.setSystemTime(minute * 60_000);
    answers = [[202, 0]];
    events.record('play_heartbeat', {});
    await events.flush();
  }
  expect(asked.filter((path) => path === '/session')).toHaveLength(2);
});
