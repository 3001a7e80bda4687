import { expect, it } from 'vitest';
import { z } from 'zod';
import { faultsOf, parsePlainly } from '../../src/api/plain-words.js';

const schema = z.strictObject({
  text: z.string().min(1).max(3).optional(),
  whole: z.number().int().min(1).max(10).optional(),
  half: z.number().gt(0).optional(),
  kind: z.enum(['a', 'b']).optional(),
  only: z.literal('x').optional(),
  id: z.uuid().optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  list: z.array(z.string()).min(1).optional(),
  own: z.string().max(2, 'must be short').optional(),
});
const said = (value: unknown, of: z.ZodType = schema) => {
  const { error } = parsePlainly(of, value);
  return error === undefined
    ? []
    : faultsOf(error, 'body').map(({ field, message }) => `${field}: ${message}`);
};

it.each([
  [{ text: 7 }, 'text: must be text; got 7'],
  [{ text: '' }, 'text: must be text of at least 1 character; got ""'],
  [{ text: 'long' }, 'text: must be text of at most 3 characters; got "long"'],
  [{ whole: '5' }, 'whole: must be a number; got "5"'],
  [{ whole: 1.5 }, 'whole: must be a whole number; got 1.5'],
  [{ whole: 11 }, 'whole: must be at most 10; got 11'],
  [{ half: 0 }, 'half: must be at least 0, exclusive; got 0'],
  [{ kind: 'c' }, 'kind: must be one of a, b; got "c"'],
  [{ only: null }, 'only: must be "x"; got null'],
  [{ id: 'q' }, 'id: must be a UUID, such as 7f6c1f0e-9a51-4c5f-8a54-0f3f0e6a2b11; got "q"'],
  [
    { at: 'now' },
    'at: must be a date and time with its offset, such as 2026-01-31T20:15:00+01:00; got "now"',
  ],
  [{ list: [] }, 'list: must be a list of at least 1; got a list of 0'],
  [{ list: [1] }, 'list.0: must be text; got 1'],
  [{ list: {} }, 'list: must be a list; got an object'],
  [{ own: 'abc' }, 'own: must be short'],
  [{ [`x${'y'.repeat(60)}`]: 1 }, `x${'y'.repeat(39)}…: is not known here`],
  ['no', 'body: must be an object; got "no"'],
])('%j', (value, message) => expect(said(value)).toEqual([message]));

it('what is absent is called missing', () => {
  expect(said({}, z.object({ a: z.string(), b: z.enum(['x', 'y']) }))).toEqual([
    'a: is missing: text',
    'b: is missing: one of x, y',
  ]);
});
