import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { eventsDocument } from '../../src/api/docs/events-document.js';
import { EVENT_TYPES, eventBatchSchema, eventSchema } from '../../src/contracts/events.js';

const file = 'docs/events.md';
const written = readFileSync(file, 'utf8');

test('docs/events.md is what the schema says now: after a change run node scripts/events-doc.js', async () => {
  expect(await format(eventsDocument(), { ...(await resolveConfig(file)), filepath: file })).toBe(written);
});

test('every field and every type is explained, and the example is a good event', () => {
  for (const name of [...Object.keys(eventSchema.shape), ...EVENT_TYPES])
    expect(written).toContain(`| \`${name}\``);
  const body: unknown = JSON.parse(/-d '(.*)'$/m.exec(written)?.[1] ?? '');
  expect(eventBatchSchema.parse(body).events.map((event) => eventSchema.safeParse(event).success)).toEqual([
    true,
  ]);
});
