import { expect, it } from 'vitest';

interface Row {
  missing: string;
  pairs: number;
  shown: number;
  above: number;
  personal: number;
  /** Why the release was refused. */
  stopped: string | null;
}
type AgeGates = (profiles: number, onRow?: (row: Row) => void, only?: string[]) => Promise<Row[]>;

// The same run as `node bench/age-gates.js`, on the built product, with few profiles.
it('with any one age gate taken away the others hold; with all of them gone the count finds what is shown', async () => {
  const bench = new URL('../../bench/age-gates.js', import.meta.url).href;
  const { ageGates } = (await import(bench)) as { ageGates: AgeGates };
  const only = ['score', 'publish', 'serve', 'published ages', 'all'];
  const table = await ageGates(14, undefined, only);
  const rows = new Map(table.map((row) => [row.missing, row]));
  expect([...rows.keys()]).toEqual(only);
  for (const missing of ['score', 'publish', 'serve', 'published ages']) {
    expect(rows.get(missing), missing).toMatchObject({ pairs: 14 * 642, above: 0 });
    expect(rows.get(missing)!.shown, missing).toBeGreaterThan(1000);
  }
  expect(rows.get('score')!.stopped).toBe('AgeAuditFailed');
  for (const missing of ['publish', 'serve', 'published ages'])
    expect(rows.get(missing), missing).toMatchObject({ stopped: null, personal: 14 });
  expect(rows.get('all')!.above).toBeGreaterThan(1000);
}, 120_000);
