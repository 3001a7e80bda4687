import { html, type Html } from './html.js';

export interface Editions {
  formula: { releaseId: string; night: string } | null;
  lists: { releaseId: string; night: string } | null;
}

export function aboutView({ formula, lists }: Editions): Html {
  return html`<article class="prose" aria-labelledby="about">
    <h1 id="about">About this house</h1>
    <p class="lead">
      Retro Movies is a demonstration. The films are real and their facts compiled by hand; the viewers you
      can sign in as, and the three thousand others, are simulated. There is nothing to stream.
    </p>
    <h2>How the programme is made</h2>
    <p>
      Every night what viewers did is taken out of the operational database, put into a warehouse, and turned
      into one number per viewer and film. A model learns from them, is judged against plain popularity and
      against the formula below, and only a model that is better is released. In between, what you do yourself
      counts at once: when you like, dislike, rate or finish a film, your list is worked out again by the same
      model, and what you are not interested in leaves it. What others do counts from the next night on. Each
      film on your list says why it is there: those films of yours that weigh most in its score, worked out
      exactly, not guessed.
    </p>
    <dl class="editions">
      <div>
        <dt>Lists released</dt>
        <dd>
          ${lists === null ? 'none yet: everybody sees the formula’s' : html`<code>${lists.releaseId}</code>`}
        </dd>
      </div>
      <div>
        <dt>Catalogue and Top 50</dt>
        <dd>${formula === null ? 'none yet' : html`<code>${formula.releaseId}</code>`}</dd>
      </div>
    </dl>
    <h2 id="formula">The formula of the Top 50</h2>
    <p class="formula-line"><i>WR</i> = (<i>v</i>·<i>R</i> + <i>m</i>·<i>C</i>) ÷ (<i>v</i> + <i>m</i>)</p>
    <p>
      <i>v</i> votes with mean <i>R</i>, held back by <i>m</i> imagined votes at the mean of all films,
      <i>C</i>. Few votes stay near the mean; many speak for themselves. It has no taste and never changes its
      mind. Every film’s page shows it with that film’s own numbers.
    </p>
    <h2 id="measured">What is measured</h2>
    <p>Only while a viewer is signed in, and only on this server:</p>
    <ul>
      <li>
        <b>What you do on purpose:</b> ratings, likes and dislikes, bookmarks, shares, opening a film’s page.
      </li>
      <li><b>Which minutes of a film ran</b> in the projector. Pauses do not count, nor what you skipped.</li>
      <li>
        <b>Which films you saw in a list</b>, with the list’s name, its release and the place in it: when at
        least half of the poster was on screen for at least one second.
      </li>
      <li><b>How far you scrolled</b> on a page, and <b>which result of a search</b> you chose.</li>
      <li>
        <b>With each of these:</b> the time, the page’s kind, a random number of this tab’s visit, phone or
        desktop, your browser’s language, and that it was this shop.
      </li>
    </ul>
    <p>
      No other site is asked for anything. Stored in your browser are the sign-in cookie; for half a minute at
      most, a cookie with what you just said of a film; and, until you close the tab, the random number of its
      visit and events that are waiting to be sent. “Don’t use this film” takes what you did with a film out
      of your list at once, and out of what nights learn from the next one on.
    </p>
    <h2>Children</h2>
    <p>
      A profile’s age decides what any page shows: rows, search, similar films, reasons, this programme’s
      counts. A film without a certificate counts as one for adults until somebody proves otherwise.
    </p>
    <h2>For engineers</h2>
    <p>
      <a href="/docs">The API’s pages</a> · <a href="/openapi.json">OpenAPI</a> ·
      <a href="/metrics">Metrics</a> · <a href="/readyz">Readiness</a>
    </p>
  </article>`;
}
