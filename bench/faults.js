// SIGKILL in every stage in turn: does each night end in exactly one release with the undisturbed night's content?
//   node bench/faults.js movielens <folder> [--only worker:train,postgres:stage,…]
import { setTimeout as sleep } from 'node:timers/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, matinee, removeHome, table, withStack } from './stack.js';

const [kind, folder, flag, only] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/faults.js movielens|movietweetings <folder> [--only victim:stage,…]');
  process.exit(2);
}
const STAGES = ['extract', 'stage', 'check', 'features', 'train', 'evaluate', 'score', 'publish'];
const CASES = [
  ['none', 'none'],
  ...STAGES.map((stage) => ['worker', stage]),
  ['temporal', 'train'],
  ['postgres', 'extract'],
].filter(
  ([victim, stage]) =>
    flag !== '--only' || victim === 'none' || only.split(',').includes(`${victim}:${stage}`),
);

/** One night from a copy of the imported home, with one process killed once its stage is under way. */
async function night(template, victim, stage) {
  const home = makeHome(template);
  try {
    return await withStack(home, async (running) => {
      const nights = await running.nights();
      const started = performance.now();
      const handle = await nights.startNight({}, 'faults');
      let killed = victim === 'none' ? 'nobody' : 'too late';
      let open = true;
      const result = handle.result().finally(() => (open = false));
      result.catch(() => {});
      while (open && killed === 'too late') {
        const progress = await nights.progress(handle).catch(() => null);
        if (progress?.stage === stage) {
          const pid = running.pids()[victim];
          process.kill(pid, 'SIGKILL');
          killed = `${victim} ${pid}`;
        }
        await sleep(5);
      }
      const { kind: outcome, contentSha256, releaseId } = await result;
      return {
        killed: victim,
        'in stage': stage,
        hit: killed !== 'too late',
        outcome,
        release: releaseId,
        content: contentSha256?.slice(0, 12),
        'channel moves': readdirSync(join(home, 'warehouse', 'channels', 'default')).filter((f) =>
          f.endsWith('.json'),
        ).length,
        releases: readdirSync(join(home, 'warehouse', 'releases')).filter(
          (r) => !r.startsWith('formula') && !r.includes('.tmp-'),
        ).length,
        seconds: ((performance.now() - started) / 1000).toFixed(1),
      };
    });
  } finally {
    removeHome(home);
  }
}

const template = makeHome();
try {
  process.stdout.write(matinee(template, 'import', kind, folder));
  const rows = [];
  for (const [victim, stage] of CASES) {
    const row = await night(template, victim, stage).catch((error) => ({
      killed: victim,
      'in stage': stage,
      outcome: `FAILED ${error.message} ${error.cause?.cause?.message ?? ''}`,
    }));
    rows.push({ ...row, same: row.content === rows[0]?.content || rows.length === 0 });
    console.error(JSON.stringify(rows.at(-1)));
  }
  console.log(table(rows));
  const good = rows.every((row) => row.same && row['channel moves'] === 1 && row.releases === 1);
  console.log(
    good ? '\nevery night ended in exactly one release with the same content' : '\nNOT ALL NIGHTS AGREE',
  );
  process.exitCode = good ? 0 : 1;
} finally {
  removeHome(template);
}
