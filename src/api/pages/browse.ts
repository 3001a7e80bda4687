import type { Facets, MoviePage } from '../../contracts/api.js';
import { films, filmPath, measured, measuredItem, rating, count, wall } from './film-cards.js';
import { indexOf } from './home.js';
import { html, type Html } from './html.js';
import type { Listed, Programme } from './programme.js';

/** The Top 50 as a table of contents: place, poster, title, and the two numbers that put it there. */
export function topView(items: readonly Listed[], provisional: boolean): Html {
  return html`<div class="section-head page-head">
      <h1 id="top50">Top 50</h1>
      <p>By weighted rating; no taste, no model: <a href="/about#formula">one formula</a></p>
    </div>
    ${provisional ? html`<p class="note">Provisional: not all of these have the votes that the formula asks for yet.</p>` : null}
    <ol class="chart" ${measured('top50')}>
      ${items.map((item) => chartLine(item))}
    </ol>`;
}

function chartLine(item: Listed): Html {
  const { film, place } = item;
  const facts = [film.year, film.directors[0]].filter(Boolean).join(', ');
  return html`<li${measuredItem(item)}><span class="place">${place}</span><a href="${filmPath(film)}">${film.poster}<span><span class="chart-title">${film.title}</span> <span class="chart-facts">${facts}</span></span></a><span class="chart-numbers"><span class="unseen">Weighted rating </span><b>${rating(film.weightedRating)}</b> <span class="chart-votes">${count(film.votes)} votes</span></span></li>`;
}

export interface Asked {
  query: string;
  genre: string | null;
  decade: number | null;
}

/** Results of a search, or the films of a genre or decade. */
export function foundView(asked: Asked, page: MoviePage, programme: Programme, more: string | null): Html {
  const items = programme.listed(page.items);
  const heading = headingOf(asked);
  return html`<div class="section-head page-head">
      <h1>${heading}</h1>
      <p>${films(page.total)}</p>
    </div>
    ${items.length === 0 ? nothing(asked) : wall(asked.query === '' ? 'browse' : 'search', items)}
    ${more === null ? null : html`<p class="more"><a class="button quiet" href="${more}">More films</a></p>`}`;
}

function headingOf({ query, genre, decade }: Asked): string {
  const where = [genre, decade === null ? null : `${decade}s`].filter((part) => part !== null).join(', ');
  if (query !== '') return `“${query}”${where === '' ? '' : ` in ${where}`}`;
  return where === '' ? 'All films' : where;
}

function nothing({ query }: Asked): Html {
  return html`<p class="note">
    ${query === '' ? 'No film here' : html`No film, person or year begins like “${query}”`}. Films that this
    profile may not see are not counted. <a href="/browse">The index</a> has everything else.
  </p>`;
}

export function browseView(programme: Programme, { genres, decades }: Facets): Html {
  return html`<h1 class="unseen">Index of films</h1>
    ${indexOf(programme, genres, decades)}`;
}
