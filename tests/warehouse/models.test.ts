import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const models = readdirSync('warehouse', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.sql'))
  .sort();

/** What a reader must find at the top of a model, and what may not be in it. */
function complaints(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  const head = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('--')),
  );
  const sql = lines.filter((line) => !line.trim().startsWith('--')).join('\n');
  const missing = ['grain', 'key'].filter((word) => !head.some((line) => line.startsWith(`-- ${word}: `)));
  return [
    ...missing.map((word) => `no "-- ${word}:" line`),
    ...(head[0]?.startsWith('-- grain: ') ? [] : ['does not begin with its grain']),
    ...(/\$\{|;\s*\S/.test(sql) ? ['more than one statement, or templating'] : []),
    ...(lines.length > 80 ? [`${lines.length} lines, at most 80`] : []),
    ...[...sql.matchAll(/getvariable\('(\w+)'\)/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => !head.some((line) => line.includes(name)))
      .map((name) => `parameter ${name} is not in the header`),
  ];
}

describe('every SQL model', () => {
  test.each(models.filter((file) => !file.startsWith('macros/')))(
    '%s says its grain, key and parameters',
    (file) => {
      expect(complaints(readFileSync(`warehouse/${file}`, 'utf8'))).toEqual([]);
    },
  );

  test.each(models.filter((file) => file.startsWith('macros/')))('%s says what it is', (file) => {
    expect(readFileSync(`warehouse/${file}`, 'utf8')).toMatch(/^-- .+\n[^]*CREATE MACRO /);
  });

  test('a model without a header is found out', () => {
    expect(complaints("SELECT getvariable('x'); SELECT 2")).toEqual([
      'no "-- grain:" line',
      'no "-- key:" line',
      'does not begin with its grain',
      'more than one statement, or templating',
      'parameter x is not in the header',
    ]);
  });

  test('no tunable number hides in a feature model', () => {
    const found = models
      .filter((file) => file.startsWith('features/') || file.startsWith('marts/'))
      .flatMap((file) =>
        readFileSync(`warehouse/${file}`, 'utf8')
          .split('\n')
          .filter((line) => !line.trim().startsWith('--'))
          .flatMap((line) =>
            [...line.matchAll(/(?<![\w.'])\d+(\.\d+)?(?![\w.'])/g)].map(([n]) => `${file} ${n}`),
          ),
      )
      // Units (10^6, ms to us), ratings' scale ends, 0, 1 and signs; the median is a median.
      .filter((entry) => !/ (0|1|10|16|1000|1000000|0\.5)$/.test(entry));
    expect(found).toEqual([]);
  });
});
