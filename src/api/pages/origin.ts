import type { Request } from 'express';
import type { Origin } from './acts.js';

/** Pages that lead to films, as events name them. */
const LEADING = new Map([
  ['/', 'home'],
  ['/for-you', 'for-you'],
  ['/top', 'top'],
  ['/browse', 'browse'],
  ['/search', 'search'],
  ['/mine', 'mine'],
]);
/** `similar`: the row of another film's page. */
const SURFACES = new Set([...LEADING.values(), 'similar']);

/**
 * The page whose link was followed to a film's page, of the browser's own word; `film` when that was none of the lists (the
 * film itself after a form, the projector, the sign-in), undefined when it was no page of ours.
 */
export function leadingSurface(
  { headers: { referer, host } }: Request,
  filmPage: string,
): string | undefined {
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const from = new URL(referer);
  if (from.host !== host) return undefined;
  const isOtherFilm = /^\/film\/[^/]+$/.test(from.pathname) && from.pathname !== filmPage;
  return isOtherFilm ? 'similar' : (LEADING.get(from.pathname) ?? 'film');
}

/** How the viewer came to the film, as its page's forms say: `film` when nobody led there. */
export function originIn(fields: Partial<Record<'from' | 'list' | 'place' | 'release', string>>): Origin {
  const { from = '', list = '', place = '', release = '' } = fields;
  if (!SURFACES.has(from)) return { surface: 'film' };
  return {
    surface: from,
    ...(isName(list) ? { listId: list } : {}),
    ...(/^[1-9]\d{0,3}$/.test(place) ? { position: Number(place) } : {}),
    ...(isName(release) ? { releaseId: release } : {}),
  };
}

function isName(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text);
}
