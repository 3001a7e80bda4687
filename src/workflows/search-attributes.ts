import { defineSearchAttributeKey } from '@temporalio/common';

/** No personal data here: a payload codec does not encrypt search attributes. */
export const SEARCH_ATTRIBUTES = {
  night: defineSearchAttributeKey('MatineeNight', 'KEYWORD'),
  stage: defineSearchAttributeKey('MatineeStage', 'KEYWORD'),
  release: defineSearchAttributeKey('MatineeRelease', 'KEYWORD'),
  verdict: defineSearchAttributeKey('MatineeVerdict', 'KEYWORD'),
} as const;
