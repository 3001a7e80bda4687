import { html, type Html, type Value } from './html.js';
import type { Listed, Shown } from './programme.js';

export function filmPath({ movieId }: { movieId: string }): string {
  return `/film/${encodeURIComponent(movieId)}`;
}
export function genrePath(genre: string): string {
  return `/browse?genre=${encodeURIComponent(genre)}`;
}
export function decadePath(decade: number): string {
  return `/browse?decade=${decade}`;
}

/** What a list is to the measuring script: impressions name it, its release when that is not the page's, and the place in it. */
export function measured(list: string, release?: string): Html {
  return html` data-list="${list}"${release === undefined ? null : html` data-release="${release}"`}`;
}
export function measuredItem({ film, place }: Listed): Html {
  return html` data-film="${film.movieId}" data-place="${place}"`;
}

/** Poster, title, year: the whole of it one link. */
export function card(item: Listed, note?: Value): Html {
  const { film } = item;
  return html`<li class="film" ${measuredItem(item)}>
    <a href="${filmPath(film)}">${film.poster}<span class="film-title">${film.title}</span></a>
    <p class="film-facts">${facts(film)}</p>
    ${note === undefined ? null : html`<p class="film-note">${note}</p>`}
  </li>`;
}

export function facts(film: Shown): Value {
  return [film.year, film.genres[0]].filter((fact) => fact !== undefined && fact !== null).join(' · ');
}

/** A row that scrolls sideways where there is no room. */
export function row({
  id,
  title,
  aside,
  items,
  note,
}: {
  id: string;
  title: Value;
  aside?: Value;
  items: readonly Listed[];
  note?: (item: Listed) => Value;
}): Html | null {
  if (items.length === 0) return null;
  return html`<section aria-labelledby="${id}">
    <div class="section-head">
      <h2 id="${id}">${title}</h2>
      ${aside === undefined ? null : html`<p>${aside}</p>`}
    </div>
    <ul class="row" ${measured(id)}>
      ${items.map((item) => card(item, note?.(item)))}
    </ul>
  </section>`;
}

/** Films as a grid that wraps. */
export function wall(list: string, items: readonly Listed[], note?: (item: Listed) => Value): Html {
  return html`<ul class="wall" ${measured(list)}>
    ${items.map((item) => card(item, note?.(item)))}
  </ul>`;
}

export function rating(value: number): string {
  return value.toFixed(2);
}
export function count(value: number): string {
  return value.toLocaleString('en-GB');
}
/** "5 films", "1 film". */
export function films(value: number): string {
  return `${count(value)} ${value === 1 ? 'film' : 'films'}`;
}
