import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Children, type ChildSpec, startChild, startChildren } from '../../src/embedded/children.js';
import { type Home, openHome } from '../../src/embedded/home.js';
import { isAlive } from '../../src/embedded/processes.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
let home: Home;
beforeAll(async () => {
  home = await openHome(join(folder, 'home'));
});

/** A child that says it is ready, and notes a request to stop. */
const WORKER = `
  process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(0); });
  process.once('disconnect', () => process.exit(0));
  setInterval(() => {}, 1000);
  console.log('working with', process.argv[2], process.env.SETTING);
  process.send({ kind: 'ready', address: 'http://127.0.0.1:1' });`;

let scripts = 0;
function child(name: string, source: string): ChildSpec {
  const script = join(folder, `script-${scripts++}.cjs`);
  writeFileSync(script, source);
  return { name, script, args: ['argument'], env: { SETTING: 'set' }, cwd: folder };
}
const logOf = (name: string) => readFileSync(join(home.logs, `${name}.log`), 'utf8');
const quick = { firstMs: 10, maxMs: 50, calmMs: 60_000 };

/** Resolves at the report that contains `text`; collects all. */
function listener() {
  const said: string[] = [];
  const waiting: { text: string; resolve: () => void }[] = [];
  return {
    said,
    report: (line: string) => {
      said.push(line);
      for (const { text, resolve } of waiting) if (line.includes(text)) resolve();
    },
    hears: (text: string) => new Promise<void>((resolve) => waiting.push({ text, resolve })),
  };
}

describe('one child', () => {
  test('is ready with its address, gets its arguments and environment, and stops once', async () => {
    const said = listener();
    const worker = await startChild(child('steady', WORKER), { home, report: said.report });
    expect(worker.address).toBe('http://127.0.0.1:1');
    expect(isAlive(worker.process)).toBe(true);
    await Promise.all([worker.stop(), worker.stop()]);
    expect(isAlive(worker.process)).toBe(false);
    expect(logOf('steady')).toBe('working with argument set\nasked to stop\n');
    expect(said.said).toEqual([]); // an end that was asked for is no news
  });

  test('comes back after kill -9, with its log appended', async () => {
    const said = listener();
    const restarts: number[] = [];
    const options = { home, report: said.report, backOff: quick, onRestart: () => void restarts.push(1) };
    const worker = await startChild(child('killed', WORKER), options);
    const first = worker.process;
    const back = said.hears('killed is back');
    process.kill(first.pid, 'SIGKILL');
    await back;
    expect(worker.process).not.toEqual(first);
    expect(worker.restarts).toBe(1);
    expect(restarts).toHaveLength(1);
    expect(said.said[0]).toBe('killed ended (signal SIGKILL); starting it again');
    await worker.stop();
    expect(logOf('killed').match(/working with/g)).toHaveLength(2);
  });

  test('that dies at its start is an error with the end of its log, and is not tried again', async () => {
    const broken = child('broken', "console.error('no such queue: pipelin'); process.exit(3);");
    await expect(startChild(broken, { home, report: () => undefined })).rejects.toThrow(
      /broken ended before it was ready \(exit code 3\); its log is .*broken\.log, which ends with:\n {2}no such queue: pipelin/,
    );
    expect(logOf('broken').match(/pipelin/g)).toHaveLength(1);
  });

  test('that says itself what is wrong is quoted, and not what an earlier life said', async () => {
    const source = (words: string) =>
      `console.log('{}'); console.error(${JSON.stringify(words)}); process.exit(1);`;
    const start = (words: string) =>
      startChild(child('talker', source(words)), { home, report: () => undefined });
    await expect(start('matinee: Port 1 is taken.')).rejects.toThrow(
      /^Port 1 is taken\. \(the log is .*talker\.log\)$/,
    );
    await expect(start('out of luck')).rejects.toThrow(/^talker ended before it was ready \(exit code 1\)/);
  });

  test('that never says it is ready is ended', async () => {
    const silent = {
      ...child('silent', 'setInterval(() => {}, 1000); console.log(process.pid);'),
      readyTimeoutMs: 400,
    };
    await expect(startChild(silent, { home, report: () => undefined })).rejects.toThrow(
      'silent was not ready after 0.4 s',
    );
    expect(() => process.kill(Number(logOf('silent')), 0)).toThrow('ESRCH');
  });

  test('that keeps failing to come back is tried with growing pauses until it does, and a stop ends that', async () => {
    const said = listener();
    const flag = join(folder, 'broken-flag');
    const source = `if (require('fs').existsSync(${JSON.stringify(flag)})) process.exit(9); ${WORKER}`;
    const worker = await startChild(child('flaky', source), { home, report: said.report, backOff: quick });
    writeFileSync(flag, '');
    const failed = said.hears('did not come back');
    process.kill(worker.process.pid, 'SIGKILL');
    await failed;
    await worker.stop();
    const before = said.said.length;
    expect(said.said.join('\n')).toContain('flaky ended before it was ready (exit code 9)');
    await new Promise((resolve) => setTimeout(resolve, 150)); // three times the longest pause
    expect(said.said).toHaveLength(before);
  });
});

describe('several', () => {
  test('start and stop together', async () => {
    const specs = ['one', 'two', 'three'].map((name) => child(name, WORKER));
    const children: Children = await startChildren(specs, { home, report: () => undefined });
    expect(children.processes.map(({ name }) => name)).toEqual(['one', 'two', 'three']);
    await children.stop();
    for (const { process } of children.all) expect(isAlive(process)).toBe(false);
  });

  test('when one does not start, none is left', async () => {
    const said = listener();
    const specs = [child('good', WORKER), child('bad', 'process.exit(1)')];
    await expect(startChildren(specs, { home, report: said.report })).rejects.toThrow('bad ended before');
    expect(logOf('good')).toContain('asked to stop');
  });
});
