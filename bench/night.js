// Wall time per stage, CPU of training and judging by the release's card, and peak memory of one night on a user's own data.
//   node bench/night.js movielens <folder>       node bench/night.js movietweetings <folder>
import { setTimeout as sleep } from 'node:timers/promises';
import { makeHome, matinee, peakMiB, removeHome, table, withStack } from './stack.js';

const [kind, folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/night.js movielens|movietweetings <folder>');
  process.exit(2);
}
const home = makeHome();
try {
  const began = performance.now();
  process.stdout.write(matinee(home, 'import', kind, folder));
  const importSeconds = (performance.now() - began) / 1000;
  await withStack(home, async (running) => {
    const nights = await running.nights();
    const started = performance.now();
    const handle = await nights.startNight({}, 'bench');
    const result = await handle.result();
    const total = (performance.now() - started) / 1000;
    const { finished } = await nights.progress(handle);
    await sleep(100);
    const pids = running.pids();
    const stages = finished.map(({ stage, wallMs, note }) => ({
      stage,
      seconds: (wallMs / 1000).toFixed(2),
      note,
    }));
    const work = finished.reduce((sum, stage) => sum + stage.wallMs, 0) / 1000;
    stages.push({
      stage: 'all',
      seconds: total.toFixed(2),
      note: `between and around the stages: ${(total - work).toFixed(2)} s`,
    });
    console.log(`\nimport ${importSeconds.toFixed(1)} s (servers started and stopped with it)\n`);
    console.log(table(stages));
    console.log(`\n${JSON.stringify(result)}\n`);
    if (result.kind === 'released') {
      const { cost } = matinee(home, 'releases', 'card', result.releaseId, '--json');
      console.log(`training and judging: ${cost?.cpuSeconds.toFixed(1) ?? 'no'} CPU seconds\n`);
    }
    console.log(table(Object.entries(pids).map(([process, pid]) => ({ process, 'peak MiB': peakMiB(pid) }))));
  });
} finally {
  removeHome(home);
}
