import type { Config, ServedBy } from '../../contracts/index.js';
import { isAllowed } from '../age-gate/index.js';
import { formulaReason } from '../explain/reason.js';
import type { Catalogue, Fallback, Shelf } from './catalogue.js';
import type { Model } from './model.js';
import { createPersonalLists, type Listed, type ListParts, type PersonalLists } from './personal-list.js';
import { createPlainOrder } from './served-order.js';
import { isPassedOver, type ScoredItem, type Viewer } from './viewer.js';

export interface ScoredList {
  servedBy: ServedBy;
  items: ScoredItem[];
  /** With servedBy "none": a short code to count, and the sentence for people. */
  none?: { code: NoneCode; why: string };
}
export type NoneCode = 'empty-catalogue' | 'no-film-in-market' | 'no-film-at-age' | 'everything-seen';

type Settings = Pick<Config, 'lists' | 'eligibility' | 'blend'>;

/**
 * Lists of viewers; holds scratch memory, so one per thread.
 * Personal when there is a model, the viewer consents and liked enough, and something is left that is there for the
 * viewer's own sake; else what is popular where the viewer is, then the formula's Top; else nothing, with the reason. Filters: seen, disliked, hidden on request,
 * market, age. A personal list that is too short is filled up from the formula's Top: the model knows few of the films that
 * a child may see.
 */
export function createListMaker(
  catalogue: Catalogue,
  model: Model | null,
  settings: Settings,
  parts: Partial<ListParts> = {},
): ListMaker {
  return createListMakers(model, settings, parts)(catalogue);
}
export type ListMaker = (viewers: readonly Viewer[]) => ScoredList[];

/** The same for one catalogue after another; what hangs on the model alone is worked out once. Only the last maker is used. */
export function createListMakers(
  model: Model | null,
  settings: Settings,
  { allows = isAllowed, createOrder = createPlainOrder }: Partial<ListParts> = {},
): (catalogue: Catalogue) => ListMaker {
  const over = model === null ? null : createPersonalLists(model, settings, { allows, createOrder });
  return (catalogue) => listMaker(catalogue, over?.(catalogue) ?? null, settings, allows);
}

function listMaker(
  catalogue: Catalogue,
  personal: PersonalLists | null,
  settings: Settings,
  allows: ListParts['allows'],
): ListMaker {
  const hidden = new Uint8Array(catalogue.films.length);

  const listOf = ({ viewer, shelf }: Listed, own: readonly ScoredItem[]): ScoredList => {
    for (const interaction of viewer.history) hidden[interaction.film] = Number(isPassedOver(interaction));
    const mayShow = (film: number) =>
      hidden[film] === 0 && shelf.isHeld[film] === 1 && allows(viewer.maxAge, shelf.minAge[film]!);
    try {
      if (own.some(({ reason }) => reason.kind !== 'popular')) {
        const isOwn = new Set(own.map(({ film }) => film));
        const mayFill = (film: number) => !isOwn.has(film) && mayShow(film);
        const byFormula = { order: catalogue.top, popular: 0 };
        const rest = formulaItems(catalogue, shelf, byFormula, mayFill, settings.lists.size - own.length);
        const unscored = rest.map((item) => ({ ...item, score: 0 }));
        return { servedBy: 'personal', items: [...own, ...unscored] };
      }
      const fallback = catalogue.fallback(viewer.market, viewer.maxAge);
      const items = formulaItems(catalogue, shelf, fallback, mayShow, settings.lists.size);
      if (items.length > 0) return { servedBy: 'formula', items };
      return { servedBy: 'none', items: [], none: whyNothing(catalogue, shelf, viewer) };
    } finally {
      for (const { film } of viewer.history) hidden[film] = 0;
    }
  };

  return (viewers) => {
    const listed = viewers.map((viewer) => ({ viewer, shelf: catalogue.shelf(viewer.market) }));
    const own = personal?.(listed);
    return listed.map((one, at) => listOf(one, own?.[at] ?? []));
  };
}

function formulaItems(
  { films, isNew }: Catalogue,
  shelf: Shelf,
  { order, popular }: Fallback,
  mayShow: (film: number) => boolean,
  size: number,
): ScoredItem[] {
  const items: ScoredItem[] = [];
  for (const [place, film] of order.entries()) {
    if (items.length === size) break;
    if (!mayShow(film)) continue;
    const { weightedRating, votes } = films[film]!;
    const reason = formulaReason({ isNew: isNew[film] === 1, isPopular: place < popular, votes });
    items.push({ film, minAge: shelf.minAge[film]!, score: weightedRating, reason });
  }
  return items;
}

/** The first filter that leaves nothing. */
function whyNothing(
  { films }: Catalogue,
  { isHeld, minAge }: Shelf,
  { market, maxAge }: Viewer,
): { code: NoneCode; why: string } {
  if (films.length === 0) return { code: 'empty-catalogue', why: 'The catalogue has no films' };
  if (!isHeld.includes(1)) {
    return { code: 'no-film-in-market', why: `No film is available in market ${market}` };
  }
  if (!films.some((_, film) => isHeld[film] === 1 && isAllowed(maxAge, minAge[film]!))) {
    return { code: 'no-film-at-age', why: `No film has a certificate that allows it at age ${maxAge}` };
  }
  return { code: 'everything-seen', why: 'Every film that may be shown was seen or hidden already' };
}
