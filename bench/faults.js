// SIGKILL in every stage in turn: does each night end in exactly one release with the undisturbed night's content?
//   node bench/faults.js movielens <folder> [--only worker:train,postgres:extract,…]
// The server is asked every few milliseconds which activities a worker has in hand, so that the kill lands inside the
// stage. `hit`: that the night's history shows the stage's activity tried again (of a killed Temporal server: that
// the stage was under way). A kill that came too late is tried again in a night of its own.
import { atWork, makeHome, matinee, movesOf, nightReleases, removeHome, table, withStack } from './stack.js';

const [kind, folder, flag, only] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/faults.js movielens|movietweetings <folder> [--only victim:stage,…]');
  process.exit(2);
}
/** The activity that does a stage's work. */
const ACTIVITY = {
  extract: 'extractSources',
  stage: 'stageEvents',
  check: 'checkSnapshot',
  features: 'buildFeatures',
  train: 'trainCandidate',
  evaluate: 'evaluateCandidate',
  score: 'scoreBucket',
  publish: 'publishRelease',
};
const CASES = [
  ['nobody', ''],
  ...Object.keys(ACTIVITY).map((stage) => ['worker', stage]),
  ['temporal', 'train'],
  ['postgres', 'extract'],
].filter(
  ([victim, stage]) =>
    flag !== '--only' || victim === 'nobody' || only.split(',').includes(`${victim}:${stage}`),
);
const TRIES = 3;

/** One night from a copy of the imported home, with one process killed while a stage's activity is at work. */
async function night(template, victim, stage) {
  const home = makeHome(template);
  try {
    return await withStack(home, async (running) => {
      const nights = await running.nights();
      const started = performance.now();
      const handle = await nights.startNight({}, 'faults');
      const killed =
        victim === 'nobody' ? null : killIn(handle, ACTIVITY[stage], () => running.pids()[victim]);
      const { kind: outcome, contentSha256, releaseId } = await handle.result();
      const seconds = (performance.now() - started) / 1000;
      const [pid, attempts] = [await killed, await attemptsOf(handle, ACTIVITY[stage])];
      return {
        killed: victim,
        'in stage': stage,
        hit: victim === 'nobody' ? '' : pid !== null && (victim === 'temporal' || attempts > 1),
        tries: victim === 'nobody' ? '' : attempts,
        outcome,
        release: releaseId,
        content: contentSha256?.slice(0, 12),
        releases: nightReleases(home).length,
        'channel moves': movesOf(home),
        seconds: seconds.toFixed(1),
      };
    });
  } finally {
    removeHome(home);
  }
}

/** Kills once the activity is in a worker's hands; null when the night ended first. */
async function killIn(handle, activity, pidOf) {
  if (!(await atWork(handle, activity))) return null;
  const pid = pidOf();
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** The most attempts that one activity of this type took. */
async function attemptsOf(handle, activity) {
  const { events } = await handle.fetchHistory();
  const scheduled = new Set(
    events
      .filter((e) => e.activityTaskScheduledEventAttributes?.activityType?.name === activity)
      .map((e) => Number(e.eventId)),
  );
  const attempts = events
    .map((e) => e.activityTaskStartedEventAttributes)
    .filter((started) => started && scheduled.has(Number(started.scheduledEventId)))
    .map((started) => started.attempt);
  return Math.max(0, ...attempts);
}

async function untilHit(template, victim, stage) {
  for (let tried = 1; ; tried++) {
    const row = await night(template, victim, stage).catch((error) => ({
      killed: victim,
      'in stage': stage,
      outcome: `FAILED ${error.message}: ${error.cause?.cause?.message ?? error.cause?.message ?? ''}`,
    }));
    if (row.hit !== false || tried === TRIES) return row;
    console.error(`${victim} in ${stage}: too late, once more`);
  }
}

const template = makeHome();
try {
  process.stdout.write(matinee(template, 'import', kind, folder));
  const rows = [];
  for (const [victim, stage] of CASES) {
    const row = await untilHit(template, victim, stage);
    rows.push({ ...row, same: rows.length === 0 ? '' : row.content === rows[0].content });
    console.error(JSON.stringify(rows.at(-1)));
  }
  console.log(table(rows));
  const [undisturbed, ...struck] = rows;
  const isOne = (row) => row['channel moves'] === 1 && row.releases === 1;
  const good = isOne(undisturbed) && struck.every((row) => row.hit && row.same && isOne(row));
  console.log(
    good ? '\nevery night ended in exactly one release with the same content' : '\nNOT ALL NIGHTS AGREE',
  );
  process.exitCode = good ? 0 : 1;
} finally {
  removeHome(template);
}
