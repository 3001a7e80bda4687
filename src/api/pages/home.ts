import { forYou, type OwnList } from './for-you.js';
import type { Visitor } from './frame.js';
import {
  count,
  decadePath,
  filmPath,
  films,
  genrePath,
  measured,
  measuredItem,
  rating,
  row,
} from './film-cards.js';
import { html, type Html } from './html.js';
import type { Listed, Programme } from './programme.js';

const ROW = 10;
const GENRE_ROWS = 3;
/** A genre is worth a row from this many films. */
const ROW_MIN = 5;

/** The top of the page, for who has not signed in. */
export function welcome(programme: Programme, signIn: boolean): Html {
  const [feature] = programme.listed(programme.lists.top(programme.audience, 1).items);
  const { decades } = programme.shelf.facets(programme.audience);
  const total = decades.reduce((sum, { count: n }) => sum + n, 0);
  return html`<section class="welcome" aria-labelledby="welcome">
    <div>
      <h1 id="welcome">Old films, <em>a&nbsp;programme of your own,</em> printed every night.</h1>
      <p class="lead">
        ${films(total)}, from the silents of the ${decades[0]?.decade ?? 1900}s on. Sign in, watch, rate,
        bookmark: overnight the house learns what you like, and says why each film is on your list.
      </p>
      <p class="actions">
        ${signIn ? html`<a class="button" href="/sign-in">Sign in as a demo viewer</a>` : null}<a
          class="button quiet"
          href="/top"
          >See the Top 50</a
        >
      </p>
    </div>
    ${
      feature === undefined
        ? null
        : html`<a class="feature" href="${filmPath(feature.film)}"
            >${feature.film.poster}<span
              ><span class="over">Top of the list</span> ${feature.film.title}</span
            ></a
          >`
    }
  </section>`;
}

/** For you: the served list's first five, with their reasons. */
export function greeting(visitor: Visitor, list: OwnList, programme: Programme): Html {
  return html`<h1 class="unseen">Tonight for ${visitor.name}</h1>
    ${forYou(visitor, list, programme)}`;
}

/** Everything below: the same for every visitor of an audience. */
export function rows(programme: Programme): Html {
  const { audience, lists, shelf, listed } = programme;
  const { genres, decades } = shelf.facets(audience);
  const top = lists.top(audience, ROW);
  const wanted = genres.filter(({ genre, count: n }) => n >= ROW_MIN && genre !== 'Drama').slice(0, 12);
  // Another three genres and another decade every night, the same for everybody.
  const day = Math.floor(Date.parse(`${programme.night}T00:00:00Z`) / 86_400_000) || 0;
  const tonight = wanted.map((_, i) => wanted[(i + day * GENRE_ROWS) % wanted.length]).slice(0, GENRE_ROWS);
  const full = decades.filter(({ count: n }) => n >= ROW_MIN);
  const decade = full[day % Math.max(1, full.length)]?.decade;
  const search = (question: { genre?: string; decade?: number }) =>
    listed(shelf.search({ ...question, limit: ROW }, audience).items);
  return html`${row({
    id: 'new',
    title: 'New arrivals',
    aside: 'The last weeks’ prints, newest first',
    items: listed(lists.arrivals(audience, ROW).items),
  })}
  ${ranking(programme, listed(top.items), top.provisional)}
  ${tonight.map((genre) =>
    genre === undefined
      ? null
      : row({
          id: `genre-${slug(genre.genre)}`,
          title: genre.genre,
          aside: html`<a href="${genrePath(genre.genre)}">All ${films(genre.count)}</a>`,
          items: search({ genre: genre.genre }),
        }),
  )}
  ${
    decade === undefined
      ? null
      : row({
          id: `decade-${decade}`,
          title: html`The ${decade}s`,
          aside: html`<a href="${decadePath(decade)}">All of the decade</a>`,
          items: search({ decade }),
        })
  }
  ${indexOf(programme, genres, decades)}`;
}

function ranking(_programme: Programme, items: readonly Listed[], provisional: boolean): Html | null {
  if (items.length === 0) return null;
  return html`<section aria-labelledby="top">
    <div class="section-head">
      <h2 id="top">Top ten</h2>
      <p><a href="/top">The whole Top 50</a></p>
    </div>
    ${provisional ? html`<p class="note">Provisional: few films have votes enough yet.</p>` : null}
    <ol class="ranking" ${measured('top')}>
      ${items.map(
        (item) =>
          html`<li${measuredItem(item)}><a href="${filmPath(item.film)}"><span class="place">${item.place}</span>${item.film.poster}<span class="ranking-title">${item.film.title}</span></a><span class="ranking-facts">${item.film.year} · <abbr title="weighted rating">WR</abbr> ${rating(item.film.weightedRating)}</span></li>`,
      )}
    </ol>
  </section>`;
}

/** The back page of the programme. */
export function indexOf(
  _programme: Programme,
  genres: readonly { genre: string; count: number }[],
  decades: readonly { decade: number; count: number }[],
): Html {
  return html`<section class="index" aria-labelledby="index">
    <div class="section-head"><h2 id="index">Index</h2></div>
    <h3>By decade</h3>
    <ul class="decades">
      ${decades.map(
        ({ decade, count: n }) =>
          html`<li><a href="${decadePath(decade)}">${decade}s</a> <span>${count(n)}</span></li>`,
      )}
    </ul>
    <h3>By genre</h3>
    <ul class="genres">
      ${genres.map(
        ({ genre, count: n }) =>
          html`<li><a href="${genrePath(genre)}">${genre}</a> <span>${count(n)}</span></li>`,
      )}
    </ul>
  </section>`;
}

export function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
