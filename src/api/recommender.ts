import type { Config } from '../contracts/config.js';
import type { ServedBy } from '../contracts/release.js';
import type { Audience } from './audience.js';
import type { ApiDeps } from './deps.js';
import type { Exclusions } from './exclusions.js';
import type { FormulaPages } from './formula-pages.js';
import { madeBody, storedBody } from './list-body.js';
import type { ProfileAnswer, Profiles, ViewerLimits } from './profiles.js';
import type { Bytes } from './respond.js';
import type { Wishes } from './wishes.js';

export interface Question {
  userId: string;
  limit: number;
  /** Whether the caller holds the page of this tag already. */
  isFresh(etag: string): boolean;
}

export type Answer =
  | { kind: 'page'; servedBy: ServedBy; etag: string; body: Bytes }
  | { kind: 'fresh'; etag: string }
  /** Nothing was ever released. */
  | { kind: 'empty' };

export interface Recommender {
  /** At once for viewers of the served release; a promise only when something must be looked up. */
  answer(question: Question): Answer | Promise<Answer>;
}

interface Fallback {
  audience: Audience;
  why: string;
}

/**
 * What a viewer is shown, in this order:
 * 1. the list in the served release, less what is above the viewer's age as it is now; it was made for one market, so a
 *    viewer who has changed markets since gets the formula's list of the new one;
 * 2. the formula's list at the age and in the market of the profile: what is popular there, then its Top;
 * 3. without a profile the page of `ages.audience`; while the store is down, nobody knows: `ages.unknownProfile`;
 * 4. nothing, and why.
 * What the viewer excluded, disliked, rated or finished is left out of each. The age rule is asked again for every item of every list, whatever made the list.
 */
export function createRecommender(
  { serving, config, pidOf, gates }: Pick<ApiDeps, 'serving' | 'config' | 'pidOf' | 'gates'>,
  profiles: Profiles,
  formulaPages: () => FormulaPages | null,
  exclusions: Exclusions,
): Recommender {
  const allows = gates?.serve;
  const fallback = async (question: Question, { audience, why }: Fallback): Promise<Answer> => {
    const wishes = await exclusions.all(question.userId);
    const pages = formulaPages();
    const release = pages?.releaseId ?? serving.lists()?.releaseId;
    if (release === undefined) return { kind: 'empty' };
    const etag = `"${release}-${audience.maxAge}-${encodeURIComponent(audience.market)}${wishTag(wishes)}"`;
    if (question.isFresh(etag)) return { kind: 'fresh', etag };
    const { count, json } = pages?.recommendations(audience, question.limit, wishes?.gone) ?? {
      count: 0,
      json: '',
    };
    const servedBy = count === 0 ? 'none' : 'formula';
    const reason = count === 0 ? `${why}; no film may be shown at age ${audience.maxAge}` : why;
    return {
      kind: 'page',
      servedBy,
      etag,
      body: madeBody(question.userId, release, servedBy, reason, json),
    };
  };

  const answer = (question: Question): Answer | Promise<Answer> => {
    const { userId, limit } = question;
    const live = profiles.recall(userId);
    const wishes = exclusions.recent(userId);
    const lists = serving.lists();
    const list = lists?.peek(pidOf(userId)) ?? null;
    if (lists === null || list === null) {
      return profiles.find(userId).then((found) => fallback(question, fallbackFor(found, config.ages)));
    }
    const release = lists.releaseId;
    const maxAge = Math.min(list.maxAge, live?.maxAge ?? list.maxAge);
    const audience = { maxAge, market: live?.market ?? list.market };
    if (audience.market !== list.market) {
      return fallback(question, {
        audience,
        why: 'this viewer has changed markets: no personal list of the new one yet',
      });
    }
    const refreshed = list.madeAt === undefined ? '' : `-${list.madeAt}`;
    const etag = `"${release}${refreshed}${live === undefined ? '' : tagOf(live)}${wishTag(wishes)}"`;
    if (question.isFresh(etag)) return { kind: 'fresh', etag };
    if (live?.isPersonal === false && list.servedBy === 'personal') {
      return fallback(question, { audience, why: 'this viewer wants no personal list' });
    }
    const body = storedBody(list, {
      userId,
      release,
      maxAge,
      limit,
      wishes,
      ...(allows === undefined ? {} : { allows }),
    });
    if (body !== null) return { kind: 'page', servedBy: list.servedBy, etag, body };
    const why = `every film of this viewer's list is above age ${maxAge}${wishes === undefined ? '' : ' or unwanted'}`;
    return fallback(question, { audience, why });
  };
  return {
    answer: (question) =>
      exclusions.whenFresh(question.userId)?.then(() => answer(question)) ?? answer(question),
  };
}

function wishTag(wishes: Wishes | undefined): string {
  return wishes === undefined ? '' : `-${wishes.tag}`;
}

/** What of a profile decides what is left of a list. */
function tagOf({ maxAge, isPersonal, market }: ViewerLimits): string {
  return `-${maxAge}-${isPersonal}-${encodeURIComponent(market)}`;
}

/** The page of a viewer that the served release does not know. */
function fallbackFor(found: ProfileAnswer, ages: Config['ages']): Fallback {
  switch (found.kind) {
    case 'known':
      return { audience: found.limits, why: 'no personal list of this viewer yet' };
    case 'unknown':
      return {
        audience: { market: 'default', maxAge: ages.audience },
        why: 'this viewer is not known: the page without a profile',
      };
    case 'down':
      return {
        audience: { market: 'default', maxAge: ages.unknownProfile },
        why: `this viewer's age cannot be looked up now: only films for age ${ages.unknownProfile} and below`,
      };
  }
}
