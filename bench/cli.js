// CPU seconds until a command's help is on the screen: what a person waits for before any work begins.
// usage: node bench/cli.js [runs]      (build first)
import { spawnSync } from 'node:child_process';

const RUNS = Number(process.argv[2] ?? 5);
const commands = ['', 'recommend', 'top', 'sql', 'doctor', 'nightly', 'up'];

/** The least of several runs: other work on the machine only ever adds. */
function leastCpuSeconds(command) {
  const script = `process.on('exit', () => process.stderr.write(String(process.cpuUsage().user + process.cpuUsage().system)));
    process.argv = [process.argv[0], 'matinee', ${command === '' ? '' : `'${command}', `}'--help']; await import('./dist/cli/main.js');`;
  const seconds = Array.from({ length: RUNS }, () => {
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    return Number(stderr) / 1e6;
  });
  return Math.min(...seconds);
}

console.log('| command | CPU s |\n| --- | --- |');
for (const command of commands) {
  console.log(`| matinee ${command} --help | ${leastCpuSeconds(command).toFixed(2)} |`.replace('  ', ' '));
}
