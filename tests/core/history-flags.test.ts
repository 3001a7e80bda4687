import { describe, expect, test } from 'vitest';
import { flagsOf, readFlags } from '../../src/core/ranking/history-flags.js';

describe('what a stored history says of an interaction', () => {
  test('the bits by hand', () => {
    const none = { isSeen: false, isDisliked: false, isHidden: false, kind: -1 };
    expect(flagsOf(none)).toBe(0);
    expect(flagsOf({ ...none, isSeen: true, kind: 0 })).toBe(1 + 8);
    expect(flagsOf({ isSeen: true, isDisliked: true, isHidden: true, kind: 5 })).toBe(7 + 48);
    expect(readFlags(2 + 4 + 16)).toEqual({ isSeen: false, isDisliked: true, isHidden: true, kind: 1 });
  });

  test('what is written is read', () => {
    for (let flags = 0; flags < 128; flags++) expect(flagsOf(readFlags(flags))).toBe(flags);
  });
});
