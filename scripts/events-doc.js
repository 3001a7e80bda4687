// Writes docs/events.md from the schema of events: run it after `npm run build` whenever that changes; a test compares.
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { eventsDocument } from '../dist/api/docs/events-document.js';

const file = 'docs/events.md';
writeFileSync(file, await format(eventsDocument(), { ...(await resolveConfig(file)), filepath: file }));
