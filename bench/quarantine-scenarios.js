// The scenarios of bench/disasters.js in which a partner's file has bad rows, and what a person does about it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LATE_FILM, ROWS, badFile } from './bad-data.js';
import { dayAfter, matineeWith, movesOf, nightIn, runNight, servedRelease, withStack } from './stack.js';

export async function poisoned({ home, first, folder }) {
  const { config, bad, fixable } = badFile(home, folder, 0.01);
  const env = { MATINEE_CONFIG: config };
  const night = await withStack(
    home,
    async (running) => {
      const result = await runNight(await running.nights(), { date: first.date });
      // The fix: the film that some of the bad rows name joins the catalogue.
      const { filmSchema } = await import('../dist/contracts/films.js');
      await running.store.upsertFilms([
        filmSchema.parse({ filmId: LATE_FILM, title: 'A Film That Came Late' }),
      ]);
      return result;
    },
    env,
  );
  const { total, groups } = matineeWith(env, home, 'quarantine', 'list', '--json');
  const replay = matineeWith(env, home, 'quarantine', 'replay', '--json');
  const after = await nightIn(home, { date: first.date }, env);
  const isNew = night.notes.some((note) => note.includes('new column'));
  return {
    ok:
      night.kind === 'released' &&
      isNew &&
      total === bad &&
      replay.replayed === fixable &&
      replay.remaining === bad - fixable &&
      after.kind === 'released' &&
      after.contentSha256 !== night.contentSha256,
    outcome: night.kind,
    release: night.releaseId,
    served: servedRelease(home),
    said: `${night.notes.join('; ')}; ${total} of ${ROWS} rows quarantined (${groups.map(({ reason, rows }) => `${reason} ${rows}`).join(', ')}); once the film was added, replay: ${replay.replayed} pass, ${replay.remaining} remain; the next night ${after.kind} ${after.releaseId}`,
  };
}

export async function halfBad({ home, first, folder }) {
  const { config } = badFile(home, folder, 0.5);
  const result = await nightIn(home, { date: first.date }, { MATINEE_CONFIG: config });
  return {
    ok: result.kind === 'blocked' && servedRelease(home) === first.releaseId && movesOf(home) === 1,
    outcome: result.kind,
    release: 'none',
    served: servedRelease(home),
    said: (result.reasons ?? []).join('; '),
  };
}

/** What a person does about a half-bad file, all of it by the command line: list, a night without it, the decision, the night after. */
export async function decided({ home, first, folder }, decision) {
  const { config } = badFile(home, folder, 0.5);
  const run = (...args) => matineeWith({ MATINEE_CONFIG: config }, home, ...args, '--json');
  const night = (date) => run('nightly', '--date', date, '--wait');
  const ofTheImport = stagedRows(home, first.date);
  const blocked = night(first.date);
  const { suspects } = run('quarantine', 'list');
  const without = night(dayAfter(first.date, 1));
  const { segment, rows, refused } = suspects[0];
  const made = run('quarantine', decision, segment, '--reason', `the scenario says ${decision}`);
  const after = night(first.date);
  const list = run('quarantine', 'list');
  const isWarned = (result) => result.notes.some((note) => note.includes(segment));
  const learnt = stagedRows(home, first.date) - ofTheImport;
  return {
    ok:
      blocked.kind === 'blocked' &&
      suspects.length === 1 &&
      ['released', 'held'].includes(without.kind) && // the gates judge it; the file does not stop it
      isWarned(without) &&
      made.decision === decision &&
      after.kind === 'released' &&
      !isWarned(after) &&
      learnt === (decision === 'accept' ? rows : 0) &&
      list.suspects.length === 0,
    outcome: `${blocked.kind}, then ${after.kind}`,
    release: after.releaseId,
    served: servedRelease(home),
    said: `${segment}: ${refused} of ${rows + refused} rows refused; the next night ${without.kind} without it and warned: ${without.notes.join('; ')}; after ${decision} ${learnt} of its rows are learnt from, no warning, nothing waits`,
  };
}

/** Events in the snapshot of the newest run of a night. */
function stagedRows(home, date) {
  const runs = join(home, 'warehouse', 'runs');
  const manifests = readdirSync(runs)
    .filter((run) => run.startsWith(date))
    .map((run) => join(runs, run, 'stage', 'events', '_manifest.json'))
    .filter(existsSync)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
  return manifests.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0].rows;
}
