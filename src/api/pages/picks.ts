import type { MovieListItem } from '../../contracts/api.js';
import { facts, measured, measuredItem } from './film-cards.js';
import type { Audience } from '../audience.js';
import { html, type Html } from './html.js';
import type { Programme } from './programme.js';

/** Films to pick from: a page of them on a phone, and enough for most tastes. */
const OFFERED = 24;
/** Of one leading genre, as long as others are left: three picks should be able to differ. */
const OF_A_GENRE = 4;
/** Films that are looked through for them. */
const LOOKED_THROUGH = 100;

export interface PicksPage {
  form: string;
  next: string;
  /** Sent without a pick. */
  isEmpty: boolean;
  /** Nothing is known of the viewer. */
  isNew: boolean;
  /** Films that the viewer need not be asked about. */
  known: ReadonlySet<string>;
}

/** In the order given, but of one leading genre only so many before all others have had their turn. */
export function offered(items: readonly MovieListItem[]): MovieListItem[] {
  const taken = new Map<string, number>();
  const [first, later]: [MovieListItem[], MovieListItem[]] = [[], []];
  for (const item of items) {
    const genre = item.genres[0] ?? '';
    const count = taken.get(genre) ?? 0;
    taken.set(genre, count + 1);
    (count < OF_A_GENRE ? first : later).push(item);
  }
  return [...first, ...later].slice(0, OFFERED);
}

/**
 * Films that a viewer, mostly one of whom nothing is known, may love: each pick is a like, and the list is worked out from them. `viewer` has
 * the age of the profile, by which its age band goes; pages for adults are all of one age.
 */
export function picksView(
  programme: Programme,
  viewer: Audience,
  { form, next, isEmpty, isNew, known }: PicksPage,
): Html {
  const { shelf, lists, audience } = programme;
  const popular = lists.popular(viewer, LOOKED_THROUGH + known.size).items;
  const shown = popular.filter(
    ({ movieId }) => !known.has(movieId) && shelf.film(movieId, audience) !== null,
  );
  const items = programme.listed(offered(shown).map(({ movieId }) => ({ movieId })));
  return html`<div class="section-head page-head">
      <h1>Pick three films you love</h1>
      <p>
        ${isNew ? 'The house knows nothing of your taste yet. ' : null}Each film that you pick counts as a
        like; your list is made ${isNew ? 'from them' : 'anew'} at once.
      </p>
    </div>
    <form method="post" action="/picks" class="picks">
      <input type="hidden" name="form" value="${form}" /><input type="hidden" name="next" value="${next}" />
      ${isEmpty ? html`<p class="note" role="alert" tabindex="-1" autofocus>Nothing was picked. One film is enough to begin with, or skip this page.</p>` : null}
      <fieldset>
        <legend class="unseen">Films to pick from</legend>
        <ul class="wall" ${measured('picks')}>
          ${items.map(
            (item) =>
              html`<li class="pick" ${measuredItem(item)}>
                <label
                  ><input type="checkbox" name="film" value="${item.film.movieId}" />${item.film.poster}<span
                    class="film-title"
                    >${item.film.title}</span
                  ><span class="film-facts">${facts(item.film)}</span></label
                >
              </li>`,
          )}
        </ul>
      </fieldset>
      <p class="actions picks-actions">
        <button class="button">Make my list</button><a class="button quiet" href="${next}">Skip</a>
      </p>
    </form>`;
}
