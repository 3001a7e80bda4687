import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SEARCH_ATTRIBUTES as REGISTERED } from '../../src/adapters/temporal/namespace.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { configSchema } from '../../src/contracts/config.js';
import { FAILURES } from '../../src/contracts/failures.js';
import { STAGES } from '../../src/contracts/night.js';
import { PERMANENT } from '../../src/workflows/activity-groups.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes.js';

/** What the documents say and what the code has are the same, both ways. */
const read = (path: string) => readFileSync(path, 'utf8');
const DOCS = [
  'README.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];
const text = DOCS.map(read).join('\n');
const [readme, runbook, measurements] = [
  read('README.md'),
  read('docs/runbook.md'),
  read('docs/measurements.md'),
];
const matches = (source: string, pattern: RegExp) =>
  [...new Set([...source.matchAll(pattern)].map(([, first]) => first ?? ''))].sort();
/** Rows of the runbook's tables, by what their first cell names. */
const explained = matches(runbook, /^\| `(\w+)` +\|/gm);

describe('environment', () => {
  const variables = matches(read('src/config.ts'), /env\['(\w+)'\]/g);

  test('is read by src/config.ts alone', () => {
    const readers = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter(
        (path) =>
          path.endsWith('.ts') &&
          /process\.env(?!\s*,)\W/.test(read(join('src', path)).replaceAll('...process.env', '')),
      )
      .sort();
    expect(readers).toEqual(['config.ts']);
  });

  test.each(variables.filter((name) => name !== 'HOME'))('%s is explained in the runbook', (name) => {
    expect(variables.length).toBeGreaterThan(5);
    expect(explained).toContain(name);
  });

  test('what the documents call a setting is one', () => {
    for (const name of matches(text, /`((?:MATINEE|TEMPORAL|DATABASE|WAREHOUSE)_[A-Z_]+)`/g)) {
      expect([...variables, 'MATINEE_TEST_DATA']).toContain(name);
    }
  });

  test('what they call config has such a section', () => {
    const sections = matches(text, /config `(\w+)`/g);
    expect(sections.length).toBeGreaterThan(1);
    for (const section of sections) expect(Object.keys(configSchema.shape)).toContain(section);
  });
});

describe('nights', () => {
  test('permanent failures are one list: the contract’s, the workflows’ and the runbook’s', () => {
    expect(PERMANENT).toEqual(FAILURES);
    expect(explained).toEqual(expect.arrayContaining([...FAILURES]));
    const named = matches(runbook, /^\| `([A-Z][a-z]+[A-Z]\w+)` +\|/gm);
    expect(named).toEqual([...FAILURES].sort());
  });

  test('search attributes are one list: what nights set, what is registered, what the runbook names', () => {
    const set = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
    expect(set).toEqual([...REGISTERED]);
    expect(matches(runbook, /`?(Matinee[A-Z][a-z]+)[`=]/g)).toEqual([...set].sort());
  });

  test('the README has every stage, in order', () => {
    const rows = [...readme.matchAll(/^\| (\w+) +\| `warehouse\//gm)].map(([, stage]) => stage);
    expect(rows).toEqual([...STAGES]);
  });
});

describe('commands', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')));
  const known = COMMANDS.map(({ name }) => name);

  test('every npm script that is named exists', () => {
    const named = [...matches(text, /npm run ([\w:]+)/g), ...matches(text, /npm (start|test)\b/g)];
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'build']));
    for (const script of named) expect(Object.keys(scripts)).toContain(script);
  });

  test.each(known)('matinee %s is in the README or the runbook', (command) => {
    expect(known.length).toBeGreaterThan(12);
    const said = new RegExp(`matinee (?:[a-z]+ \\| )*${command}\\b`);
    expect(readme + runbook).toMatch(said);
  });

  test('every command that they show exists', () => {
    const shown = matches(text, /(?:npx |`)matinee ([a-z]+)\b/g);
    expect(shown.length).toBeGreaterThan(5);
    for (const command of shown) expect(known).toContain(command);
  });

  test('every measuring script is explained, and every explained one exists', () => {
    const scriptsOf = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.js'));
    const shared = scriptsOf('bench').flatMap((name) =>
      matches(read(join('bench', name)), /from '\.\/([\w-]+\.js)'/g),
    );
    const commands = scriptsOf('bench').filter((name) => !shared.includes(name));
    expect(commands.length).toBeGreaterThan(3);
    for (const name of commands) expect(readme + measurements).toContain(`node bench/${name}`);
    for (const path of matches(text, /node ((?:bench|scripts)\/[\w-]+\.js)/g))
      expect(existsSync(path), path).toBe(true);
  });
});

test.each(DOCS)('every link of %s leads somewhere', (document) => {
  for (const target of matches(read(document), /\]\((?!https?:|#)([^)#]+)/g)) {
    expect(existsSync(join(dirname(document), target)), target).toBe(true);
  }
});

test('every route that the README shows exists', () => {
  const files = readdirSync('src/api', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const routes = files.flatMap((path) => matches(read(join('src/api', path)), /path: '(\/[\w/:.-]*)'/g));
  const shown = matches(readme, /(\/v1\/[\w/:]+|\/healthz|\/readyz|\/metrics)/g);
  expect(shown).toEqual(expect.arrayContaining(['/v1/users/:id/recommendations', '/v1/events', '/healthz']));
  const patterns = routes.map((route) => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`));
  for (const route of shown)
    expect(
      patterns.some((pattern) => pattern.test(route)),
      route,
    ).toBe(true);
});
