import type { Config } from '../../contracts/index.js';
import { isAllowed } from '../age-gate/index.js';
import { minAgeWithSource } from '../age-gate/certificate-source.js';
import type { Catalogue } from '../ranking/catalogue.js';
import { blendInto, createBlendParts } from '../ranking/blend.js';
import { holdNewFilms } from '../ranking/new-films.js';
import type { Model } from '../ranking/model.js';
import { createTasteReader } from '../ranking/personal-list.js';
import { openTaste } from '../ranking/taste.js';
import { momentsOfSource } from '../ranking/taste-moments.js';
import { tasteInto } from '../ranking/taste-source.js';
import type { Interaction, Viewer } from '../ranking/viewer.js';
import { EVIDENCE_KINDS, type EvidenceKind } from './reason.js';

/** From here on a number says nothing to a reader. */
const ADULT_AGE = 18;

/** What one filter, or the ranking, says of a film for a viewer. */
export interface Decision {
  filter: 'consent' | 'model' | 'market' | 'age' | 'seen' | 'disliked' | 'hidden' | 'rank';
  passed: boolean;
  text: string;
}

/** A film of the viewer's history, and what it adds to the score of the film asked about (science G.1). */
export interface Contribution {
  film: number;
  kind: EvidenceKind;
  contribution: number;
}

export interface Explanation {
  /** The score that the served order is by (ranking/blend.ts); null where there is no model of both viewer and film. */
  score: number | null;
  /** What the score is the sum of, each in standard deviations over the model's films. */
  parts: { taste: number; now: number; genres: number } | null;
  /** Place among the films of the model that pass the filters; null where there is no score. */
  rank: number | null;
  /** The taste (ranking/taste-source.ts), before it was standardised: the sum of the contributions. Null where the model knows nothing that was liked. */
  taste: number | null;
  /** Every positive film of the history, the strongest first. */
  contributions: Contribution[];
  /** Each asked by itself, in the order in which scoring asks them. */
  decisions: Decision[];
}

/**
 * Why a film is, or is not, in a viewer's list: worked out again from the release's own model and the history that it was
 * made from, by the code that made it. The taste is the sum of the contributions. What hangs on the model alone is worked out
 * once: for 10,000 films by 128 factors it is most of 150 ms of CPU.
 */
export function createExplainer(
  model: Model | null,
  settings: Settings,
): (catalogue: Catalogue, viewer: Viewer, film: number) => Explanation {
  const laid = model === null ? null : layOut(model, settings);
  return (catalogue, viewer, film) => explain(catalogue, laid, viewer, film, settings);
}

type Settings = Pick<Config, 'lists' | 'eligibility' | 'blend' | 'ages'>;
type LaidOut = ReturnType<typeof layOut>;

function layOut(model: Model, { blend }: Settings) {
  const taste = openTaste(model, blend.newPerTwenty);
  const momentsOf = momentsOfSource(taste.source, model.filmIds.length);
  return { model, taste, viewers: taste.reader(), momentsOf };
}

function explain(
  catalogue: Catalogue,
  laid: LaidOut | null,
  viewer: Viewer,
  film: number,
  settings: Settings,
): Explanation {
  const { lists, eligibility, ages } = settings;
  const known = new Map(viewer.history.map((interaction) => [interaction.film, interaction]));
  const shelf = catalogue.shelf(viewer.market);
  const mayShow = (other: number) => {
    const { isSeen = false, isDisliked = false, isHidden = false } = known.get(other) ?? {};
    const isAway = isSeen || isDisliked || isHidden;
    return !isAway && shelf.isHeld[other] === 1 && isAllowed(viewer.maxAge, shelf.minAge[other]!);
  };
  const scored = laid === null ? null : scoreOf(catalogue, laid, viewer, film, mayShow, settings);
  const decisions = decide(catalogue, viewer, film, known.get(film), ages);
  const nothing = { score: null, rank: null, taste: null, parts: null, contributions: [] };
  const { score, rank, ...rest } = scored ?? nothing;
  decisions.splice(1, 0, {
    filter: 'model',
    passed: score !== null,
    text:
      score === null
        ? modelGap(laid?.model ?? null, viewer, eligibility)
        : 'the model knows this film and this viewer',
  });
  if (rank !== null && mayShow(film)) {
    const text = `place ${rank} of the films that pass the filters; a list has ${lists.size}`;
    decisions.push({ filter: 'rank', passed: rank <= lists.size, text });
  }
  return { score, rank, ...rest, decisions };
}

function scoreOf(
  catalogue: Catalogue,
  { model, taste, viewers, momentsOf }: LaidOut,
  viewer: Viewer,
  film: number,
  mayShow: (film: number) => boolean,
  settings: Settings,
): Omit<Explanation, 'decisions'> | null {
  const { blend, filmOfRow, rowOfFilm, tasteOf } = createTasteReader(catalogue, model, settings, taste);
  const row = rowOfFilm[film] ?? -1;
  const own = row < 0 ? null : tasteOf(viewer);
  if (own === null) return null;
  const { cells, history, isKnown, genreTaste } = own;
  const x = isKnown ? viewers.read(history) : null;
  const scores = x === null ? null : new Float64Array(filmOfRow.length);
  if (x !== null && scores !== null) tasteInto(taste.source, x, scores);
  const parts = createBlendParts(filmOfRow.length);
  const moments = x === null ? undefined : momentsOf(x);
  blendInto(blend, scores, genreTaste, parts, moments);
  const places = parts.total.slice();
  const isNew = (other: number) => other >= blend.known;
  const isCandidate = (other: number) => filmOfRow[other]! >= 0 && mayShow(filmOfRow[other]!);
  const quota = { size: settings.lists.size, perTwenty: blend.newPerTwenty };
  if (blend.rows > blend.known) holdNewFilms(places, isNew, isCandidate, quota);
  const place = places[row]!;
  let rank = 1;
  for (let other = 0; other < filmOfRow.length; other++) {
    if (other === row || !isCandidate(other)) continue;
    const theirs = places[other]!;
    if (theirs > place || (theirs === place && other < row)) rank++;
  }
  const values = isKnown ? viewers.contributions([row], history) : [];
  const contributions = cells
    .map((cell, c) => ({ ...asEvidence(cell), contribution: values[c] ?? 0 }))
    .filter((_, c) => isKnown && cells[c]!.weightMicro > 0)
    .sort((a, b) => b.contribution - a.contribution || a.film - b.film);
  return {
    score: parts.total[row]!,
    rank,
    taste: scores?.[row] ?? null,
    parts: { taste: parts.taste[row]!, now: blend.now[row]!, genres: parts.genres[row]! },
    contributions,
  };
}

function asEvidence({ film, kind }: Interaction): Omit<Contribution, 'contribution'> {
  return { film, kind: EVIDENCE_KINDS[kind] ?? 'watched' };
}

function modelGap(model: Model | null, viewer: Viewer, { minUserPos }: Config['eligibility']): string {
  if (model === null) return 'the release has no model: its lists are those of the formula';
  if (!viewer.isPersonal) return 'nothing is learned of a viewer who does not allow it';
  const positives = viewer.history.filter(({ weightMicro }) => weightMicro > 0).length;
  return positives < minUserPos
    ? `this viewer has ${positives} films that speak for something, and needs ${minUserPos}`
    : 'too few people have watched or rated this film for the model to know it';
}

function decide(
  catalogue: Catalogue,
  viewer: Viewer,
  film: number,
  own: Interaction | undefined,
  ages: Config['ages'],
): Decision[] {
  const { certificates } = catalogue.films[film]!;
  const { minAge, source } = minAgeWithSource(certificates, viewer.market, ages);
  const isHeld = catalogue.shelf(viewer.market).isHeld[film] === 1;
  const decision = (filter: Decision['filter'], passed: boolean, yes: string, no: string): Decision => ({
    filter,
    passed,
    text: passed ? yes : no,
  });
  const isOldEnough = isAllowed(viewer.maxAge, minAge);
  const viewerText =
    isOldEnough && viewer.maxAge >= ADULT_AGE
      ? 'this viewer is an adult'
      : `this viewer may see up to age ${viewer.maxAge}`;
  const ageText = `from age ${minAge} by ${source}; ${viewerText}`;
  return [
    decision(
      'consent',
      viewer.isPersonal,
      'personal lists are allowed',
      'this viewer wants no personal list',
    ),
    decision('market', isHeld, `held in market ${viewer.market}`, `no rights in market ${viewer.market}`),
    decision('age', isOldEnough, ageText, ageText),
    decision('seen', own?.isSeen !== true, 'not seen yet', 'seen already'),
    decision('disliked', own?.isDisliked !== true, 'not disliked', 'disliked, or rated low'),
    decision('hidden', own?.isHidden !== true, 'not excluded', 'excluded by this viewer'),
  ];
}
