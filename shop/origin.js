// Where a viewer was led to a film: the surface, list and place of the link that was followed. What is then done on the
// film's page and in the projector was partly caused by that list, and says so.

const LED = 'matinee-led';
/** Films whose origin this tab remembers. */
const KEPT = 50;

/** @typedef {{ surface: string, listId?: string, position?: number, releaseId?: string }} Origin */

/** Keeps the origin of every link to a film's page that is followed from this page. */
export function rememberLinks() {
  document.addEventListener('click', ({ target }) => {
    const link = target instanceof Element ? target.closest('a[href]') : null;
    const film = link && filmOf(link.getAttribute('href') ?? '');
    if (film) remember(film, originOf(link, film));
  });
}

/** How the viewer came to the film of this page; null: nobody led there. @returns {Origin | null} */
export function originHere() {
  const { surface, from } = document.body.dataset;
  const film = filmOf(location.pathname.replace(/\/play$/, ''));
  // Nobody led to an address that was typed, or followed from elsewhere.
  const isFromHere = document.referrer.startsWith(`${location.origin}/`);
  if (film === null || (surface === 'film' && !isFromHere)) return null;
  // A tab of its own does not know the link that opened it; the server has read the page before off the request.
  const fromPage = from && from !== 'film' ? { surface: from } : null;
  return kept()[film] ?? fromPage;
}

/** On a film's page, for the projector behind it. */
export function keepOrigin() {
  const film = filmOf(location.pathname);
  if (film !== null) remember(film, originHere());
}

/** As a form says it. @param {URLSearchParams} fields */
export function addOrigin(fields) {
  const origin = originHere();
  if (origin === null) return fields.delete('from');
  const { surface, listId, position, releaseId } = origin;
  for (const [name, value] of Object.entries({
    from: surface,
    list: listId,
    place: position,
    release: releaseId,
  }))
    if (value !== undefined) fields.set(name, String(value));
}

/** @param {Element} link @param {string} film @returns {Origin | null} */
function originOf(link, film) {
  const surface = document.body.dataset['surface'] ?? '';
  // Back from the projector to the film's page: the way there stays what it was.
  if (surface === 'player') return kept()[film] ?? null;
  const item = link.closest('[data-film]');
  const list = item?.closest('[data-list]');
  if (!(item instanceof HTMLElement) || !(list instanceof HTMLElement) || item.dataset['film'] !== film)
    return { surface };
  const listId = list.dataset['list'] ?? '';
  const releaseId = list.dataset['release'] ?? document.body.dataset['release'];
  return {
    // On a film's page the films like it are recommendations; the film itself is none.
    surface: listId === 'similar' ? 'similar' : surface,
    listId,
    position: Number(item.dataset['place']),
    ...(releaseId ? { releaseId } : {}),
  };
}

/** The film whose own page an address is. @param {string} address */
function filmOf(address) {
  const found = /^\/film\/([^/?#]+)(?:[?#]|$)/.exec(address)?.[1];
  return found === undefined ? null : decodeURIComponent(found);
}

/** @returns {Record<string, Origin>} */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(LED) ?? '{}');
  } catch {
    return {};
  }
}

/** @param {string} film @param {Origin | null} origin */
function remember(film, origin) {
  const { [film]: _, ...others } = kept();
  const entries = Object.entries(others).slice(1 - KEPT);
  if (origin) entries.push([film, origin]);
  try {
    sessionStorage.setItem(LED, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // Storage is forbidden: then acts say the page's own surface.
  }
}
