import type { Request, Response } from 'express';
import { recommendationsSchema } from '../../contracts/api.js';
import type { Profile } from '../../contracts/films.js';
import { viewerOf } from '../auth/principal.js';
import type { ViewerTokens } from '../auth/viewer-tokens.js';
import { VIEWER_COOKIE } from '../auth/credentials.js';
import type { Shared } from '../routes/index.js';
import { textOf } from '../respond.js';
import { within } from '../within.js';
import type { Assets } from './assets.js';
import type { OwnList } from './for-you.js';
import { type Fault, NOTHING_RELEASED } from './fault.js';
import { document, type Frame, type Page, type Visitor } from './frame.js';
import { visitorOf } from './people.js';
import { createProgrammes, type Programmes } from './programmes.js';
import type { Programme } from './programme.js';
import { sendOwn, sendShared } from './respond-page.js';

/** A fault that a page shows. */
export class PageFault extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.title);
    this.fault = fault;
  }
}

/** Longest wait for what a page asks the store, ms. */
const STORE_MS = 1500;
/** Demo viewers are asked for again after this, ms. */
const VIEWERS_MS = 30_000;

/** What every page needs: who is looking, what may be shown, and the frame around it. */
export interface House {
  shared: Shared;
  programmes: Programmes;
  visitorOf(req: Request): Promise<Visitor | null>;
  /** Throws a PageFault when nothing has been released. */
  programmeFor(visitor: Visitor | null): Promise<Programme>;
  /** Demo people who may be signed in; the last ones known while the store is down. */
  viewers(): Promise<Profile[]>;
  list(visitor: Visitor, limit: number): Promise<OwnList>;
  /** Waits for the store no longer than a reader would. */
  store<T>(work: Promise<T>): Promise<T>;
  signIn(res: Response, visitor: { profileId: string; accountId: string | null }): Promise<void>;
  signOut(res: Response): void;
  canSignIn: boolean;
  /** A page that all of an audience share, or the visitor's own. */
  show(req: Request, res: Response, visitor: Visitor | null, programme: Programme, page: () => Page): void;
  own(
    req: Request,
    res: Response,
    visitor: Visitor | null,
    programme: Programme | null,
    page: Page,
    status?: number,
    headers?: readonly string[],
  ): void;
}

export function createHouse(shared: Shared, assets: Assets, tokens: ViewerTokens | null): House {
  const { deps, audiences, recommender } = shared;
  const programmes = createProgrammes(shared);
  const frameParts = {
    css: assets.path('shop.css'),
    icon: assets.path('icon.svg'),
    scripts: assets.scripts('shop.js'),
    signIn: tokens !== null,
  };
  let known: { profiles: Profile[]; at: number } = { profiles: [], at: -Infinity };

  const frame = (visitor: Visitor | null, programme: Programme | null): Frame => ({
    ...frameParts,
    visitor,
    edition: programme,
    night: deps.serving.lists()?.night ?? null,
    maxAge: programme?.audience.maxAge ?? null,
    hasCard: deps.shop?.card !== undefined && deps.serving.lists() !== null,
  });
  const viewers = async () => {
    const now = deps.clock.now().getTime();
    if (now - known.at < VIEWERS_MS) return known.profiles;
    const profiles = await within(deps.store.demoPeople(), STORE_MS, 'the demo viewers');
    known = { profiles, at: now };
    return known.profiles;
  };
  const cookie = (res: Response, value: string, seconds: number) =>
    res.appendHeader(
      'Set-Cookie',
      `${VIEWER_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`,
    );
  const signIn: House['signIn'] = async (res, { profileId, accountId }) => {
    if (tokens === null) return;
    const { token, expiresAt } = await tokens.issue({ profileId, accountId });
    cookie(res, token, Math.floor((expiresAt.getTime() - deps.clock.now().getTime()) / 1000));
  };

  return {
    shared,
    programmes,
    canSignIn: tokens !== null,
    viewers: () =>
      viewers().catch((error: unknown) => {
        if (known.profiles.length > 0) return known.profiles;
        throw error;
      }),
    async visitorOf(req) {
      const viewer = viewerOf(req);
      if (viewer === null) return null;
      const { profileId, accountId, expiresAt } = viewer;
      // Who keeps reading stays signed in: a token past the half of its life is replaced.
      const life = deps.config.api.viewerTokenMinutes * 60_000;
      if (req.res !== undefined && expiresAt - deps.clock.now().getTime() < life / 2)
        await signIn(req.res, { profileId, accountId });
      const people = await viewers().catch(() => known.profiles);
      const profile = people.find((one) => one.profileId === profileId);
      return profile === undefined
        ? { profileId, accountId, name: profileId, about: '' }
        : visitorOf(profile);
    },
    async programmeFor(visitor) {
      const audience = visitor === null ? audiences.everybody : await audiences.of(visitor.profileId);
      const programme = programmes.of(audience);
      if (programme === null) throw new PageFault(NOTHING_RELEASED);
      return programme;
    },
    async list({ profileId }, limit) {
      const answer = await recommender.answer({ userId: profileId, limit, isFresh: () => false });
      if (answer.kind !== 'page') throw new PageFault(NOTHING_RELEASED);
      const list = recommendationsSchema.parse(JSON.parse(textOf(answer.body)));
      const known = shared.profiles.recall(profileId);
      return {
        ...list,
        canBePersonal: list.servedBy !== 'personal' && known?.isPersonal === true,
      };
    },
    store: (work) => within(work, STORE_MS, 'the store'),
    signIn,
    signOut: (res) => void cookie(res, '', 0),
    show(req, res, visitor, programme, page) {
      if (visitor !== null) return sendOwn(req, res, document(frame(visitor, programme), page()));
      sendShared(
        req,
        res,
        // The edition's night stands on every page, and changes without the formula's release.
        programmes.page(programme, `${deps.serving.lists()?.night} ${req.originalUrl}`, () =>
          document(frame(null, programme), page()),
        ),
      );
    },
    own(req, res, visitor, programme, page, status = 200, headers = []) {
      sendOwn(req, res, document(frame(visitor, programme), page), { status, headers });
    },
  };
}
