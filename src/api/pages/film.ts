import type { SimilarList, Why } from '../../contracts/api.js';
import { percent } from '../../core/percent.js';
import { card, count, decadePath, filmPath, genrePath, measured, rating } from './film-cards.js';
import { reasonText, why } from './for-you.js';
import { html, type Html, type Value } from './html.js';
import type { Personal, Programme, Shown } from './programme.js';
import { whyPlot } from './why-plot.js';

/** What the viewer has said of a film so far. */
export interface Said {
  rating: number | null;
  liked: boolean;
  disliked: boolean;
  saved: boolean;
  notInterested: boolean;
  notUsed: boolean;
}

export interface FilmPage {
  film: Shown;
  similar: SimilarList;
  programme: Programme;
  /** null: nobody is signed in. 'unknown': the store does not answer. */
  said: Said | 'unknown' | null;
  /** Where the film stands in the viewer's own list. */
  personal: Personal | null;
  /** What its place there is made of; null: not on the list, or not to be told. */
  why: Why | null;
  /** The surface whose link led here. */
  from: string | undefined;
  /** One id per rendering, from which those of its events are made: posting twice is doing once. */
  formId: string;
  /** What was just done, for readers without script. */
  done: string | null;
  minutesWatched?: number;
}

export function filmView(page: FilmPage): Html {
  const { film, said, personal } = page;
  return html`<article class="film-page" aria-labelledby="film">
      <div class="film-poster">${film.poster}</div>
      <div class="film-text">
        <h1 id="film">${film.title}</h1>
        <p class="film-line">
          ${joined([
            film.year === null
              ? null
              : html`<a href="${decadePath(film.year - (film.year % 10))}">${film.year}</a>`,
            film.runtimeMin === null ? null : html`${film.runtimeMin} min`,
            film.countries.join(', ') || null,
            film.languages.join(', ') || (film.year !== null && film.year < 1931 ? 'silent' : null),
          ])}
        </p>
        ${film.directors.length === 0 ? null : html`<p class="film-credit">Directed by <strong>${film.directors.map((name, i) => [i > 0 ? ', ' : null, person(name)])}</strong></p>`}
        ${film.actors.length === 0 ? null : html`<p class="film-credit">With ${film.actors.map((name, i) => [i > 0 ? ', ' : null, person(name)])}</p>`}
        <p class="tags">${film.genres.map((genre) => html`<a href="${genrePath(genre)}">${genre}</a> `)}</p>
        ${certificate(film)}
        ${page.done === null ? null : html`<p class="done" role="status">${page.done}</p>`}
        ${
          personal === null
            ? null
            : html`<div class="personal">
                <p class="reason">No. ${personal.place} on your list. ${reasonText(personal)}</p>
                ${personal.kind === 'withheld' ? null : whyPlot(page.why, page.programme)} ${why(personal)}
              </div>`
        }
        ${actions(page, said)}
      </div>
    </article>
    ${formula(film)} ${alike(page)}`;
}

function joined(parts: readonly Value[]): Value {
  const known = parts.filter((part) => part !== null && part !== false);
  return known.map((part, i) => [i > 0 ? ' · ' : null, part]);
}

function person(name: string): Html {
  return html`<a href="/search?q=${encodeURIComponent(name)}">${name}</a>`;
}

function certificate({ certificates, minAge }: Shown): Html {
  const printed = Object.entries(certificates).map(([scheme, labels]) => `${scheme} ${labels.join(', ')}`);
  const from = minAge === 0 ? 'For all ages' : html`From age ${minAge}`;
  const source =
    printed.length === 0
      ? 'no certificate known, so it counts as for adults'
      : html`certificate ${printed.join(', ')}`;
  return html`<p class="certificate">
    <span class="age-mark" aria-hidden="true">${minAge === 0 ? 'all' : minAge}</span> ${from}
    <span class="effect">(${source})</span>
  </p>`;
}

function actions({ film, formId, from }: FilmPage, said: FilmPage['said']): Html {
  const play = html`<a class="button" href="${filmPath(film)}/play"
    >Play<span class="unseen"> ${film.title}</span></a
  >`;
  if (said === null)
    return html`<div class="actions">
      ${play}<a class="button quiet" href="/sign-in?next=${encodeURIComponent(filmPath(film))}"
        >Sign in to rate and keep</a
      >
    </div>`;
  const origin = from === undefined ? null : html`<input type="hidden" name="from" value="${from}" />`;
  if (said === 'unknown')
    return html`<div class="actions">${play}</div>
      <p class="note">
        What you said of this film cannot be looked up just now, and nothing new can be recorded. The
        programme itself is complete.
      </p>`;
  const toggle = (isOn: boolean, on: string, off: string, label: string) =>
    html`<button
      name="do"
      value="${isOn ? off : on}"
      aria-pressed="${String(isOn)}"
      data-on="${on}"
      data-off="${off}"
      class="toggle"
    >
      ${label}
    </button>`;
  return html`<div class="actions">${play}</div>
    <form method="post" action="${filmPath(film)}/act" class="opinions" data-act>
      <input type="hidden" name="form" value="${formId}" />${origin}
      <div class="toggles">
        ${toggle(said.liked, 'like', 'unlike', 'Like')}${toggle(said.disliked, 'dislike', 'undislike', 'Dislike')}${toggle(said.saved, 'bookmark_add', 'bookmark_remove', 'Bookmark')}<button
          name="do"
          value="share"
          class="toggle"
          data-share="${film.title}"
        >
          Share
        </button>
      </div>
    </form>
    <form method="post" action="${filmPath(film)}/act" class="rating-form" data-act>
      <input type="hidden" name="form" value="${formId}" />${origin}<input
        type="hidden"
        name="do"
        value="rate"
      />
      <fieldset>
        <legend>Your rating${said.rating === null ? null : html`: <b>${said.rating}</b> of 10`}</legend>
        <div class="marks">
          ${Array.from({ length: 10 }, (_, i) => html`<button name="value" value="${i + 1}" aria-pressed="${String(said.rating === i + 1)}" aria-label="Rate ${i + 1} of 10">${i + 1}</button>`)}
        </div>
      </fieldset>
    </form>
    <form
      method="post"
      action="${filmPath(film)}/act"
      class="unrate"
      data-act${said.rating === null ? html` hidden` : null}
    >
      <input type="hidden" name="form" value="${formId}" />${origin}<button
        name="do"
        value="unrate"
        class="plain"
      >
        Take the rating back
      </button>
    </form>
    <form method="post" action="${filmPath(film)}/act" class="objections" data-act>
      <input type="hidden" name="form" value="${formId}" />${origin}
      ${objection(said.notInterested, 'not_interested', 'Not interested', 'hides it from your lists')}
      ${objection(said.notUsed, 'dont_use', 'Don’t use this film', 'what you did with it trains and explains nothing')}
    </form>`;
}

function objection(isOn: boolean, what: string, label: string, effect: string): Html {
  return html`<p>
    <button
      name="do"
      value="${isOn ? `undo_${what}` : what}"
      aria-pressed="${String(isOn)}"
      data-on="${what}"
      data-off="undo_${what}"
      class="toggle small"
    >
      ${label}
    </button>
    <span class="effect">${effect}</span>
  </p>`;
}

/** Science B.1 with the film's own numbers. */
function formula({ formula: { v, R, m, C, e = 0, E = 0 }, weightedRating, title }: Shown): Html {
  const isKnownElsewhere = e > 0;
  const share = v / (v + m);
  return html`<section class="formula" aria-labelledby="formula">
    <div class="section-head">
      <h2 id="formula">Why ${rating(weightedRating)}?</h2>
      <p>The weighted rating, worked out</p>
    </div>
    <div class="formula-body">
      <div
        class="equation"
        role="img"
        aria-label="Weighted rating = (v times R plus ${isKnownElsewhere ? 'm minus e times C plus e times E' : 'm times C'}) divided by (v plus m) = ${rating(weightedRating)}"
      >
        <p class="equation-row">
          <span>WR</span><span>=</span
          ><span class="fraction"
            ><span
              ><i>v</i> · <i>R</i> +
              ${isKnownElsewhere ? html`(<i>m</i> − <i>e</i>) · <i>C</i> + <i>e</i> · <i>E</i>` : html`<i>m</i> · <i>C</i>`}</span
            ><span><i>v</i> + <i>m</i></span></span
          >
        </p>
        <p class="equation-row">
          <span class="unseen-space">WR</span><span>=</span
          ><span class="fraction"
            ><span
              >${count(v)} · ${R === null ? '—' : rating(R)} + ${number(m - e)} ·
              ${rating(C)}${isKnownElsewhere ? html` + ${number(e)} · ${rating(E)}` : null}</span
            ><span>${count(v)} + ${number(m)}</span></span
          ><span>=</span><strong>${rating(weightedRating)}</strong>
        </p>
      </div>
      <div>
        <dl class="terms">
          <div>
            <dt><i>v</i></dt>
            <dd><b>${count(v)}</b> votes of regular voters for this film</dd>
          </div>
          <div>
            <dt><i>R</i></dt>
            <dd><b>${R === null ? 'none yet' : rating(R)}</b> their mean</dd>
          </div>
          <div>
            <dt><i>m</i></dt>
            <dd><b>${number(m)}</b> votes that the house adds to every film</dd>
          </div>
          <div>
            <dt><i>C</i></dt>
            <dd><b>${rating(C)}</b> each of those: the mean of all votes</dd>
          </div>
          ${
            isKnownElsewhere
              ? html`<div>
                  <dt><i>E</i></dt>
                  <dd>
                    <b>${rating(E)}</b> the mean elsewhere, of which <i>e</i> = ${number(e)} votes stand in
                    for as many of <i>m</i>
                  </dd>
                </div>`
              : null
          }
        </dl>
        <p class="weigh">
          <meter
            min="0"
            max="1"
            value="${share.toFixed(3)}"
            aria-label="Share of the viewers’ own votes in the rating of ${title}"
          >
            ${percent(share, 0)}
          </meter>
          <span
            >${percent(share, 0)} of the result is its own votes; the rest is held at the mean until more
            come.</span
          >
        </p>
      </div>
    </div>
  </section>`;
}

function number(value: number): string {
  return Number.isInteger(value) ? count(value) : value.toFixed(1);
}

function alike({ similar, programme }: FilmPage): Html | null {
  const reasons = new Map(similar.items.map(({ movieId, why: { text } }) => [movieId, text]));
  const items = programme.listed(similar.items);
  if (items.length === 0) return null;
  return html`<section aria-labelledby="similar">
    <div class="section-head"><h2 id="similar">More like it</h2></div>
    <ul class="row" ${measured('similar')}>
      ${items.map((item) => card(item, reasons.get(item.film.movieId)))}
    </ul>
  </section>`;
}
