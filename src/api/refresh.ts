import type { ListItem, PackedList, StoredInteraction } from '../activities/deps.js';
import { encodeList, openList } from '../adapters/releases/list-codec.js';
import type { Exclusion } from '../contracts/exclusions.js';
import type { Behaviour } from '../contracts/release.js';
import { createSimdOrder } from '../kernels/simd/served-order.js';
import {
  DAY_MS,
  type Interaction as Known,
  type ViewerAct,
  viewerInteractions,
} from '../core/feedback/index.js';
import { EVIDENCE_KINDS } from '../core/explain/reason.js';
import { NEVER } from '../core/age-gate/index.js';
import type { Catalogue } from '../core/ranking/catalogue.js';
import { flagsOf, readFlags } from '../core/ranking/history-flags.js';
import type { Model } from '../core/ranking/model.js';
import { createListMakers, type ListMaker } from '../core/ranking/viewer-list.js';
import type { Interaction, ScoredItem, Viewer } from '../core/ranking/viewer.js';
import { SERVE_GATES, visibleTo } from './audience.js';
import { noSuchProfile, storeDown } from './audiences.js';
import type { ApiDeps, ServedLists } from './deps.js';
import { HttpProblem } from './problem.js';
import type { Profiles } from './profiles.js';
import type { RefreshedServing } from './refreshed-lists.js';
import { createTurns } from './turns.js';
import { within } from './within.js';

/** Of a film that no list of the release names. */
const NO_FILM = 0xffffffff;
/**
 * Events of one viewer that a refresh reads at most: as many as 37 a day for all the days that count, and some tenths of a second.
 * More are the night's. The newest alone would not do: what an older one says of a film, no newer one takes back.
 */
const MOST_ACTS = 20_000;

export interface RefreshDeps extends Pick<ApiDeps, 'config' | 'pidOf' | 'store' | 'clock' | 'gates'> {
  serving: RefreshedServing;
  profiles: Profiles;
  /** Films of the formula release that is served; null before the first one. */
  catalogue: () => Catalogue | null;
  /** Longest wait for the store, ms. */
  storeMs: number;
}

/** Works a viewer's list out again from what the viewer has done up to now; it is served from then on. */
export type Refresh = (userId: string) => Promise<void>;

/**
 * The model of the served release on what the viewer did, up to now: by the code that makes the night's lists, over
 * interactions of the newest events in the store. For the same events and instant the list is the night's (a test).
 * Films of which the store has no event keep what the release knows of them: their events came from elsewhere.
 * Refused: an unknown viewer (404), one who allows no personal list (403), a release that cannot tell (409), and a store that
 * does not answer (503); the list that was served stays.
 */
export function createRefresh(deps: RefreshDeps): Refresh {
  const { serving, profiles, catalogue, pidOf } = deps;
  const makers = createMakers(deps);
  const turn = createTurns();
  const underWay = new Map<string, UnderWay>();

  const refresh = async (userId: string): Promise<void> => {
    const lists = serving.lists();
    const films = catalogue();
    if (lists === null || films === null) throw cannotTell('no personal release is served yet');
    const found = await profiles.find(userId);
    if (found.kind === 'unknown') throw noSuchProfile(userId);
    if (found.kind === 'down') throw storeDown();
    if (!found.limits.isPersonal) throw new HttpProblem(403, 'this viewer allows no personal list');
    const behaviour = (await lists.behaviour?.()) ?? null;
    const model = (await lists.model?.()) ?? null;
    if (behaviour === null || model === null)
      throw cannotTell(`release ${lists.releaseId} has nothing to refresh a list by`);
    const pid = pidOf(userId);
    // Never from a list that was refreshed: what a wish took out of its history would be gone when the wish is.
    const released = serving.released(lists, pid);
    const told = await toldBy(deps, userId);
    // Ten milliseconds of work and more, from here to the end at one go.
    await turn();
    const history = historyOf(deps, told, lists, released, films, behaviour);
    const { market, maxAge, isPersonal } = found.limits;
    const viewer: Viewer = { market, maxAge, isPersonal, history };
    const [made] = makers(films, model)([viewer]);
    if (made === undefined) throw new Error('the list maker gave no list');
    const isVisible = visibleTo(films, viewer, deps.gates ?? SERVE_GATES);
    const items = made.items.flatMap((item) => listItemOf(films, market, isVisible, item) ?? []);
    const list = { pid, servedBy: made.servedBy, maxAge, market, items, history: storedOf(films, history) };
    const why = made.none?.why;
    const numbers = numbersOf(lists);
    const bytes = encodeList(
      why === undefined ? list : { ...list, why },
      (filmId) => numbers.get(filmId) ?? NO_FILM,
    );
    serving.put(lists, pid, { ...openList(bytes), madeAt: deps.clock.now().getTime() });
  };
  const start = (userId: string): Promise<void> => {
    const mine: UnderWay = { running: refresh(userId), next: null };
    underWay.set(userId, mine);
    const ended = () => {
      if (mine.next === null) underWay.delete(userId);
    };
    mine.running.then(ended, ended);
    return mine.running;
  };
  return (userId) => {
    const mine = underWay.get(userId);
    if (mine === undefined) return start(userId);
    mine.next ??= mine.running.catch(() => undefined).then(() => start(userId));
    return mine.next;
  };
}

/** One refresh of a viewer, and the one after it for all who asked meanwhile: the first may have read before they acted. */
interface UnderWay {
  running: Promise<void>;
  next: Promise<void> | null;
}

const cannotTell = (why: string) => new HttpProblem(409, `${why}; the list changes with the next night`);

/** What the store has of a viewer. */
type Told = [acts: ViewerAct[], wishes: Exclusion[]];

async function toldBy({ store, clock, config, storeMs }: RefreshDeps, userId: string): Promise<Told> {
  // a day more: ages are whole days
  const since = new Date(clock.now().getTime() - (config.feedback.historyDays + 1) * DAY_MS).toISOString();
  const asked = Promise.all([store.acts(userId, since, MOST_ACTS + 1), store.exclusions(userId)]);
  const told = await within(asked, storeMs, 'the operational database').catch(() => {
    throw storeDown();
  });
  if (told[0].length > MOST_ACTS)
    throw cannotTell(`this viewer has more than ${MOST_ACTS} events, too many to work through at once`);
  return told;
}

function historyOf(
  { clock, config }: RefreshDeps,
  [acts, wishes]: Told,
  lists: ServedLists,
  list: PackedList | null,
  films: Catalogue,
  behaviour: Behaviour,
): Interaction[] {
  const now = clock.now().getTime();
  const unused = new Set(wishes.flatMap(({ kind, filmId }) => (kind === 'dont_use' ? [filmId] : [])));
  // a client's clock may be ahead of ours: what it has just told has happened
  const asOf = acts.reduce((latest, { at }) => Math.max(latest, at + 1), now);
  const runtimeOf = (filmId: string) => films.films[films.indexOf(filmId) ?? -1]?.runtimeMin;
  const known = viewerInteractions({ acts, runtimeOf, unused, behaviour, asOf, config });
  const history = new Map<number, Interaction>();
  const told = new Set(acts.map(({ filmId }) => filmId));
  for (const { film, weightMicro, flags } of list?.history() ?? []) {
    const filmId = lists.films?.[film] ?? '';
    const index = films.indexOf(filmId);
    if (index === undefined || told.has(filmId) || unused.has(filmId)) continue;
    // what is hidden today, today's wishes say
    history.set(index, { film: index, weightMicro, ...readFlags(flags), isHidden: false });
  }
  for (const [filmId, interaction] of known) {
    const index = films.indexOf(filmId);
    if (index !== undefined) history.set(index, asListed(index, interaction));
  }
  for (const { filmId } of wishes) {
    const index = films.indexOf(filmId);
    if (index === undefined) continue;
    const before = history.get(index) ?? {
      film: index,
      weightMicro: 0,
      isSeen: false,
      isDisliked: false,
      kind: -1,
    };
    history.set(index, { ...before, isHidden: true });
  }
  return [...history.values()].sort((a, b) => a.film - b.film);
}

function asListed(film: number, { preference, wMicro, isSeen, isDisliked, kind }: Known): Interaction {
  const weightMicro = preference === null ? 0 : preference === 1 ? wMicro : -wMicro;
  return {
    film,
    weightMicro,
    isSeen,
    isDisliked,
    isHidden: false,
    kind: kind === null ? -1 : EVIDENCE_KINDS.indexOf(kind),
  };
}

function storedOf({ films }: Catalogue, history: readonly Interaction[]): StoredInteraction[] {
  return history.map((known) => ({
    filmId: films[known.film]!.filmId,
    weightMicro: known.weightMicro,
    flags: flagsOf(known),
  }));
}

/** As publishing writes items; undefined for one that a gate of serving keeps away, by itself or by what it cites. */
function listItemOf(
  films: Catalogue,
  market: string,
  isVisible: Uint8Array,
  { film, score, reason }: ScoredItem,
): ListItem | undefined {
  const shown = [film, ...reason.movieIds.map((filmId) => films.indexOf(filmId) ?? -1)];
  if (!shown.every((index) => isVisible[index] === 1)) return undefined;
  const { minAge } = films.shelf(market);
  const { filmId, title, year } = films.films[film]!;
  return {
    filmId,
    minAge: Math.max(...shown.map((index) => minAge[index] ?? NEVER)),
    title,
    year,
    score: Number(score.toPrecision(6)),
    reason,
  };
}

/** The list maker of what is served now. Factors are laid out once a model, films once a catalogue. */
function createMakers({ config }: Pick<RefreshDeps, 'config'>) {
  let of: { model: Model; over: (films: Catalogue) => ListMaker } | null = null;
  let last: { films: Catalogue; make: ListMaker } | null = null;
  return (films: Catalogue, model: Model): ListMaker => {
    if (of?.model !== model) {
      of = { model, over: createListMakers(model, config, { createOrder: createSimdOrder }) };
      last = null;
    }
    if (last?.films !== films) last = { films, make: of.over(films) };
    return last.make;
  };
}

/** Places of the release's films, by id. */
const NUMBERS = new WeakMap<ServedLists, ReadonlyMap<string, number>>();
function numbersOf(lists: ServedLists): ReadonlyMap<string, number> {
  const known = NUMBERS.get(lists);
  if (known !== undefined) return known;
  const made = new Map((lists.films ?? []).map((filmId, n) => [filmId, n]));
  NUMBERS.set(lists, made);
  return made;
}
