import { randomUUID } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { isOwnSite } from '../auth/credentials.js';
import { type Act, actOf, eventOf, localPath } from './acts.js';
import { profileMaxAge, yearOf } from '../../core/age-gate/index.js';
import { FOREIGN_FORM, NO_SUCH_PAGE, STORE_DOWN } from './fault.js';
import { filmPath } from './film-cards.js';
import { leaveFlash } from './flash.js';
import type { Visitor } from './frame.js';
import { type House, PageFault } from './house.js';
import { signInView } from './people.js';
import { originIn } from './origin.js';
import { isNewcomer, pickingRoutes, picksPath } from './picking.js';
import { filmIn } from './reading.js';
import { recordEvents, refreshLists, stored } from './record.js';
import { sendAway, sendJson } from './respond-page.js';

/** Forms: they work without script, and answer JSON to the script that sends them in the background. */
export function writingRoutes(router: Router, house: House): void {
  const form: RequestHandler[] = [
    ownForms,
    express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 20 }),
  ];
  const { deps } = house.shared;

  router.get('/sign-in', async (req, res) => {
    const visitor = await house.visitorOf(req);
    if (!house.canSignIn) throw new PageFault(NO_SUCH_PAGE);
    const profiles = await house.viewers().catch(() => {
      throw new PageFault(STORE_DOWN);
    });
    const year = yearOf(deps.clock.now());
    const people = profiles.map((profile) => ({
      ...profile,
      maxAge: profileMaxAge(profile, year, deps.config.ages),
    }));
    const next = localPath(new URLSearchParams(req.url.split('?')[1]).get('next'), '/');
    house.own(req, res, visitor, await house.programmeFor(visitor).catch(() => null), {
      title: 'Sign in',
      surface: 'sign-in',
      body: signInView(people, { visitor, next }),
    });
  });

  router.post('/sign-in', ...form, async (req, res) => {
    const { viewer, next } = fieldsOf(req);
    const profile = await house.store(deps.store.profile(viewer ?? '')).catch(() => {
      throw new PageFault(STORE_DOWN);
    });
    if (!house.canSignIn || profile === null || !profile.isDemo) throw new PageFault(NO_SUCH_PAGE);
    await house.signIn(res, profile);
    const to = localPath(next, '/');
    sendAway(res, (await isNewcomer(house, profile)) ? picksPath(to) : to);
  });

  // For the script of a page that stays open longer than a sign-in: asking for it renews that, as any page does.
  router.get('/session', async (req, res) => {
    const visitor = await house.visitorOf(req);
    sendJson(res, visitor === null ? 401 : 200, { viewer: visitor?.profileId ?? null });
  });

  router.post('/sign-out', ...form, (_req, res) => {
    house.signOut(res);
    sendAway(res, '/');
  });

  pickingRoutes(router, house, ownForms);

  router.post('/film/:id/act', ...form, async (req, res) => {
    const visitor = await house.visitorOf(req);
    const fields = fieldsOf(req);
    const back = typeof req.params['id'] === 'string' ? filmPath({ movieId: req.params['id'] }) : '/';
    if (visitor === null)
      return answer(req, res, 401, `/sign-in?next=${encodeURIComponent(back)}`, 'Sign in first.');
    const programme = await house.programmeFor(visitor);
    const film = filmIn(programme, req.params['id']);
    const act = actOf(fields.do, fields.value);
    if (act === null) throw new PageFault(NO_SUCH_PAGE);
    await carryOut(house, visitor, film.movieId, act, fields);
    const done = act.kind === 'rating' ? `rate-${act.value}` : String(fields.do);
    const to = localPath(fields.back, back);
    if (to === back && !isForScript(req)) leaveFlash(res, back, done);
    answer(req, res, 200, to, act.said);
  });
}

async function carryOut(
  house: House,
  { profileId }: Visitor,
  movieId: string,
  act: Act,
  fields: Fields,
): Promise<void> {
  const { deps, exclusions } = house.shared;
  if (act.kind !== 'exclusion') {
    const { form = randomUUID() } = fields;
    const about = { userId: profileId, movieId, form, at: deps.clock.now(), ...originIn(fields) };
    return recordEvents(house, profileId, [eventOf(act, about)]);
  }
  // By the recommender's own memory: the viewer's next page heeds it already.
  const said = await stored(house, exclusions.say(profileId, movieId, act.exclusion, !act.isUndo));
  if (said === null) throw new PageFault(NO_SUCH_PAGE);
  await refreshLists(house, profileId);
}

/** To the script, JSON; to a form, the way to the next page. */
function answer(req: Request, res: Response, status: number, to: string, said: string): void {
  if (isForScript(req)) sendJson(res, status, { said, to });
  else sendAway(res, to);
}

function isForScript(req: Request): boolean {
  return req.headers.accept === 'application/json';
}

interface Fields {
  viewer?: string;
  next?: string;
  do?: string;
  value?: string;
  form?: string;
  back?: string;
  from?: string;
  list?: string;
  place?: string;
  release?: string;
}

/** The body parser gives text, or lists of text where a field came twice; those are none of ours. */
function fieldsOf(req: Request): Fields {
  const body: unknown = req.body;
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string'));
}

/** A form counts only when one of our own pages sent it; the cookie alone proves nothing, and signing in has none. */
const ownForms: RequestHandler = function ownForms(req, _res, next) {
  if (!isOwnSite(req)) throw new PageFault(FOREIGN_FORM);
  next();
};
