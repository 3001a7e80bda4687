import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

/**
 * A night that was under way when the code changed must be able to go on: today's workflows replay every history that
 * scripts/capture-history.js kept. Needs no server.
 */
const FOLDER = 'tests/workflows/histories';
const files = readdirSync(FOLDER);

const historySchema = z.object({
  events: z.array(
    z.looseObject({
      eventId: z.string(),
      eventType: z.string(),
      activityTaskScheduledEventAttributes: z
        .looseObject({ activityType: z.object({ name: z.string() }) })
        .optional(),
    }),
  ),
});
type History = z.infer<typeof historySchema>;

const read = (file: string): History =>
  historySchema.parse(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
const activityOf = (event: History['events'][number]) =>
  event.activityTaskScheduledEventAttributes?.activityType;

const replay = (history: History): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: { codePath: resolve('dist/workflow-bundle.js') } }, history);

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.js']); // nothing to do after npm run build
  const logging = { filter: makeTelemetryFilterString({ core: 'ERROR' }) }; // what fails here is asked for
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), telemetryOptions: { logging } });
});

test('there is a history of every workflow and of every end of a night', () => {
  const kinds = files.map((file) => file.replace(/-sdk-.*\.json$/, ''));
  expect(kinds).toEqual([
    'backfill-two-days',
    'formula',
    'nightly-backfill-day',
    'nightly-blocked',
    'nightly-formula-lists',
    'nightly-held',
    'nightly-released',
  ]);
});

describe.each(files)('%s', (file) => {
  test('is replayed by today’s workflows', async () => {
    await expect(replay(read(file))).resolves.toBeUndefined();
  });

  test('says nothing of where it was made', () => {
    const payloads: string[] = [];
    const text = readFileSync(join(FOLDER, file), 'utf8');
    JSON.parse(text, (key, value: unknown) => {
      if (key === 'data' && typeof value === 'string') payloads.push(Buffer.from(value, 'base64').toString());
      return value;
    });
    expect(payloads.length).toBeGreaterThan(0);
    const written = [text.replaceAll(/"data":"[^"]*"/g, ''), ...payloads].join('\n');
    expect(written).not.toMatch(/\d@[a-z][\w.-]*"|(?<![\w:])\/(tmp|home|root|var|usr|Users)\//);
    expect(written).not.toMatch(/"identity":"(?!somebody")/);
  });
});

describe('the replay itself fails when it should', () => {
  const released = files.find((file) => file.startsWith('nightly-released')) ?? '';

  test('an activity that today’s code would not call', async () => {
    const history = read(released);
    const training = history.events.map(activityOf).find((activity) => activity?.name === 'trainCandidate');
    if (training === undefined) throw new Error('a released night trains');
    training.name = 'trainSomethingElse';
    await expect(replay(history)).rejects.toBeInstanceOf(DeterminismViolationError);
  });

  test('two activities in another order', async () => {
    const history = read(released);
    const [check, features] = ['checkSnapshot', 'buildFeatures'].map((name) =>
      history.events.map(activityOf).find((activity) => activity?.name === name),
    );
    if (check === undefined || features === undefined) throw new Error('both are in a released night');
    [check.name, features.name] = [features.name, check.name];
    await expect(replay(history)).rejects.toBeInstanceOf(DeterminismViolationError);
  });

  test('another workflow’s history', async () => {
    const history = read(released);
    const started = history.events[0] as unknown as {
      workflowExecutionStartedEventAttributes: { workflowType: { name: string } };
    };
    started.workflowExecutionStartedEventAttributes.workflowType.name = 'formula';
    await expect(replay(history)).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});
