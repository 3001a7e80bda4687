import { randomUUID } from 'node:crypto';
import type { Request, Response, Router } from 'express';
import type { Why } from '../../contracts/api.js';
import { requireAccepted } from '../accept.js';
import { aboutView } from './about.js';
import { saidOf } from './acts.js';
import { type Asked, browseView, foundView, topView } from './browse.js';
import { NO_SUCH_PAGE, STORE_DOWN } from './fault.js';
import { type FilmPage, filmView, type Said } from './film.js';
import { filmPath } from './film-cards.js';
import { takeFlash } from './flash.js';
import type { Visitor } from './frame.js';
import { FOR_YOU, forYou } from './for-you.js';
import { greeting, rows, welcome } from './home.js';
import { type House, PageFault } from './house.js';
import { html } from './html.js';
import { mineView } from './mine.js';
import { playerView } from './player.js';
import { leadingSurface } from './origin.js';
import { sendAway } from './respond-page.js';
import type { Programme, Shown } from './programme.js';

const SEARCH_PAGE = 40;
const SIMILAR = 10;
/** Longest list a film's place is looked for in. */
const WHOLE_LIST = 50;

/** The pages that are read. Each shows what its programme's audience may see, and nothing else. */
export function readingRoutes(router: Router, house: House): void {
  const { programmes } = house;
  const page = (
    path: string,
    make: (at: {
      req: Request;
      res: Response;
      visitor: Visitor | null;
      programme: Programme;
    }) => void | Promise<void>,
  ) =>
    router.get(path, async (req, res) => {
      requireAccepted(req.headers.accept, 'text/html');
      const visitor = await house.visitorOf(req);
      const programme = await house.programmeFor(visitor);
      await make({ req, res, visitor, programme });
    });

  page('/', async ({ req, res, visitor, programme }) => {
    const below = () => programmes.part(programme, 'rows', () => rows(programme));
    const about = {
      title: 'Tonight',
      description: 'A repertory cinema whose programme is printed anew every night.',
      surface: 'home',
    };
    if (visitor === null) {
      return house.show(req, res, visitor, programme, () => ({
        ...about,
        body: html`${welcome(programme, house.canSignIn)}${below()}`,
      }));
    }
    // A few more than are shown: some may be gone for this audience since the night.
    const list = await house.list(visitor, FOR_YOU * 3);
    house.own(req, res, visitor, programme, {
      ...about,
      body: html`${greeting(visitor, list, programme)}${below()}`,
    });
  });

  page('/for-you', async ({ req, res, visitor, programme }) => {
    if (visitor === null) return signInFirst(house, req, res);
    const list = await house.list(visitor, WHOLE_LIST);
    house.own(req, res, visitor, programme, {
      title: `For ${visitor.name}`,
      surface: 'for-you',
      body: forYou(visitor, list, programme, WHOLE_LIST),
    });
  });

  page('/top', ({ req, res, visitor, programme }) => {
    house.show(req, res, visitor, programme, () => {
      const { items, provisional } = programme.lists.top(programme.audience, 50);
      return { title: 'Top 50', surface: 'top', body: topView(programme.listed(items), provisional) };
    });
  });

  page('/search', ({ req, res, visitor, programme }) =>
    found(house, 'search', { req, res, visitor, programme }),
  );
  page('/browse', ({ req, res, visitor, programme }) => {
    const { genre, decade, more } = askedIn(req);
    if (genre !== null || decade !== null || more !== undefined)
      return found(house, 'browse', { req, res, visitor, programme });
    house.show(req, res, visitor, programme, () => ({
      title: 'Index',
      surface: 'browse',
      body: browseView(programme, programme.shelf.facets(programme.audience)),
    }));
  });

  page('/film/:id', async ({ req, res, visitor, programme }) => {
    const film = filmIn(programme, req.params['id']);
    const similar = programme.shelf.similar(film.movieId, programme.audience, SIMILAR);
    const from = visitor === null ? undefined : leadingSurface(req, filmPath(film));
    const view = (own: Pick<FilmPage, 'said' | 'personal' | 'why' | 'formId' | 'done'>) => ({
      title: film.title,
      surface: 'film',
      from,
      description: `${film.title}${film.year === null ? '' : ` (${film.year})`}: cast, facts, weighted rating and films like it.`,
      body: filmView({ film, similar, programme, from, ...own }),
    });
    if (visitor === null)
      return house.show(req, res, visitor, programme, () =>
        view({ said: null, personal: null, why: null, formId: '', done: null }),
      );
    const [said, list] = await Promise.all([
      saidOfFilm(house, visitor, film),
      house.list(visitor, WHOLE_LIST),
    ]);
    const personal = programme.personal(list.items).find((item) => item.film.movieId === film.movieId);
    const isOwn = personal !== undefined && list.servedBy === 'personal';
    const why = isOwn ? await whyOf(house, visitor, film) : null;
    const done = saidOf(takeFlash(req, res, filmPath(film)));
    house.own(
      req,
      res,
      visitor,
      programme,
      view({ said, personal: personal ?? null, why, formId: randomUUID(), done }),
    );
  });

  page('/film/:id/play', ({ req, res, visitor, programme }) => {
    const film = filmIn(programme, req.params['id']);
    house.show(req, res, visitor, programme, () => ({
      title: `${film.title}, projection`,
      surface: 'player',
      body: playerView(film, visitor),
    }));
  });

  page('/mine', async ({ req, res, visitor, programme }) => {
    if (visitor === null) return signInFirst(house, req, res);
    const { store } = house.shared.deps;
    const { profileId } = visitor;
    const [ratings, opinions, excluded] = await house
      .store(Promise.all([store.ratings(profileId), store.opinions(profileId), store.exclusions(profileId)]))
      .catch(() => {
        throw new PageFault(STORE_DOWN);
      });
    const ids = (films: { filmId: string }[]) => films.map(({ filmId }) => filmId);
    const kept = {
      ratings,
      liked: ids(opinions.liked),
      disliked: ids(opinions.disliked),
      saved: ids(opinions.bookmarked),
      excluded,
    };
    house.own(req, res, visitor, programme, {
      title: 'My list',
      surface: 'mine',
      body: mineView(visitor, kept, programme),
    });
  });

  page('/about', ({ req, res, visitor, programme }) => {
    const { serving } = house.shared.deps;
    house.own(req, res, visitor, programme, {
      title: 'About',
      surface: 'about',
      body: aboutView({ formula: serving.formula(), lists: serving.lists() }),
    });
  });
}

/** A viewer's own page, asked for by nobody: to the sign-in, and back from there. */
function signInFirst(house: House, req: Request, res: Response): void {
  if (!house.canSignIn) throw new PageFault(NO_SUCH_PAGE);
  sendAway(res, `/sign-in?next=${encodeURIComponent(req.path)}`);
}

type At = { req: Request; res: Response; visitor: Visitor | null; programme: Programme };

function found(house: House, surface: 'search' | 'browse', { req, res, visitor, programme }: At): void {
  const { more: cursor, ...asked } = askedIn(req);
  const question = {
    query: asked.query,
    genre: asked.genre ?? undefined,
    decade: asked.decade ?? undefined,
    cursor,
    limit: SEARCH_PAGE,
  };
  // The cursor is the shelf's own; one that is not is refused there.
  const page = programme.shelf.search(question, programme.audience);
  const next = page.nextCursor === null ? null : `/${surface}?${addressOf(asked, page.nextCursor)}`;
  house.show(req, res, visitor, programme, () => ({
    title:
      asked.query || [asked.genre, asked.decade && `${asked.decade}s`].filter(Boolean).join(', ') || 'Films',
    surface,
    query: asked.query,
    body: foundView(asked, page, programme, next),
  }));
}

function askedIn(req: Request): Asked & { more: string | undefined } {
  const query = new URLSearchParams(req.url.split('?')[1]);
  const decade = query.get('decade');
  return {
    query: (query.get('q') ?? '').trim().slice(0, 200),
    genre: query.get('genre')?.slice(0, 64) || null,
    decade: decade !== null && /^\d{3}0$/.test(decade) ? Number(decade) : null,
    more: query.get('more') ?? undefined,
  };
}

function addressOf({ query, genre, decade }: Asked, more: string): string {
  const fields = { q: query, genre, decade: decade === null ? null : String(decade), more };
  return new URLSearchParams(
    Object.entries(fields).filter((field): field is [string, string] => Boolean(field[1])),
  ).toString();
}

/** The same page for a film that is not there and for one that this audience may not see. */
export function filmIn(programme: Programme, id: unknown): Shown {
  const film = typeof id === 'string' ? programme.film(id) : null;
  if (film === null) throw new PageFault(NO_SUCH_PAGE);
  return film;
}

/** The page goes on without it. */
async function whyOf({ shared }: House, { profileId }: Visitor, { movieId }: Shown): Promise<Why | null> {
  return shared.why(profileId, movieId).catch((error: unknown) => {
    shared.fail('a film’s place could not be explained', error);
    return null;
  });
}

async function saidOfFilm(
  house: House,
  { profileId }: Visitor,
  { movieId }: Shown,
): Promise<Said | 'unknown'> {
  const { store } = house.shared.deps;
  const isIt = ({ filmId }: { filmId: string }) => filmId === movieId;
  try {
    const [ratings, opinions, excluded] = await house.store(
      Promise.all([store.ratings(profileId), store.opinions(profileId), store.exclusions(profileId)]),
    );
    return {
      rating: ratings.find(isIt)?.value ?? null,
      liked: opinions.liked.some(isIt),
      disliked: opinions.disliked.some(isIt),
      saved: opinions.bookmarked.some(isIt),
      notInterested: excluded.some((one) => isIt(one) && one.kind === 'not_interested'),
      notUsed: excluded.some((one) => isIt(one) && one.kind === 'dont_use'),
    };
  } catch {
    return 'unknown';
  }
}
