import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { extractSources } from '../../src/activities/extract.js';
import { type ImportArguments, runImport } from '../../src/cli/import.js';
import { configSchema } from '../../src/contracts/index.js';
import {
  context,
  type ExtractionBench,
  night,
  rawRows,
  startExtractionBench,
} from '../support/extraction.js';
import { json, startFeedServer } from '../support/feed-server.js';

/** What docs/bring-your-own-data.md shows is done as it is written there. */
const text = readFileSync('docs/bring-your-own-data.md', 'utf8');

/** The block of that language and name. */
function block(language: string, name = ''): string {
  const found = new RegExp(`^\`\`\`${language}${name === '' ? '' : ` ${name}`}\\n([^]*?)^\`\`\``, 'm').exec(
    text,
  )?.[1];
  if (found === undefined) throw new Error(`the document has no block ${language} ${name}`);
  return found;
}
function write(...names: string[]): string {
  for (const name of names) {
    const file = join(bench.root(), name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, block('csv', name));
  }
  return bench.root();
}

let bench: ExtractionBench;
beforeAll(async () => {
  bench = await startExtractionBench();
});
afterAll(() => bench.stop());
beforeEach(() => bench.reset({ empty: true }));

test('files of ratings', async () => {
  const [, family] = /npx matinee import (csv) my-folder/.exec(text) ?? [];
  const [report] = await runImport(
    {
      family: family as ImportArguments['family'],
      paths: [write('ratings.csv', 'films.csv')],
      assumeAge: 'adult',
    },
    bench.depsWith(),
  );
  expect(report).toMatchObject({ films: 2, profiles: 2, events: { new: 2 }, quarantined: { total: 0 } });
  expect(
    await bench.query('SELECT title, release_year, runtime_min, certificates FROM films ORDER BY film_id'),
  ).toEqual([
    { title: 'Nosferatu', release_year: 1922, runtime_min: 94, certificates: {} },
    {
      title: 'Metropolis',
      release_year: 1927,
      runtime_min: 153,
      certificates: { BBFC: ['PG'], MPA: ['PG'] },
    },
  ]);
});

test('your Postgres', async () => {
  await bench.query(block('sql'));
  const deps = bench.depsWith();
  const result = await extractSources(deps, night('2026-03-09'), context());
  expect(result).toMatchObject({
    extracted: 1,
    quarantined: { total: 0 },
    films: { rows: 1 },
    viewers: { rows: 2 },
  });
});

test('files every night', async () => {
  await bench.query(block('sql'));
  write('incoming/monday.csv');
  const { sources } = configSchema.parse(parse(block('yaml', 'sources.yaml')));
  const deps = bench.depsWith(sources);
  const result = await extractSources(deps, night('2026-03-09'), context());
  expect(result).toMatchObject({ extracted: 2, quarantined: { total: 0 }, newColumns: [] });
  expect((await rawRows(deps, result.segments)).map(({ source }) => source).sort()).toEqual([
    'my-service',
    'tickets',
  ]);
});

test('a catalogue feed over HTTP', async () => {
  await bench.query(block('sql'));
  const server = await startFeedServer();
  try {
    server.on('/api/films?page=1', json(JSON.parse(block('json', 'page.json'))));
    const { sources } = configSchema.parse(parse(block('yaml', 'feed.yaml')));
    const [feed] = sources;
    if (feed?.kind !== 'catalogue') throw new Error('a catalogue expected');
    // As written, but for the host and the key of an example.
    const { keyEnv: _, ...open } = feed;
    const deps = bench.depsWith([{ ...open, url: server.url('/api/films?page=1') }]);
    const { films, notes } = await extractSources(deps, night('2026-03-09'), context());
    const [film] = await deps.warehouse.session((session) =>
      session.rows('SELECT external_average, external_votes, certificates FROM read_parquet($file)', {
        file: deps.artifacts.path(`${films.uri}/films.parquet`),
      }),
    );
    // BBFC PG (8) is below our MPA PG (10): refused, and said.
    expect(film).toEqual({ external_average: 8.3, external_votes: 190_000, certificates: '{"MPA": ["PG"]}' });
    expect(notes).toEqual([
      expect.stringMatching(/1 certificates .* refused, e\.g\. BBFC PG of film tt0017136/),
      expect.stringMatching(/licence: CC BY-SA 4\.0, films\.example$/),
    ]);
    expect(await deps.artifacts.read(films.uri)).toMatchObject({
      facts: { catalogues: [{ source: 'film-facts', licence: 'CC BY-SA 4.0, films.example', matched: 1 }] },
    });
  } finally {
    await server.close();
  }
});

test('every option of the table about feeds is one', () => {
  const options = Object.keys(configSchema.parse(parse(block('yaml', 'feed.yaml'))).sources[0] ?? {});
  const table = text.slice(text.indexOf('| what it does'));
  const named = [...table.matchAll(/`([a-z]+(?:[A-Z][a-zA-Z]*)?)(?::[^`]*)?`/g)].map(
    ([, name]) => name ?? '',
  );
  const known = [...options, 'weightedRating', 'externalShare'];
  expect(named.length).toBeGreaterThan(15);
  for (const name of named) expect(known).toContain(name);
});
