import type { Recommendations } from '../../contracts/api.js';
import { filmPath, facts, measured, measuredItem } from './film-cards.js';
import type { Visitor } from './frame.js';
import { html, type Html, type Value } from './html.js';
import type { Personal, Programme } from './programme.js';

export const FOR_YOU = 5;

export interface OwnList extends Recommendations {
  /** Not the viewer's own, and could be: personal lists are allowed. */
  canBePersonal: boolean;
}

/** The viewer's list: its first five on the home page, or the whole of it; each film with why, and what can be said to that. */
export function forYou(visitor: Visitor, list: OwnList, programme: Programme, most: number = FOR_YOU): Html {
  const items = programme.personal(list.items).slice(0, most);
  const heading =
    most > FOR_YOU
      ? html`<h1 id="for-you">For ${visitor.name}</h1>`
      : html`<h2 id="for-you">For ${visitor.name}</h2>`;
  if (items.length === 0) {
    return html`<section aria-labelledby="for-you">
      <div class="section-head">${heading}</div>
      <p class="note">Nothing can be shown tonight: ${list.why ?? 'no film is left for this profile'}.</p>
    </section>`;
  }
  const more = most > FOR_YOU ? null : html` <a href="/for-you">The whole list</a>`;
  return html`<section class="for-you" aria-labelledby="for-you">
<div class="section-head">${heading}<p>${source(list)}${more}</p></div>
<ol${measured('for-you', list.release)}>${items.map((item) => ticket(item, list.servedBy === 'personal'))}</ol>
</section>`;
}

function source({ servedBy, why, madeAt, canBePersonal }: OwnList): Value {
  if (servedBy === 'personal')
    return madeAt !== undefined
      ? 'Worked out again since last night, from what you did.'
      : 'Chosen last night from what you did.';
  return html`The house’s
  choice${why === undefined ? null : html`: ${why}`}.${canBePersonal ? html` <a href="/picks">Pick three films you love</a>, and the list is yours.` : null}`;
}

function ticket(item: Personal, isPersonal: boolean): Html {
  const { film, place } = item;
  return html`<li class="ticket" ${measuredItem(item)}>
    <a class="ticket-film" href="${filmPath(film)}"
      ><span class="place" aria-hidden="true">${place}</span>${film.poster}<span class="film-title"
        >${film.title}</span
      ></a
    >
    <p class="film-facts">${facts(film)}</p>
    <p class="reason">${reasonText(item)}</p>
    ${why(item, isPersonal)}
  </li>`;
}

/** The reason's sentence, the films it names as links. */
export function reasonText({ text, cited }: Pick<Personal, 'text' | 'cited'>): Value {
  const parts: Value[] = [];
  let rest = text;
  for (const film of cited) {
    const at = rest.indexOf(film.title);
    if (at === -1) continue;
    parts.push(rest.slice(0, at), html`<a href="${filmPath(film)}">${film.title}</a>`);
    rest = rest.slice(at + film.title.length);
  }
  return [...parts, rest];
}

/** What a reason means, by what weighs most in the film's place (decision 006). */
function meaningOf({ kind, text }: Personal): string {
  switch (kind) {
    case 'watched':
    case 'liked':
    case 'rated':
    case 'saved':
    case 'shared':
      return 'Your taste weighs most in this film’s place on your list, and in your taste, what you did with the films named.';
    case 'genre':
      return 'No single film of yours stands out here; of what you like, this kind of film weighs most.';
    case 'withheld':
      return 'What weighs most in its place names films that this profile may not see; so it is not told.';
    case 'popular':
      return text === 'Popular now'
        ? 'Many viewers watch it these days, and that weighs more in its place here than your taste.'
        : 'Not personal: it stands here by the weighted rating of all viewers.';
    case 'new':
      return 'Not personal: it has just arrived.';
  }
}

/** "Why this film?": what the reason means, and the two ways to object to it. */
export function why(item: Personal, isOnList = false): Html {
  const { film, cited } = item;
  return html`<details class="why">
    <summary>Why this film?<span class="unseen"> (${film.title})</span></summary>
    <p>
      ${meaningOf(item)}${item.kind === 'withheld' || !isOnList ? null : html` <a href="${filmPath(film)}#why">The figures</a>`}
    </p>
    ${cited.map((source) => objection(source, 'dont_use', html`Don’t use <cite>${source.title}</cite>`, 'It will no longer train or explain anything of yours.'))}
    ${objection(film, 'not_interested', html`Not interested in <cite>${film.title}</cite>`, 'It leaves your lists.')}
  </details>`;
}

function objection(film: { movieId: string }, what: string, label: Value, effect: string): Html {
  return html`<form method="post" action="${filmPath(film)}/act" data-act>
    <input type="hidden" name="back" value="/" /><button name="do" value="${what}" class="plain">
      ${label}
    </button>
    <span class="effect">${effect}</span>
  </form>`;
}
