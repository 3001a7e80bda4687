// What a night does when life is not kind to it, one row each, every scenario in a home of its own:
//   node bench/disasters.js <MovieLens 100K folder> [--only part-of-a-name,…]
// Exits 1 when a scenario ended otherwise than it must; its outcome then begins with WRONG.
import { makeHome, matinee, removeHome, runNight, table, withStack } from './stack.js';
import { SCENARIOS } from './scenarios.js';

const [folder, flag, only] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/disasters.js <MovieLens 100K folder> [--only part-of-a-name,…]');
  process.exit(2);
}
const chosen = SCENARIOS.filter(
  ({ name }) => flag !== '--only' || only.split(',').some((part) => name.includes(part)),
);

const templates = { empty: undefined, imported: makeHome(), released: undefined };
const rows = [];
try {
  process.stdout.write(matinee(templates.imported, 'import', 'movielens', folder));
  templates.released = makeHome(templates.imported);
  const first = await withStack(templates.released, async (running) => runNight(await running.nights(), {}));
  console.error(`the undisturbed night: ${first.releaseId}, content ${first.contentSha256.slice(0, 12)}`);
  for (const scenario of chosen) {
    rows.push(await play(scenario, first));
    console.error(JSON.stringify(rows.at(-1)));
  }
  console.log(table(rows));
  process.exitCode = rows.some(({ outcome }) => outcome.startsWith('WRONG')) ? 1 : 0;
} finally {
  for (const home of Object.values(templates)) if (home !== undefined) removeHome(home);
}

async function play({ name, from = 'released', run }, first) {
  const home = makeHome(templates[from]);
  const began = performance.now();
  const row = { scenario: name };
  try {
    const { ok, outcome, release, served, said } = await run({ home, first, folder });
    Object.assign(row, { outcome: `${ok ? '' : 'WRONG: '}${outcome}`, release, 'then served': served, said });
  } catch (error) {
    const reason = [error, error.cause, error.cause?.cause].map((e) => e?.message).filter(Boolean);
    Object.assign(row, { outcome: 'WRONG: threw', release: '', 'then served': '', said: reason.join(': ') });
  } finally {
    removeHome(home);
  }
  return { ...row, seconds: ((performance.now() - began) / 1000).toFixed(0) };
}
