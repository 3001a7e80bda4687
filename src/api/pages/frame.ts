import { html, type Html, type Value } from './html.js';

/** Who is looking. */
export interface Visitor {
  profileId: string;
  accountId: string | null;
  /** "Ada", and what the demo says of her: "film noir". */
  name: string;
  about: string;
}

export interface Frame {
  /** Addresses of the static files. */
  css: string;
  icon: string;
  /** The page's script first, then what it needs. */
  scripts: readonly string[];
  visitor: Visitor | null;
  /** null: nothing has been released. */
  edition: { releaseId: string } | null;
  /** The night that made the personal lists; null: none has yet. */
  night: string | null;
  /** Highest minimum age on the page. */
  maxAge: number | null;
  signIn: boolean;
  /** There is a model card to show. */
  hasCard: boolean;
}

export interface Page {
  title: string;
  description?: string;
  /** Where it is: what events say as surface, and what the navigation marks. */
  surface: string;
  /** The surface whose link led here, where that is told. */
  from?: string | undefined;
  /** What the search field holds. */
  query?: string;
  body: Html;
}

const NAV = [
  ['/', 'Tonight', 'home'],
  ['/top', 'Top 50', 'top'],
  ['/browse', 'Index', 'browse'],
] as const;

export function document(
  { css, icon, scripts, visitor, edition, night, maxAge, signIn, hasCard }: Frame,
  page: Page,
): string {
  const [script] = scripts;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${page.title} · Retro Movies</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" content="#fbe6da" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#14141f" media="(prefers-color-scheme: dark)" />
        ${page.description === undefined ? null : html`<meta name="description" content="${page.description}" />`}
        <link rel="stylesheet" href="${css}" />
        <link rel="icon" href="${icon}" type="image/svg+xml" />
        ${scripts.slice(1).map((src) => html`<link rel="modulepreload" href="${src}" />`)}
        ${script === undefined ? null : html`<script type="module" src="${script}"></script>`}
      </head>
      <body
        data-surface="${page.surface}"
        ${page.from === undefined ? null : html` data-from="${page.from}"`}
        ${edition === null ? null : html` data-release="${edition.releaseId}"`}${visitor === null ? null : html` data-viewer="${visitor.profileId}"`}
      >
        <a class="skip" href="#main">Skip to the programme</a>
        <header class="masthead">
          <div class="masthead-top">
            <p class="edition">${editionLine(edition, night)}</p>
            ${maxAge !== null && maxAge < 18 ? html`<p class="edition"><span class="age-mark">${maxAge}</span> Only films for age ${maxAge} and below</p>` : null}
          </div>
          <p class="name">
            <a href="/">Retro <span>Movies</span></a>
          </p>
          <div class="bar">
            <nav aria-label="Sections">
              <ul>
                ${NAV.map(
                  ([href, name, surface]) =>
                    html`<li>
                      <a href="${href}" ${page.surface === surface ? html` aria-current="page"` : null}
                        >${name}</a
                      >
                    </li>`,
                )}${visitor === null ? null : html`<li><a href="/mine" ${page.surface === 'mine' ? html` aria-current="page"` : null}>My list</a></li>`}
              </ul>
            </nav>
            <form class="search" role="search" action="/search">
              <label class="unseen" for="q">Search films and people</label
              ><input
                id="q"
                name="q"
                type="search"
                autocomplete="off"
                maxlength="200"
                placeholder="Film, person, year"
                value="${page.query ?? ''}"
              /><button>Search</button>
            </form>
            ${who(visitor, signIn)}
          </div>
        </header>
        <main id="main" tabindex="-1">${page.body}</main>
        <footer>
          <p>
            <strong>Retro Movies</strong> is the demo house of Matinee, which prints this programme anew every
            night from what its viewers did. Viewers here are simulated; films and their facts are not.
          </p>
          <ul>
            <li><a href="/about">About, and what is measured</a></li>
            ${hasCard ? html`<li><a href="/card">The model card</a></li>` : null}
            <li><a href="/docs">The API</a></li>
            <li><a href="/openapi.json">OpenAPI</a></li>
          </ul>
        </footer>
        <p class="unseen" role="status" id="said"></p>
      </body>
    </html>`.text;
}

function editionLine(edition: Frame['edition'], night: Frame['night']): Value {
  if (edition === null) return 'First programme in the making';
  if (night === null) return 'Programme of the house; lists after the first night';
  return html`Programme after the night of <time datetime="${night}">${longDate(night)}</time>`;
}

function who(visitor: Visitor | null, signIn: boolean): Html | null {
  if (visitor === null)
    return signIn ? html`<p class="who"><a class="button" href="/sign-in">Sign in</a></p>` : null;
  return html`<div class="who">
    <a href="/sign-in" class="who-name"
      ><span class="unseen">Signed in as </span>${visitor.name}<span class="unseen">, change viewer</span></a
    >
    <form method="post" action="/sign-out"><button class="plain">Sign out</button></form>
  </div>`;
}

/** "Tuesday 24 November 2026" of "2026-11-24". */
export function longDate(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(date);
  return `${part({ weekday: 'long' })} ${part({ day: 'numeric' })} ${part({ month: 'long' })} ${part({ year: 'numeric' })}`;
}
