import { z } from 'zod';
import type { Why } from '../contracts/api.js';
import type { CatalogueFilm } from '../contracts/release.js';
import { isAllowed } from '../core/age-gate/index.js';
import { createExplainer, type Explanation } from '../core/explain/why.js';
import { reasonSchema } from '../contracts/release.js';
import type { Catalogue } from '../core/ranking/catalogue.js';
import { readFlags } from '../core/ranking/history-flags.js';
import type { Model } from '../core/ranking/model.js';
import type { Interaction, Viewer } from '../core/ranking/viewer.js';
import { SERVE_GATES, visibleTo } from './audience.js';
import { noSuchProfile, storeDown } from './audiences.js';
import type { ApiDeps, ServedLists } from './deps.js';
import type { Exclusions } from './exclusions.js';
import { isUnwanted } from './list-body.js';
import type { Profiles } from './profiles.js';
import type { Wishes } from './wishes.js';

/** Films of the history that are named; the rest are counted together. */
const NAMED = 10;

export interface WhyDeps extends Pick<ApiDeps, 'serving' | 'config' | 'pidOf' | 'gates'> {
  profiles: Profiles;
  exclusions: Exclusions;
  /** Films of the formula release that is served; null before the first one. */
  catalogue: () => Catalogue | null;
}

/**
 * Why a film is, or is not, in a viewer's list. null = there is no such film for this viewer: what is above the age, or
 * without rights, is not talked about. `ofAnyAge` is for who runs the service: filters speak of such a film, without its name.
 */
export function createWhy(deps: WhyDeps) {
  const { serving, config, pidOf, profiles, exclusions, catalogue, gates = SERVE_GATES } = deps;
  const explainFormula = createExplainer(null, config);
  let of: { model: Model; explain: ReturnType<typeof createExplainer> } | null = null;
  return async function why(userId: string, movieId: string, { ofAnyAge = false } = {}): Promise<Why | null> {
    const films = catalogue();
    const film = films?.indexOf(movieId);
    const lists = serving.lists();
    const list = lists?.get(pidOf(userId)) ?? null;
    const found = await profiles.find(userId);
    if (found.kind === 'unknown' && list === null) throw noSuchProfile(userId);
    if (found.kind === 'down' && list === null) throw storeDown();
    if (films === null || film === undefined) return null;

    const limits = found.kind === 'known' ? found.limits : undefined;
    const wishes = await exclusions.all(userId);
    const maxAge = Math.min(limits?.maxAge ?? 98, list?.maxAge ?? 98);
    const viewer: Viewer = {
      market: limits?.market ?? list?.market ?? 'default',
      maxAge,
      isPersonal: limits?.isPersonal ?? list?.servedBy === 'personal',
      history: lists === null || list === null ? [] : historyOf(lists, list.history(), films, wishes),
    };
    const isVisible = visibleTo(films, viewer, gates);
    const mayName = (index: number) => isVisible[index] === 1;
    if (!mayName(film) && !ofAnyAge) return null;

    const model = list?.servedBy === 'personal' ? ((await lists?.model?.()) ?? null) : null;
    if (model !== null && of?.model !== model) of = { model, explain: createExplainer(model, config) };
    const explain = model === null ? explainFormula : of!.explain;
    const explanation = explain(films, viewer, film);
    const listed = list === null || lists === null ? null : placeOf(list, movieId, maxAge, wishes);
    const facts: Pick<CatalogueFilm, 'title' | 'year'> | undefined = films.films[film];
    return {
      userId,
      movieId,
      title: mayName(film) ? (facts?.title ?? null) : null,
      year: mayName(film) ? (facts?.year ?? null) : null,
      release: lists?.releaseId ?? null,
      night: lists?.night ?? null,
      servedBy: list?.servedBy ?? null,
      position: listed?.position ?? null,
      score: explanation.score ?? listed?.score ?? null,
      parts: explanation.parts,
      taste: explanation.taste,
      rank: explanation.rank,
      reason: listed?.reason ?? null,
      ...contributionsOf(films, explanation, (index) => mayName(index) && !isUncited(films, index, wishes)),
      decisions: explanation.decisions,
      summary: summaryOf(listed?.position ?? null, list === null, explanation),
    };
  };
}
export type WhyAnswers = ReturnType<typeof createWhy>;

function historyOf(
  { films: ids = [] }: ServedLists,
  cells: readonly { film: number; weightMicro: number; flags: number }[],
  catalogue: Catalogue,
  wishes: Wishes | undefined,
): Interaction[] {
  const history = new Map<number, Interaction>();
  for (const { film, weightMicro, flags } of cells) {
    const index = catalogue.indexOf(ids[film] ?? '');
    if (index === undefined) continue;
    history.set(index, { film: index, weightMicro, ...readFlags(flags) });
  }
  const since = (films: Iterable<string>, flag: 'isHidden' | 'isDisliked' | 'isSeen') => {
    for (const filmId of films) {
      const index = catalogue.indexOf(filmId);
      if (index === undefined) continue;
      const nothing = { weightMicro: 0, isSeen: false, isDisliked: false, isHidden: false, kind: -1 };
      const known = history.get(index) ?? { film: index, ...nothing };
      history.set(index, { ...known, [flag]: true });
    }
  };
  since(wishes?.hidden ?? [], 'isHidden');
  since(wishes?.disliked ?? [], 'isDisliked');
  since(wishes?.seen ?? [], 'isSeen');
  return [...history.values()].sort((a, b) => a.film - b.film);
}

const storedSchema = z.object({ movieId: z.string(), score: z.number(), reason: reasonSchema });

/** The film's place in what the viewer is sent, as it was stored. */
function placeOf(
  list: NonNullable<ReturnType<ServedLists['get']>>,
  movieId: string,
  maxAge: number,
  wishes: Wishes | undefined,
) {
  let position = 0;
  for (let i = 0; i < list.length; i++) {
    const json = list.json(i);
    if (!isAllowed(maxAge, list.minAge(i)) || (wishes !== undefined && isUnwanted(json, wishes))) continue;
    position++;
    const { score, reason, ...item } = storedSchema.parse(JSON.parse(`{${json.toString()}`));
    if (item.movieId === movieId) return { position, score, reason };
  }
  return null;
}

function isUncited(catalogue: Catalogue, index: number, wishes: Wishes | undefined): boolean {
  return wishes?.uncited.has(catalogue.films[index]?.filmId ?? '') === true;
}

function contributionsOf(
  { films }: Catalogue,
  { contributions, taste }: Explanation,
  mayName: (film: number) => boolean,
): Pick<Why, 'contributions' | 'others'> {
  const named = contributions.filter(({ film }) => mayName(film)).slice(0, NAMED);
  const rest = contributions.filter((each) => !named.includes(each));
  const share = (contribution: number) => (taste === null || taste === 0 ? 0 : contribution / taste);
  return {
    contributions: named.map(({ film, kind, contribution }) => ({
      movieId: films[film]?.filmId ?? '',
      title: films[film]?.title ?? '',
      kind,
      contribution,
      share: share(contribution),
    })),
    others: {
      films: rest.length,
      contribution: rest.reduce((sum, { contribution }) => sum + contribution, 0),
    },
  };
}

function summaryOf(position: number | null, isStranger: boolean, { decisions }: Explanation): string {
  if (position !== null) return `place ${position} of this viewer's list`;
  if (isStranger) return 'the served release has no list of this viewer yet';
  const [first] = decisions.filter(
    ({ passed, filter }) => !passed && filter !== 'consent' && filter !== 'model',
  );
  const missing = first ?? decisions.find(({ passed }) => !passed);
  return missing === undefined
    ? 'not in the list that is served, which was made before things were as they are now'
    : `not in this viewer's list: ${missing.text}`;
}
