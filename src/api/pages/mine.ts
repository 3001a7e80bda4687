import { filmPath, measured, wall } from './film-cards.js';
import type { Visitor } from './frame.js';
import { html, type Html, type Value } from './html.js';
import type { Programme } from './programme.js';

export interface Kept {
  ratings: readonly { filmId: string; value: number }[];
  liked: readonly string[];
  disliked: readonly string[];
  saved: readonly string[];
  excluded: readonly { filmId: string; kind: 'not_interested' | 'dont_use' }[];
}

/** All that the viewer said, and the way to it. Films of another age or market are not among it. */
export function mineView(visitor: Visitor, kept: Kept, programme: Programme): Html {
  const of = (ids: readonly string[]) => programme.listed(ids.map((movieId) => ({ movieId })));
  const values = new Map(kept.ratings.map(({ filmId, value }) => [filmId, value]));
  const parts = [
    section('saved', 'Bookmarks', of(kept.saved), () => undefined),
    section(
      'rated',
      'Your ratings',
      of(kept.ratings.map(({ filmId }) => filmId)),
      ({ film }) => html`<b>${values.get(film.movieId) ?? null}</b> of 10`,
    ),
    section('liked', 'Liked', of(kept.liked), () => undefined),
    section('disliked', 'Disliked', of(kept.disliked), () => undefined),
    excluded(kept, programme),
  ].filter((part) => part !== null);
  return html`<div class="section-head page-head">
      <h1>${visitor.name}’s list</h1>
      <p>What you said so far. A film’s page changes it, or takes it back</p>
    </div>
    ${parts.length === 0 ? html`<p class="note">Nothing yet. Bookmark, rate or like a film, and it is here.</p>` : parts}`;
}

function section(
  id: string,
  title: string,
  items: ReturnType<Programme['listed']>,
  note: (item: ReturnType<Programme['listed']>[number]) => Value,
): Html | null {
  if (items.length === 0) return null;
  return html`<section aria-labelledby="${id}">
    <div class="section-head">
      <h2 id="${id}">${title}</h2>
      <p>${items.length}</p>
    </div>
    ${wall(id, items, note)}
  </section>`;
}

function excluded(kept: Kept, programme: Programme): Html | null {
  const rows = kept.excluded.flatMap(({ filmId, kind }) => {
    const film = programme.film(filmId);
    if (film === null) return [];
    const what =
      kind === 'dont_use'
        ? 'not used: trains and explains nothing'
        : 'not interested: hidden from your lists';
    return [
      html`<li>
        <a href="${filmPath(film)}">${film.title}</a> <span class="effect">${what}</span>
        <form method="post" action="${filmPath(film)}/act" data-act>
          <input type="hidden" name="back" value="/mine" /><button
            name="do"
            value="undo_${kind}"
            class="plain"
          >
            Take back<span class="unseen"> ${film.title}</span>
          </button>
        </form>
      </li>`,
    ];
  });
  if (rows.length === 0) return null;
  return html`<section aria-labelledby="excluded">
    <div class="section-head"><h2 id="excluded">Not interested, not used</h2></div>
    <ul class="aside" ${measured('excluded')}>
      ${rows}
    </ul>
  </section>`;
}
