import type { z } from 'zod';

/**
 * What is wrong with a field, for whoever sent it: what is wanted, and what was seen. Where a schema has words of its own
 * for a fault, those are used.
 */
const plainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'unrecognized_keys') return `is not known here`;
  const wanted = wantedBy(issue);
  if (wanted === undefined) return undefined;
  return issue.input === undefined ? `is missing: ${wanted}` : `must be ${wanted}; got ${seen(issue.input)}`;
};

/**
 * Parses by a schema; what is wrong is said in plain words. They are asked for only then, by parsing again: given words, zod copies
 * its context for each call, at eight times the price of a path's parameters (1.1 against 0.13 µs).
 */
export function parsePlainly<S extends z.ZodType>(
  schema: S,
  value: unknown,
): z.ZodSafeParseResult<z.output<S>> {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed : schema.safeParse(value, { error: plainWords });
}

/** Faults of a parsed value as fields and sentences; `part` where the whole of it is at fault. */
export function faultsOf({ issues }: z.ZodError, part: string): { field: string; message: string }[] {
  return issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return [{ field: path || part, message: issue.message }];
    return issue.keys.map((key) => ({
      field: [...issue.path, shortened(key)].join('.'),
      message: issue.message,
    }));
  });
}

function wantedBy(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? `text of the form ${issue.format}`;
    case 'too_small':
      return bound('at least', issue.minimum, issue.origin, issue.inclusive);
    case 'too_big':
      return bound('at most', issue.maximum, issue.origin, issue.inclusive);
    case 'unrecognized_keys':
    case 'custom':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
      return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID, such as 7f6c1f0e-9a51-4c5f-8a54-0f3f0e6a2b11',
  datetime: 'a date and time with its offset, such as 2026-01-31T20:15:00+01:00',
};

function bound(which: string, limit: number | bigint, origin: string, isInclusive = true): string {
  const number = isInclusive ? `${limit}` : `${limit}, exclusive`;
  if (origin === 'string') return `text of ${which} ${number} ${limit === 1 ? 'character' : 'characters'}`;
  if (origin === 'array') return `a list of ${which} ${number}`;
  return `${which} ${number}`;
}

/** A value of theirs as it may be repeated. */
export function seen(input: unknown): string {
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (typeof input === 'object' && input !== null) return 'an object';
  return typeof input === 'string' ? JSON.stringify(shortened(input)) : shortened(String(input));
}

export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
