import type { Why } from '../../contracts/api.js';
import { wholePercents } from '../../core/percent.js';
import { filmPath } from './film-cards.js';
import { html, type Html, raw, type Value } from './html.js';
import type { Programme } from './programme.js';

/** Films of the taste that are named; the rest are one row. */
const NAMED = 5;
const BAR = { width: 100, height: 10 };

interface Row {
  label: Value;
  /** Of all that lifts or lowers the film, −1 to 1. */
  share: number;
}
interface ShownRow extends Row {
  /** The share in whole per cents, as it is printed. */
  whole: number;
}

/**
 * How much of a film's place comes from where: the parts of its score, and within the taste each film of the viewer's own.
 * The figures are those of `GET …/why`. null: no model put the film there, so that there is nothing to share out.
 */
export function whyPlot(why: Why | null, programme: Programme): Html | null {
  if (why === null || why.parts === null) return null;
  const { taste, now, genres } = why.parts;
  const all = Math.abs(taste) + Math.abs(now) + Math.abs(genres);
  if (all === 0) return null;
  const parts: Row[] = [
    { label: 'Your taste: what you did with other films', share: taste / all },
    { label: 'What many viewers watch now', share: now / all },
    { label: 'The kinds of film you like', share: genres / all },
  ];
  // Without their signs the parts are the whole of it; of the films it is what they add up to, signs and all.
  const sizes = wholePercents(parts.map(({ share }) => Math.abs(share)));
  const shown = parts.map((row, i) => ({ ...row, whole: Math.sign(row.share) * (sizes[i] ?? 0) }));
  const own = ownFilms(why, programme);
  const films = wholePercents(own.map(({ share }) => share));
  const shownFilms = own.map((row, i) => ({ ...row, whole: films[i] ?? 0 }));
  const isAnyAgainst = [...shown, ...shownFilms].some(({ whole }) => whole < 0);
  return html`<div class="why-plot" id="why">
    ${bars('What puts it there, in shares of its score', shown)}
    ${own.length === 0 ? null : bars('Within your taste, in shares of the taste', shownFilms)}
    <p class="effect">
      Worked out from the model that made the list, not estimated.
      ${isAnyAgainst ? 'A share with a minus speaks against the film.' : null}
    </p>
  </div>`;
}

function ownFilms({ contributions, others, taste }: Why, programme: Programme): Row[] {
  if (taste === null || taste <= 0) return [];
  // The serve gate once more: what this audience may not see is among the others.
  const named = contributions
    .flatMap(({ movieId, kind, share }) => {
      const film = programme.film(movieId);
      return film === null ? [] : [{ film, kind, share }];
    })
    .slice(0, NAMED);
  const rest = 1 - named.reduce((sum, { share }) => sum + share, 0);
  const count = others.films + contributions.length - named.length;
  const rows: Row[] = named.map(({ film, kind, share }) => ({
    label: html`<a href="${filmPath(film)}">${film.title}</a>, ${kind}`,
    share,
  }));
  if (count > 0)
    rows.push({ label: count === 1 ? 'one more film' : `${count} more films together`, share: rest });
  return named.length === 0 ? [] : rows;
}

function bars(caption: string, rows: readonly ShownRow[]): Html {
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${rows.map(
        ({ label, share, whole }) =>
          html`<tr>
            <th scope="row">${label}</th>
            <td class="why-bar">${bar(share)}</td>
            <td class="why-share">${whole < 0 ? '−' : null}${Math.abs(whole)} %</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The figure beside it says the same. */
function bar(share: number): Html {
  const { width, height } = BAR;
  const length = Math.min(1, Math.abs(share)) * width;
  return raw(
    `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true" focusable="false">` +
      `<rect class="why-whole" width="${width}" height="${height}"/>` +
      `<rect class="${share < 0 ? 'why-against' : 'why-for'}" width="${length.toFixed(1)}" height="${height}"/></svg>`,
  );
}
