import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config } from '../contracts/index.js';
import { sharedInt32 } from '../core/als/cells.js';
import type { ActivityDeps, Session } from './deps.js';
import type { JudgementData } from './judgement-data.js';
import { type SplitBuilders, type SplitInput, type SplitParts, buildSplit } from './split-parts.js';
import { type TrainingData, loadTrainingData } from './training-cells.js';

/** A train part as one config sees it, for the viewers and films that are judged. */
export interface TrainPart {
  training: TrainingData;
  /** Row of each catalogue film, and of each measured viewer, in a model of it; −1 = none. */
  rowOfFilm: Int32Array;
  rowOfViewer: Int32Array;
}

interface TrainPartInput {
  /** Of files and in progress. */
  name: string;
  source: SplitInput;
  parts: SplitParts;
  data: JudgementData;
  folder: string;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

/** Another config's own view of a split's train part: the same behaviour, its weights and half-lives. */
export async function trainPartOf(
  { warehouse, split }: Pick<ActivityDeps, 'warehouse'> & { split: SplitBuilders },
  config: Config,
  { name, source, parts, data, folder, signal, say }: TrainPartInput,
): Promise<TrainPart> {
  const isSame = interactionsKey(config) === interactionsKey(source.config);
  // Built in a session of its own: the builders leave a table `interactions` behind, which a view cannot replace.
  const interactions = isSame
    ? parts.interactions
    : await warehouse.session(
        (session) => interactionsOf(session, split, { ...source, config }, parts, join(folder, name), say),
        { signal },
      );
  return warehouse.session(
    (session) =>
      loadRows(session, { interactions: [interactions], films: source.films }, parts.cutAt, config, data),
    { signal },
  );
}

/** All of a config that decides which interactions there are. */
const interactionsKey = ({ feedback, filters, lists }: Config): string =>
  JSON.stringify([feedback, filters, lists.buckets]);

async function interactionsOf(
  session: Session,
  builders: SplitBuilders,
  source: SplitInput,
  { plan }: SplitParts,
  folder: string,
  say: (details: unknown) => void,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const parts = await buildSplit(session, plan, source, builders, folder, (step) =>
    say({ split: basename(folder), step }),
  );
  return parts.interactions;
}

/** Its cells, and where the judged viewers and the catalogue's films are in its model. */
async function loadRows(
  session: Session,
  files: { interactions: string[]; films: string[] },
  cutAt: string,
  config: Config,
  { pids, filmIds }: JudgementData,
): Promise<TrainPart> {
  const training = await loadTrainingData(session, files, cutAt, config);
  const rowOfFilmId = new Map(training.filmIds.map((filmId, row) => [filmId, row]));
  const rows = await session.rows<{ pid: string; viewer_row: number }>(
    'SELECT pid::VARCHAR AS pid, viewer_row FROM eligible_viewers',
  );
  const rowOfPid = new Map(rows.map(({ pid, viewer_row }) => [pid, viewer_row]));
  return {
    training,
    rowOfFilm: numbered(filmIds, (filmId) => rowOfFilmId.get(filmId)),
    rowOfViewer: numbered(pids, (pid) => rowOfPid.get(pid)),
  };
}

function numbered(names: readonly string[], rowOf: (name: string) => number | undefined): Int32Array {
  const rows = sharedInt32(names.length);
  names.forEach((name, n) => {
    rows[n] = rowOf(name) ?? -1;
  });
  return rows;
}
