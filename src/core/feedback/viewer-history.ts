import type { Behaviour, Config } from '../../contracts/index.js';
import { ageDays, DAY_MS } from './decay.js';
import { newestRating, type PairEvent } from './events.js';
import { type Interaction, interactionOf } from './interaction.js';
import { midpointMicro } from './rating.js';

/** One event of a viewer, as the operational store has it. */
export interface ViewerAct extends PairEvent {
  filmId: string;
  device?: string;
}

export interface ViewerHistoryInput {
  acts: readonly ViewerAct[];
  /** Runtime of a film of the catalogue; undefined = no such film. */
  runtimeOf: (filmId: string) => number | null | undefined;
  /** Films whose events the viewer does not want used. */
  unused: ReadonlySet<string>;
  /** What of all viewers decides about this one, as the night saw them. */
  behaviour: Behaviour;
  /** Now, in ms; later events do not count. */
  asOf: number;
  config: Pick<Config, 'feedback' | 'filters'>;
}

/** A player that goes on past the end counts as broken: the extraction refuses such rows (extract/checked_events.sql). */
const OVER_RUNTIME = { factor: 1.5, extraMs: 600_000 };

/**
 * One viewer's interactions by film: what the night makes of the same events (warehouse/features), bots' days and brigaded votes
 * left out. What needs everybody (the mean rating, how busy a bot is, which votes were a brigade's) is the released night's.
 */
export function viewerInteractions(input: ViewerHistoryInput): Map<string, Interaction> {
  const { runtimeOf, behaviour, asOf, config } = input;
  const usable = usableActs(input);
  const byFilm = groupedBy(usable, ({ filmId }) => filmId);
  const ratings = [...byFilm.values()].flatMap((acts) => newestRating(acts)?.value ?? []);
  const midpoint = midpointMicro(ratings, behaviour.meanRatingMicro, config.feedback.rating.midpointPrior);
  const found = new Map<string, Interaction>();
  for (const [filmId, acts] of byFilm) {
    const interaction = interactionOf(
      acts,
      { runtimeMin: runtimeOf(filmId) ?? null },
      midpoint,
      asOf,
      config,
    );
    if (interaction !== null) found.set(filmId, interaction);
  }
  return found;
}

/** features/consented_events and features/usable_events, for one consenting viewer. */
function usableActs({ acts, runtimeOf, unused, behaviour, asOf, config }: ViewerHistoryInput): ViewerAct[] {
  const counted = acts.filter(
    (act) =>
      act.at < asOf &&
      ageDays(act.at, asOf) <= config.feedback.historyDays &&
      !unused.has(act.filmId) &&
      isSound(act, runtimeOf(act.filmId)),
  );
  const days = groupedBy(counted, dayOf);
  const botDays = new Set([...days].flatMap(([day, of]) => (isOfBot(of, behaviour, config) ? [day] : [])));
  const brigades = new Set(behaviour.brigades.map(({ filmId, date }) => `${date} ${filmId}`));
  return counted.filter(
    (act) =>
      !botDays.has(dayOf(act)) && !(act.type === 'rating' && brigades.has(`${dayOf(act)} ${act.filmId}`)),
  );
}

/** Of a film of the catalogue, and not what the extraction would refuse. */
function isSound(act: ViewerAct, runtimeMin: number | null | undefined): boolean {
  if (runtimeMin === undefined) return false;
  const { fromMs, toMs } = act;
  if (act.type === 'play_heartbeat' && (fromMs === undefined || toMs === undefined)) return false;
  if (act.type === 'play_end' && (fromMs === undefined) !== (toMs === undefined)) return false;
  if ((fromMs ?? 0) < 0 || (toMs ?? Infinity) < (fromMs ?? 0)) return false;
  const longest = (runtimeMin ?? Infinity) * 60_000 * OVER_RUNTIME.factor + OVER_RUNTIME.extraMs;
  return (toMs ?? 0) <= longest;
}

/** features/bot_days */
function isOfBot(
  acts: readonly ViewerAct[],
  { busiestDay }: Behaviour,
  { filters }: Pick<Config, 'filters'>,
): boolean {
  const { devices, maxMedianDwellMs } = filters.bots;
  if (acts.some(({ device }) => device !== undefined && devices.includes(device.toLowerCase()))) return true;
  if (busiestDay === null || acts.length <= busiestDay) return false;
  const dwells = acts
    .filter(({ type }) => type !== 'impression' && type !== 'scroll')
    .flatMap(({ dwellMs }) => dwellMs ?? [])
    .sort((a, b) => a - b);
  const median = dwells[Math.ceil(dwells.length / 2) - 1];
  return median !== undefined && median < maxMedianDwellMs;
}

function groupedBy(acts: readonly ViewerAct[], keyOf: (act: ViewerAct) => string): Map<string, ViewerAct[]> {
  const groups = new Map<string, ViewerAct[]>();
  for (const act of acts) {
    const key = keyOf(act);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [act]);
    else group.push(act);
  }
  return groups;
}

const dayOf = ({ at }: ViewerAct): string =>
  new Date(Math.floor(at / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
