import { type FilmFacts, type FilmFeatures, filmFeatures } from './film-features.js';
import { type Prior, priorFactors } from './prior.js';

/** What facts say of films: of those that a model is trained on, in their rows' order, and of all others. */
export interface FilmContent {
  gamma: number;
  features: FilmFeatures;
  /** Films without factors of their own, by ascending id; new ones may be listed (config blend.newDays). */
  cold: {
    films: ColdFilm[];
    features: Omit<FilmFeatures, 'names'>;
    genres: (readonly string[])[];
  };
}
export interface ColdFilm {
  filmId: string;
  isNew: boolean;
}

/** `learnt`: facts of the model's films in the rows' order; `cold`: of all others by ascending id. */
export function filmContent(
  gamma: number,
  learnt: readonly FilmFacts[],
  cold: readonly (ColdFilm & { facts: FilmFacts })[],
): FilmContent {
  const { names, start, feature, value } = filmFeatures([...learnt, ...cold.map(({ facts }) => facts)]);
  const films = learnt.length;
  return {
    gamma,
    features: {
      names,
      start: start.slice(0, films + 1),
      feature: feature.slice(0, start[films]),
      value: value.slice(0, start[films]),
    },
    cold: {
      films: cold.map(({ filmId, isNew }) => ({ filmId, isNew })),
      features: { start: start.slice(films), feature, value },
      genres: cold.map(({ facts }) => facts.genres),
    },
  };
}

/** The films that training does not know as a model has them: what facts say of them once B is fitted. */
export function coldFilmsOf(
  prior: Prior | null,
  content: FilmContent | null,
): { factors: Float32Array<ArrayBuffer>; films: ColdFilm[] } {
  if (prior === null || content === null) return { factors: new Float32Array(), films: [] };
  return { factors: priorFactors(prior, content.cold.features), films: content.cold.films };
}
