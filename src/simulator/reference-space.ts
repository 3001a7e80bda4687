import type { Leaning, TasteSpace } from './taste-space.js';

/** d = 8, as science J.1 asks: fewer axes than the demo's, so that films overlap and a model has something to untangle. */
const AXES = [
  'shadow',
  'laughter',
  'heart',
  'spectacle',
  'wonder',
  'childhood',
  'world',
  'golden-age',
] as const;
type Axis = (typeof AXES)[number];

const GENRES = {
  Drama: { heart: 0.7, laughter: -0.3 },
  Comedy: { laughter: 1.1, shadow: -0.2 },
  Romance: { heart: 0.9, spectacle: -0.4 },
  Thriller: { shadow: 0.9, spectacle: 0.2 },
  Crime: { shadow: 0.8, heart: 0.1, childhood: -0.3 },
  'Film-Noir': { shadow: 1, 'golden-age': 0.6 },
  Western: { spectacle: 0.6, 'golden-age': 0.7, laughter: -0.2 },
  War: { spectacle: 0.8, heart: 0.2, laughter: -0.4 },
  Musical: { laughter: 0.4, heart: 0.5, 'golden-age': 0.5, shadow: -0.4 },
  Adventure: { spectacle: 0.8, wonder: 0.2 },
  Action: { spectacle: 1, heart: -0.3 },
  'Science Fiction': { wonder: 1.1, 'golden-age': -0.2 },
  Horror: { shadow: 0.6, wonder: 0.6, heart: -0.3 },
  Mystery: { shadow: 0.8, wonder: 0.2 },
  Family: { childhood: 1, laughter: 0.2 },
  Animation: { childhood: 0.8, wonder: 0.4 },
  Fantasy: { wonder: 0.9, childhood: 0.3 },
  Documentary: { world: 0.7, wonder: -0.4 },
} as const satisfies Record<string, Leaning<Axis>>;

/** Cinemas from outside the home market are one axis here. */
const WORLD: Leaning<Axis> = { world: 0.9 };

export const REFERENCE_SPACE: TasteSpace = {
  axes: AXES,
  genres: GENRES,
  cinemas: {
    France: WORLD,
    Italy: WORLD,
    Germany: WORLD,
    Japan: WORLD,
    India: WORLD,
    'South Korea': { world: 1, shadow: 0.2 },
    Bangladesh: WORLD,
    Iran: WORLD,
  } satisfies Record<string, Leaning<Axis>>,
  era: { axis: 'golden-age', middle: 1970, years: 25, weight: 0.4 },
  filmSd: 0.35,
  population: { heart: 0.15, laughter: 0.15, spectacle: 0.15, world: -0.35 } satisfies Leaning<Axis>,
  ageEffect,
  tasteSd: 0.65,
  favourites: [1],
  prevalence: [14, 14, 12, 14, 12, 5, 10, 10],
};

function ageEffect(age: number): Leaning<Axis> {
  if (age < 13) return { childhood: 1.2, laughter: 0.3, shadow: -0.6, heart: -0.3 };
  if (age < 20) return { wonder: 0.4, spectacle: 0.4, 'golden-age': -0.4 };
  if (age < 35) return { wonder: 0.2, 'golden-age': -0.25, childhood: -0.3 };
  if (age < 55) return { childhood: -0.3 };
  return { heart: 0.2, 'golden-age': 0.5, wonder: -0.3, childhood: -0.4 };
}
