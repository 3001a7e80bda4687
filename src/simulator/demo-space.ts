import type { Leaning, TasteSpace } from './taste-space.js';

/** The demo's twelve axes: narrow enough that a named viewer's taste shows in a list of five. */
const AXES = [
  'shadow', // crime, noir, mystery, suspense
  'frontier', // westerns
  'song', // musicals
  'wonder', // science fiction, fantasy, horror
  'childhood', // family films and animation
  'laughter', // comedies
  'heart', // romance and drama
  'spectacle', // war, adventure, action, history
  'europe', // the cinemas of Europe, beside Britain's
  'east-asia',
  'south-asia',
  'golden-age', // made before about 1960, against made after about 1980
] as const;
type Axis = (typeof AXES)[number];

/** The closed list of genres of the demo's catalogue, each with its mean in taste space. */
export const GENRES = {
  Drama: { heart: 0.3 },
  Comedy: { laughter: 0.9 },
  Romance: { heart: 0.8 },
  Thriller: { shadow: 0.6 },
  Crime: { shadow: 0.6 },
  'Film-Noir': { shadow: 1.3, 'golden-age': 0.5 },
  Western: { frontier: 1.6 },
  War: { spectacle: 0.8 },
  Musical: { song: 1.2 },
  Adventure: { spectacle: 0.6 },
  Action: { spectacle: 0.7 },
  'Science Fiction': { wonder: 1.3 },
  Horror: { wonder: 0.5, shadow: 0.5 },
  Mystery: { shadow: 0.6 },
  Family: { childhood: 0.9 },
  Animation: { childhood: 0.8 },
  Fantasy: { wonder: 0.5, childhood: 0.2 },
  History: { spectacle: 0.7 },
  Biography: { heart: 0.3, spectacle: 0.2 },
  Documentary: { europe: 0.4 },
} as const satisfies Record<string, Leaning<Axis>>;

const CINEMAS: Record<string, Leaning<Axis>> = {
  France: { europe: 0.9 },
  Italy: { europe: 0.9 },
  Germany: { europe: 0.9 },
  Sweden: { europe: 1 },
  Denmark: { europe: 1 },
  Poland: { europe: 1 },
  Spain: { europe: 0.9 },
  'Soviet Union': { europe: 1 },
  Czechoslovakia: { europe: 1 },
  Iran: { europe: 0.5, 'south-asia': 0.3 },
  Mexico: { europe: 0.6 },
  Brazil: { europe: 0.6 },
  Cuba: { europe: 0.6 },
  Japan: { 'east-asia': 1.2 },
  China: { 'east-asia': 1.2 },
  Taiwan: { 'east-asia': 1.2 },
  'Hong Kong': { 'east-asia': 1.2 },
  'South Korea': { 'east-asia': 1.2 },
  India: { 'south-asia': 1.8 },
  Bangladesh: { 'south-asia': 1.8 },
};

const POPULATION: Leaning<Axis> = {
  heart: 0.2,
  laughter: 0.25,
  spectacle: 0.2,
  europe: -0.25,
  'east-asia': -0.35,
  'south-asia': -0.35,
};

export const DEMO_SPACE: TasteSpace = {
  axes: AXES,
  genres: GENRES,
  cinemas: CINEMAS,
  era: { axis: 'golden-age', middle: 1970, years: 25, weight: 0.45 },
  filmSd: 0.15,
  population: POPULATION,
  ageEffect,
  tasteSd: 0.35,
  favourites: [1.7, 0.9],
  prevalence: [14, 9, 12, 14, 5, 12, 10, 12, 8, 7, 13, 6],
};

function ageEffect(age: number): Leaning<Axis> {
  if (age < 13)
    return { childhood: 1.2, laughter: 0.2, wonder: 0.2, shadow: -0.5, heart: -0.3, 'golden-age': -0.2 };
  if (age < 20) return { wonder: 0.5, spectacle: 0.4, laughter: 0.2, 'golden-age': -0.4 };
  if (age < 35) return { wonder: 0.3, 'golden-age': -0.25, childhood: -0.2 };
  if (age < 55) return { childhood: -0.2 };
  return { frontier: 0.25, song: 0.2, 'golden-age': 0.4, wonder: -0.2, childhood: -0.3 };
}
