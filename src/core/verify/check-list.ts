import type { Config, Reason, ServedBy } from '../../contracts/index.js';
import { isAllowed } from '../age-gate/index.js';
import type { Catalogue, Shelf } from '../ranking/catalogue.js';
import { readFlags } from '../ranking/history-flags.js';
import type { Model } from '../ranking/model.js';
import { type ScoredList, createListMaker } from '../ranking/viewer-list.js';
import type { Viewer } from '../ranking/viewer.js';

/** A list as a release stores it. */
export interface StoredList {
  pid: string;
  servedBy: ServedBy;
  maxAge: number;
  market: string;
  items: readonly { filmId: string; minAge: number; score: number; reason: Reason }[];
  history?: readonly { filmId: string; weightMicro: number; flags: number }[];
}

/** What a list breaks: a rule of what may be shown, or that it is what the factors give for the viewer's history. */
export const LIST_RULES = [
  'known',
  'once',
  'seen',
  'disliked',
  'excluded',
  'market',
  'age',
  'factors',
] as const;
export interface Offence {
  rule: (typeof LIST_RULES)[number];
  pid: string;
  says: string;
}

/** Digits of a score as they are published. */
const DIGITS = 6;

/**
 * Checks lists one at a time against rules and factors, with nothing but what the release itself holds; holds scratch
 * memory, so one per thread. Rules first, so that an offence is named by the rule it breaks; then the whole list is made
 * once more from factors and history, and must come out the same.
 */
export function createListCheck(
  catalogue: Catalogue,
  model: Model | null,
  config: Pick<Config, 'lists' | 'eligibility' | 'blend'>,
): (list: StoredList) => Offence[] {
  const makeLists = createListMaker(catalogue, model, config); // readable order, not the one in WebAssembly
  return (list) => {
    const shelf = catalogue.shelf(list.market);
    const broken = brokenRules(catalogue, shelf, list);
    if (broken.length > 0) return broken.map(({ rule, says }) => ({ rule, pid: list.pid, says }));
    const viewer = viewerOf(catalogue, list, config.eligibility.minUserPos);
    const says = difference(list, catalogue, makeLists([viewer])[0]!);
    return says === null ? [] : [{ rule: 'factors', pid: list.pid, says }];
  };
}

type Broken = Omit<Offence, 'pid'>;

function brokenRules(
  catalogue: Catalogue,
  shelf: Shelf,
  { items, history = [], maxAge, market }: StoredList,
): Broken[] {
  const flagsOf = new Map(history.map(({ filmId, flags }) => [filmId, flags]));
  const listed = new Set<string>();
  return items.flatMap(({ filmId, minAge, reason }, n): Broken[] => {
    const at = `place ${n + 1}, film ${filmId}`;
    const film = catalogue.indexOf(filmId);
    if (film === undefined) return [{ rule: 'known', says: `${at}: not in the catalogue` }];
    const found: Broken[] = [];
    if (listed.has(filmId)) found.push({ rule: 'once', says: `${at}: twice in the list` });
    listed.add(filmId);
    const { isSeen, isDisliked, isHidden } = readFlags(flagsOf.get(filmId) ?? 0);
    if (isSeen) found.push({ rule: 'seen', says: `${at}: the viewer has seen it` });
    if (isDisliked) found.push({ rule: 'disliked', says: `${at}: the viewer dislikes it` });
    if (isHidden) found.push({ rule: 'excluded', says: `${at}: the viewer asked not to be shown it` });
    if (shelf.isHeld[film] !== 1)
      found.push({ rule: 'market', says: `${at}: no rights in market ${market}` });
    const oldest = oldestOf(catalogue, shelf, filmId, reason);
    if (!isAllowed(maxAge, oldest)) {
      found.push({ rule: 'age', says: `${at}: from age ${oldest}, the viewer's limit is ${maxAge}` });
    } else if (minAge !== oldest) {
      found.push({
        rule: 'age',
        says: `${at}: stored as from age ${minAge}, its certificates say ${oldest}`,
      });
    }
    return found;
  });
}

/** Minimum age of an item: of the film and of those its reason cites. */
function oldestOf(catalogue: Catalogue, shelf: Shelf, filmId: string, { movieIds }: Reason): number {
  return Math.max(
    ...[filmId, ...movieIds].map((id) => shelf.minAge[catalogue.indexOf(id) ?? -1] ?? Infinity),
  );
}

/**
 * The viewer as scoring saw it. Behaviour of who does not consent is in no history, so consent shows only where lists of
 * viewers without any likes are personal, too.
 */
function viewerOf(
  catalogue: Catalogue,
  { servedBy, market, maxAge, history = [] }: StoredList,
  minUserPos: number,
): Viewer {
  return {
    market,
    maxAge,
    isPersonal: servedBy === 'personal' || minUserPos > 0,
    history: history
      .flatMap(({ filmId, weightMicro, flags }) => {
        const film = catalogue.indexOf(filmId);
        if (film === undefined) return [];
        return [{ film, weightMicro, ...readFlags(flags) }];
      })
      .sort((a, b) => a.film - b.film),
  };
}

/** The first thing that is not as factors, history and formula give it; null = nothing. */
function difference({ servedBy, items }: StoredList, { films }: Catalogue, made: ScoredList): string | null {
  if (made.servedBy !== servedBy) return `is served by ${servedBy}, its factors give ${made.servedBy}`;
  for (let n = 0; n < Math.max(items.length, made.items.length); n++) {
    const [stored, wanted] = [items[n], made.items[n]];
    const at = `place ${n + 1}`;
    if (stored === undefined) return `${at}: nothing, its factors give film ${films[wanted!.film]!.filmId}`;
    if (wanted === undefined) return `${at}: film ${stored.filmId}, its factors give nothing`;
    const { filmId } = films[wanted.film]!;
    const score = Number(wanted.score.toPrecision(DIGITS));
    if (stored.filmId !== filmId) {
      return `${at}: film ${stored.filmId} (${stored.score}), its factors give film ${filmId} (${score})`;
    }
    if (stored.score !== score)
      return `${at}, film ${filmId}: score ${stored.score}, its factors give ${score}`;
    const [said, meant] = [stored.reason, wanted.reason];
    if (
      said.text !== meant.text ||
      said.kind !== meant.kind ||
      said.movieIds.join() !== meant.movieIds.join()
    ) {
      return `${at}, film ${filmId}: reason “${said.text}”, its history gives “${meant.text}”`;
    }
  }
  return null;
}
