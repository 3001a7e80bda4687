import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readDemoFilms } from '../../src/cli/load-demo.js';
import { finishedLine } from '../../src/cli/night-view.js';
import { describeResult } from '../../src/cli/result-view.js';
import { whereToGo } from '../../src/cli/where-to-go.js';
import { STAGES } from '../../src/contracts/night.js';
import { demoAudience } from '../../src/simulator/index.js';
import { evaluateNote, trainNote } from '../../src/workflows/notes.js';

/** What the README shows of a first run has the form, and the demo's counts, of what a first run prints. */
const readme = readFileSync('README.md', 'utf8');
const shown = readme.slice(readme.indexOf('The servers, all on this machine'));
const lines = shown.slice(0, shown.indexOf('\n```')).split('\n');
const number = (text: string | undefined) => Number(text?.replaceAll(',', ''));
const found = (pattern: RegExp): RegExpExecArray => {
  const hit = pattern.exec(lines.join('\n'));
  expect(hit, String(pattern)).not.toBeNull();
  return hit!;
};
const [, date = '', releaseId = ''] = found(/^✓ (\S+): release (\S+) \(provisional\) is served$/m);
const today = new Date(Date.parse(date) + 86_400_000);

describe('the first run of the README', () => {
  const stages = lines.flatMap((line) => {
    const [, stage = '', seconds, note = ''] = /^ {2}(\w+) +([\d.]+) s {2}(.*)$/.exec(line) ?? [];
    const known = STAGES.find((name) => name === stage);
    return known === undefined ? [] : [{ line, stage: known, wallMs: Number(seconds) * 1000, note }];
  });
  const noteOf = (stage: string) => stages.find((one) => one.stage === stage)?.note ?? '';

  test('every stage, in order, as the night shows it', () => {
    expect(stages.map(({ stage }) => stage)).toEqual([...STAGES]);
    for (const { line, ...done } of stages) expect(line).toBe(`  ${finishedLine(done)}`);
    expect(lines).toContain(`night ${date}: yesterday, UTC`);
  });

  test('what training and evaluation say', () => {
    const [, epochs, loss] = /^(\d+) epochs .* loss (\d+)$/.exec(noteOf('train')) ?? [];
    const trained = { kind: 'trained', warm: false, epochs: Number(epochs), losses: [Number(loss)] };
    expect(trainNote(trained as unknown as Parameters<typeof trainNote>[0])).toBe(noteOf('train'));
    const scores = [...noteOf('evaluate').matchAll(/ ([\w-]+) (0\.\d+)/g)].map(([, model, ndcg]) => ({
      model,
      at: { 10: { ndcg: Number(ndcg) } },
    }));
    expect(scores.map(({ model }) => model)).toEqual(['blend', 'als', 'popularity', 'weighted-rating']);
    const judged = { verdict: { kind: 'promote' }, report: { scores } };
    expect(evaluateNote(judged as unknown as Parameters<typeof evaluateNote>[0])).toBe(noteOf('evaluate'));
  });

  test('films and viewers of the demo, and nobody is lost on the way', async () => {
    const films = await readDemoFilms('.', today);
    const [, demoFilms, demoViewers, events] = found(
      /(\d+) classic films .* ([\d,]+) viewers with ([\d,]+) events/,
    );
    expect(number(demoFilms)).toBe(films.length);
    const { viewers } = demoAudience(films, today, { minAge: () => 0, maxAge: () => 99 });
    expect(number(demoViewers)).toBe(viewers);
    const everybody = viewers + 1; // and somebody new
    expect(noteOf('extract')).toBe(`${number(events)} new rows, 0 quarantined`);
    expect(noteOf('stage')).toMatch(new RegExp(`^${number(events)} events in 60 days, 60 rewritten$`));
    expect(noteOf('features')).toMatch(new RegExp(`^\\d+ viewer-film pairs, ${everybody} viewers$`));
    expect(noteOf('score')).toBe(`lists for ${everybody} viewers`);
    const [, personal, formula, none] = found(
      /([\d,]+) personal lists, ([\d,]+) by the formula, ([\d,]+) with/,
    );
    expect(number(personal) + number(formula) + number(none)).toBe(everybody);
  });

  test('the end: what is served, why, and where to go', async () => {
    const [, personal, formula, none] = found(
      /([\d,]+) personal lists, ([\d,]+) by the formula, ([\d,]+) with/,
    );
    const reasons = lines.flatMap((line) => /^ {2}promote: (.*)$/.exec(line)?.[1] ?? []);
    const counts = { personal: number(personal), formula: number(formula), none: number(none) };
    const verdict = { kind: 'promote', reasons };
    const released = { kind: 'released', date, releaseId, provisional: true, channel: 'flipped', counts, verdict, notes: [] }; // prettier-ignore
    const result = describeResult(released as unknown as Parameters<typeof describeResult>[0]);
    const [, file = ''] = found(/\(kept in (\S+)\)/);
    const key = { text: 'mk_…', file, isGood: true };
    const answers = (() => Promise.resolve(new Response())) as typeof fetch;
    const about = { key, isDemo: true, hasNewcomer: true, now: today };
    const where = await whereToGo('http://127.0.0.1:8080', about, answers);
    const printed = stripVTControlCharacters(result + where);
    expect(printed.startsWith(lines.slice(lines.indexOf(printed.split('\n')[0]!)).join('\n'))).toBe(true);
  });
});
