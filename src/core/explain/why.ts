import type { Config } from '../../contracts/index.js';
import { createViewerSolver, type ViewerHistory } from '../als/solve-viewer.js';
import { isAllowed } from '../age-gate/index.js';
import { minAgeWithSource } from '../age-gate/certificate-source.js';
import type { Catalogue } from '../ranking/catalogue.js';
import type { Interaction, Model, Viewer } from '../ranking/viewer-list.js';
import { EVIDENCE_KINDS, type EvidenceKind } from './reason.js';

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
  /** The model's score; null where there is no model of both the viewer and the film. */
  score: number | null;
  /** Place among the films of the model that pass the filters; null where there is no score. */
  rank: number | null;
  /** Every positive film of the history, the strongest first: together they are the score. */
  contributions: Contribution[];
  /** Each asked by itself, in the order in which scoring asks them. */
  decisions: Decision[];
}

/**
 * Why a film is, or is not, in a viewer's list: worked out again from the release's own factors and the history that it was
 * made from, by the solver that made it. The score is the sum of the contributions: x_u is an exact half-step.
 */
export function explain(
  catalogue: Catalogue,
  model: Model | null,
  viewer: Viewer,
  film: number,
  { lists, eligibility, ages }: Pick<Config, 'lists' | 'eligibility' | 'ages'>,
): Explanation {
  const known = new Map(viewer.history.map((interaction) => [interaction.film, interaction]));
  const shelf = catalogue.shelf(viewer.market);
  const mayShow = (other: number) => {
    const { isSeen = false, isDisliked = false, isHidden = false } = known.get(other) ?? {};
    const isAway = isSeen || isDisliked || isHidden;
    return !isAway && shelf.isHeld[other] === 1 && isAllowed(viewer.maxAge, shelf.minAge[other]!);
  };
  const scored =
    model === null ? null : scoreOf(catalogue, model, viewer, film, mayShow, eligibility.minUserPos);
  const decisions = decide(catalogue, viewer, film, known.get(film), ages);
  const { score = null, rank = null, contributions = [] } = scored ?? {};
  decisions.splice(1, 0, {
    filter: 'model',
    passed: score !== null,
    text: score === null ? modelGap(model, viewer, eligibility) : 'the model knows this film and this viewer',
  });
  if (rank !== null && mayShow(film)) {
    const text = `place ${rank} of the films that pass the filters; a list has ${lists.size}`;
    decisions.push({ filter: 'rank', passed: rank <= lists.size, text });
  }
  return { score, rank, contributions, decisions };
}

function scoreOf(
  catalogue: Catalogue,
  { factors, filmIds, hyper }: Model,
  viewer: Viewer,
  film: number,
  mayShow: (film: number) => boolean,
  minUserPos: number,
): Omit<Explanation, 'decisions'> | null {
  const filmOfRow = Int32Array.from(filmIds, (filmId) => catalogue.indexOf(filmId) ?? -1);
  const rowOfFilm = new Map(Array.from(filmOfRow, (index, row): [number, number] => [index, row]));
  const row = rowOfFilm.get(film);
  const cells = viewer.history
    .flatMap((interaction) => {
      const of = rowOfFilm.get(interaction.film);
      return of === undefined || interaction.weightMicro === 0 ? [] : [{ interaction, row: of }];
    })
    .sort((a, b) => a.row - b.row);
  const positives = cells.filter(({ interaction }) => interaction.weightMicro > 0).length;
  if (row === undefined || !viewer.isPersonal || positives < minUserPos) return null;

  const solver = createViewerSolver(factors, hyper);
  const history: ViewerHistory = {
    filmRows: cells.map((cell) => cell.row),
    weightMicro: cells.map(({ interaction }) => interaction.weightMicro),
  };
  const x = solver.solveViewer(history);
  const score = solver.score(row, x);
  let rank = 1;
  for (let other = 0; other < filmOfRow.length; other++) {
    const index = filmOfRow[other]!;
    if (other === row || index < 0 || !mayShow(index)) continue;
    const theirs = solver.score(other, x);
    if (theirs > score || (theirs === score && other < row)) rank++;
  }
  const values = new Float64Array(cells.length);
  solver.contributions(row, history, values);
  const contributions = cells
    .map(({ interaction }, c) => ({ ...asEvidence(interaction), contribution: values[c]! }))
    .filter((_, c) => cells[c]!.interaction.weightMicro > 0)
    .sort((a, b) => b.contribution - a.contribution || a.film - b.film);
  return { score, rank, contributions };
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
  const ageText = `from age ${minAge} by ${source}; this viewer may see up to age ${viewer.maxAge}`;
  return [
    decision(
      'consent',
      viewer.isPersonal,
      'personal lists are allowed',
      'this viewer wants no personal list',
    ),
    decision('market', isHeld, `held in market ${viewer.market}`, `no rights in market ${viewer.market}`),
    decision('age', isAllowed(viewer.maxAge, minAge), ageText, ageText),
    decision('seen', own?.isSeen !== true, 'not seen yet', 'seen already'),
    decision('disliked', own?.isDisliked !== true, 'not disliked', 'disliked, or rated low'),
    decision('hidden', own?.isHidden !== true, 'not excluded', 'excluded by this viewer'),
  ];
}
