import { LayoutError } from '../adapters/datasets/layouts.js';
import { SourceConflict } from '../adapters/postgres/bulk-load.js';
import { Unreachable } from '../adapters/unreachable.js';
import { SettingsError } from '../config.js';
import { EmbeddedError } from '../embedded/errors.js';
import { UsageError } from './errors.js';

const EXPECTED = [UsageError, SettingsError, EmbeddedError, Unreachable, LayoutError, SourceConflict];

/** What the user can mend is one clear line; anything else is a bug and shows its stack. */
export const isExpected = (error: unknown): boolean => EXPECTED.some((kind) => error instanceof kind);
