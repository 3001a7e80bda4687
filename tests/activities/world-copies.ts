import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import * as gate from '../../src/core/age-gate/age-gate.js';
import * as reason from '../../src/core/explain/reason.js';
import * as popular from '../../src/core/ranking/popular.js';
import * as lists from '../../src/core/ranking/viewer-list.js';
import * as rating from '../../src/core/weighted-rating/weighted-rating.js';

/** What makes a world: a test that replaces a part of it would meet what the real one made, and pass for nothing. */
const PARTS: Record<string, unknown>[] = [gate, lists, popular, rating, reason];

const kept = new Map<string, string>();
let keep: string | undefined;
// Not at the process's exit: the runner ends its workers without one.
afterAll(() => {
  if (keep !== undefined) rmSync(keep, { recursive: true, force: true });
});

/**
 * Runs `fill`, which puts artefacts into `root` and makes no artefact twice, over a copy of what it put there for the same
 * `key` before: most tests of a file begin with the same world, and a copy takes a tenth of making it.
 */
export async function overCopy<T>(root: string, key: string, fill: () => Promise<T>): Promise<T> {
  const replaced = PARTS.flatMap((part) => Object.keys(part).filter((name) => vi.isMockFunction(part[name])));
  if (replaced.length > 0)
    throw new Error(`${replaced.join(', ')} is replaced: ask for a world of its own, { isAnew: true }`);
  const before = kept.get(key);
  if (before !== undefined) await cp(before, root, { recursive: true });
  const filled = await fill();
  if (before === undefined) {
    keep ??= mkdtempSync(join(tmpdir(), 'matinee-worlds-'));
    const folder = join(keep, String(kept.size));
    await cp(root, folder, { recursive: true });
    kept.set(key, folder);
  }
  return filled;
}
