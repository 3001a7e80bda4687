import { randomUUID } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { readFlags } from '../../core/ranking/history-flags.js';
import { eventOf, localPath } from './acts.js';
import { NO_SUCH_PAGE } from './fault.js';
import type { Visitor } from './frame.js';
import { type House, PageFault } from './house.js';
import { type PicksPage, picksView } from './picks.js';
import { filmIn } from './reading.js';
import { recordEvents } from './record.js';
import { sendAway } from './respond-page.js';

/** Where a newcomer is sent on signing in: to the picks, and from there on. */
export const picksPath = (next: string): string => `/picks?next=${encodeURIComponent(next)}`;

/** Events that say something of a taste. A look at a list, the picks' own among them, does not. */
const TELLING = ['rating', 'like', 'dislike', 'play_heartbeat', 'play_end', 'bookmark_add', 'share'] as const;

type Sent = Omit<PicksPage, 'isNew' | 'known'>;

/** Every checkbox of the page, and the hidden fields. */
const FIELDS = 40;

/** "Pick three films you love": for viewers of whom nothing is known, and for who asks for it. */
export function pickingRoutes(router: Router, house: House, ownForms: RequestHandler): void {
  const show = async (req: Request, res: Response, visitor: Visitor, page: Sent, status = 200) => {
    const programme = await house.programmeFor(visitor);
    const found = await house.shared.profiles.find(visitor.profileId);
    const viewer = found.kind === 'known' ? found.limits : programme.audience;
    const [isNew, known] = await Promise.all([isNewcomer(house, visitor), knownFilms(house, visitor)]);
    const body = picksView(programme, viewer, { ...page, isNew, known });
    house.own(req, res, visitor, programme, { title: 'Pick three films', surface: 'picks', body }, status);
  };

  router.get('/picks', async (req, res) => {
    const visitor = await house.visitorOf(req);
    const next = localPath(new URLSearchParams(req.url.split('?')[1]).get('next'), '/');
    if (visitor === null) {
      if (!house.canSignIn) throw new PageFault(NO_SUCH_PAGE);
      return sendAway(res, `/sign-in?next=${encodeURIComponent(picksPath(next))}`);
    }
    await show(req, res, visitor, { form: randomUUID(), next, isEmpty: false });
  });

  const body = express.urlencoded({ extended: false, limit: '8kb', parameterLimit: FIELDS });
  router.post('/picks', ownForms, body, async (req, res) => {
    const visitor = await house.visitorOf(req);
    const next = localPath(one(req.body, 'next'), '/');
    if (visitor === null) return sendAway(res, `/sign-in?next=${encodeURIComponent(picksPath(next))}`);
    const programme = await house.programmeFor(visitor);
    const form = one(req.body, 'form') ?? randomUUID();
    const films = [...new Set(all(req.body, 'film'))].map((id) => filmIn(programme, id));
    if (films.length === 0) return show(req, res, visitor, { form, next, isEmpty: true }, 422);
    const at = house.shared.deps.clock.now();
    const { pickSurface: surface } = house.shared.deps.config.feedback;
    const about = { userId: visitor.profileId, form, at, surface };
    const events = films.map(({ movieId }) =>
      eventOf({ kind: 'event', type: 'like', said: '' }, { ...about, movieId }),
    );
    await recordEvents(house, visitor.profileId, events);
    sendAway(res, next);
  });
}

/**
 * Nothing is known of this viewer, and something may be learnt: no telling event in the store, none behind the served list, and
 * consent. While the store does not answer, nobody is asked.
 */
export async function isNewcomer(house: House, { profileId }: Pick<Visitor, 'profileId'>): Promise<boolean> {
  const { deps, profiles } = house.shared;
  const list = deps.serving.lists()?.get(deps.pidOf(profileId)) ?? null;
  if (list?.servedBy === 'personal' || (list?.history().length ?? 0) > 0) return false;
  try {
    const [found, acts] = await house.store(
      Promise.all([
        profiles.find(profileId),
        deps.store.acts(profileId, new Date(0).toISOString(), 1, TELLING),
      ]),
    );
    return found.kind === 'known' && found.limits.isPersonal && acts.length === 0;
  } catch {
    return false;
  }
}

/** Films of which the viewer has said enough: seen, rated, liked, disliked, or not wanted. While the store is down, those known here. */
async function knownFilms(house: House, { profileId }: Visitor): Promise<ReadonlySet<string>> {
  const { deps, exclusions } = house.shared;
  const lists = deps.serving.lists();
  const history = lists?.get(deps.pidOf(profileId))?.history() ?? [];
  const told = history.filter(({ flags }) => {
    const { isSeen, isDisliked } = readFlags(flags);
    return isSeen || isDisliked;
  });
  const films = told.map(({ film }) => lists?.films?.[film] ?? '');
  const said = Promise.all([deps.store.ratings(profileId), deps.store.opinions(profileId)]);
  const [wishes, [ratings, opinions]] = await Promise.all([
    exclusions.all(profileId),
    house.store(said).catch(() => [[], { liked: [], disliked: [] }] as const),
  ]);
  const acted = [...ratings, ...opinions.liked, ...opinions.disliked].map(({ filmId }) => filmId);
  return new Set([...films, ...acted, ...(wishes?.gone ?? [])]);
}

/** A field's texts: the body parser gives a text, or a list of them where the field came more than once. */
function all(body: unknown, name: string): string[] {
  const value: unknown =
    typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : [];
  return [value].flat().filter((text): text is string => typeof text === 'string');
}

function one(body: unknown, name: string): string | undefined {
  return all(body, name)[0];
}
