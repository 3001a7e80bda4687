import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createViewerTokens } from '../../../src/api/auth/viewer-tokens.js';
import { NOW } from '../world.js';

const key = Buffer.alloc(32, 9);
const anna = { profileId: 'anna', accountId: 'a1' };

function fixture() {
  const time = { now: NOW.getTime() };
  const clock = { now: () => new Date(time.now) };
  return { time, clock, tokens: createViewerTokens({ key, clock, minutes: 30 }) };
}
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A JWT by hand. */
const signed = (header: object, claims: object, secret: Uint8Array = key) => {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const exp = NOW.getTime() / 1000 + 60;
const good = { account: 'a1', iss: 'matinee', aud: 'matinee', sub: 'anna', iat: exp - 60, exp };

it('a token speaks for its viewer for its minutes, and no longer', async () => {
  const { time, tokens } = fixture();
  const { token, expiresAt } = await tokens.issue(anna);
  expect(expiresAt).toEqual(new Date('2026-06-01T12:30:00.000Z'));
  expect(tokens.recall(token)).toBeUndefined();
  const viewer = { kind: 'viewer', ...anna, expiresAt: expiresAt.getTime() };
  expect(await tokens.verify(token)).toEqual(viewer);
  time.now = expiresAt.getTime() - 1;
  expect(tokens.recall(token)).toEqual(viewer);
  time.now = expiresAt.getTime();
  expect(tokens.recall(token)).toBeNull();
  expect(await tokens.verify(token)).toBeNull();
});

it('one signed by hand is read as RFC 7519 says; every lie in it is found', async () => {
  const { tokens } = fixture();
  const alg = { alg: 'HS256' };
  expect(await tokens.verify(signed(alg, good))).toMatchObject({ profileId: 'anna', accountId: 'a1' });
  const none = `${part({ alg: 'none' })}.${part(good)}.`;
  const lies = [
    none,
    signed({ alg: 'none' }, good),
    signed({ alg: 'HS512' }, good),
    signed({ alg: 'RS256' }, good),
    signed(alg, good, Buffer.alloc(32, 8)),
    signed(alg, { ...good, exp: exp - 60 }),
    signed(alg, { ...good, exp: undefined }),
    signed(alg, { ...good, sub: undefined }),
    signed(alg, { ...good, sub: '' }),
    signed(alg, { ...good, sub: 5 }),
    signed(alg, { ...good, iss: 'other' }),
    signed(alg, { ...good, aud: 'other' }),
    signed(alg, { ...good, account: 5 }),
    signed(alg, { ...good, sub: 'x'.repeat(3000) }),
    signed({ ...alg, crit: ['x'], x: 1 }, good),
  ];
  for (const lie of lies) expect(await tokens.verify(lie), lie).toBeNull();
});

it('property: a token that was changed anywhere opens nothing', async () => {
  const { tokens } = fixture();
  const { token } = await tokens.issue(anna);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(token.length - 1),
      fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.', '!'),
      async (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        const viewer = await tokens.verify(changed);
        // The last character of a base64url text of 32 bytes has two bits that say nothing.
        if (viewer !== null && changed !== token) expect(at).toBe(token.length - 1);
      },
    ),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 300 }), async (text) => {
      expect(await tokens.verify(text)).toBeNull();
    }),
  );
});

it('an account that could not be looked up is none', async () => {
  const { tokens } = fixture();
  const { token } = await tokens.issue({ profileId: 'ü "x"\n', accountId: null });
  expect(await tokens.verify(token)).toMatchObject({ profileId: 'ü "x"\n', accountId: null });
});
