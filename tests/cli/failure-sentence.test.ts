import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, CancelledFailure, RetryState } from '@temporalio/common';
import { expect, test } from 'vitest';
import { explain } from '../../src/cli/errors.js';
import { failureSentence } from '../../src/cli/failure-sentence.js';

const failed = (cause: Error) => new WorkflowFailedError('failed', cause, RetryState.NON_RETRYABLE_FAILURE);
const sentence = (message: string) => {
  const cause = ApplicationFailure.nonRetryable(message, 'NoData');
  const activity = new ActivityFailure(
    'Activity task failed',
    'stageEvents',
    '1',
    RetryState.NON_RETRYABLE_FAILURE,
    '1@x',
    cause,
  );
  return failureSentence('the night', failed(activity), 'home').message;
};

test('a failed night is two sentences, whether or not the cause ends with a full stop', () => {
  const expected = 'the night failed in stageEvents: NoData: no events in 3 segments. Full log: home/logs';
  expect(sentence('no events in 3 segments')).toBe(expected);
  expect(sentence('no events in 3 segments.')).toBe(expected);
  expect(sentence('no events in 3 segments.\n')).toBe(expected);
});

test('a cancelled night says so, and where its log is', () => {
  const { message } = failureSentence('the backfill', failed(new CancelledFailure('stop')), 'home');
  expect(message).toBe('the backfill was cancelled. Full log: home/logs');
});

test('a bug shows its stack, and its message once', () => {
  const text = explain(new TypeError('x is not iterable'));
  expect(text).toMatch(/^TypeError: x is not iterable\n +at /);
  expect(text.split('x is not iterable')).toHaveLength(2);
  expect(explain('a string')).toBe('a string');
});
