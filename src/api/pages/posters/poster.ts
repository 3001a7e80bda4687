import { randomOf } from '../../../core/random/random.js';
import { chance, oneOf, rect } from './drawing.js';
import { type Figure, HORROR, NOIR, THRILLER } from './figures-dark.js';
import { COMEDY, FAMILY, FANTASY, MUSICAL, ROMANCE } from './figures-light.js';
import { DOCUMENTARY, DRAMA, SCIENCE_FICTION } from './figures-plain.js';
import { ADVENTURE, HISTORY, WAR, WESTERN } from './figures-wide.js';
import { HEIGHT, type LayoutName, LAYOUTS, WIDTH } from './layouts.js';
import type { Voice } from './lettering.js';
import { motifOf } from './motifs.js';
import { type Mood, printings } from './palettes.js';

/** What a poster is drawn from: facts of the film, nothing else. */
export interface PosterFacts {
  movieId: string;
  title: string;
  year: number | null;
  genres: readonly string[];
  directors: readonly string[];
  runtimeMin: number | null;
  countries: readonly string[];
}

/** Figures and moods of a genre, in the order in which a film's genres are asked: the most telling first. */
const GENRES: readonly [genre: string, figures: [Figure, ...Figure[]], moods: [Mood, ...Mood[]]][] = [
  ['Western', WESTERN, ['desert']],
  ['Film-Noir', NOIR, ['night']],
  ['Science Fiction', SCIENCE_FICTION, ['orbit', 'orbit', 'night']],
  ['Horror', HORROR, ['night', 'ember']],
  ['Musical', MUSICAL, ['footlights']],
  ['Animation', FAMILY, ['meadow']],
  ['War', WAR, ['ember']],
  ['Documentary', DOCUMENTARY, ['paper']],
  ['Fantasy', FANTASY, ['orbit', 'meadow', 'velvet']],
  ['Family', FAMILY, ['meadow', 'meadow', 'footlights']],
  ['Thriller', THRILLER, ['night', 'ember']],
  ['Mystery', THRILLER, ['night', 'velvet']],
  ['Crime', NOIR, ['night', 'ember']],
  ['Adventure', ADVENTURE, ['desert', 'meadow', 'orbit']],
  ['Action', WAR, ['ember', 'desert']],
  ['History', HISTORY, ['ember', 'paper', 'desert']],
  ['Biography', HISTORY, ['paper', 'velvet']],
  ['Comedy', COMEDY, ['footlights', 'meadow', 'paper']],
  ['Romance', ROMANCE, ['velvet']],
  ['Drama', DRAMA, ['paper', 'paper', 'velvet', 'ember']],
];

const VOICES: Record<Voice['name'], Voice> = {
  grot: { name: 'grot', width: 0.8, capHeight: 0.72, isUpper: true },
  serif: { name: 'serif', width: 0.98, capHeight: 0.69, isUpper: false },
  book: { name: 'book', width: 1.02, capHeight: 0.69, isUpper: true },
  geo: { name: 'geo', width: 1.02, capHeight: 0.73, isUpper: true },
  type: { name: 'type', width: 1, capHeight: 0.62, isUpper: false },
};

/** How a decade set its bills. */
const DECADES: readonly [
  until: number,
  layouts: [LayoutName, ...LayoutName[]],
  voices: [Voice['name'], ...Voice['name'][]],
][] = [
  [1930, ['card', 'card', 'bill'], ['book', 'serif']],
  [1940, ['card', 'bill', 'foot'], ['geo', 'book']],
  [1950, ['bill', 'foot', 'band'], ['geo', 'grot', 'book']],
  [1960, ['spine', 'head', 'band', 'foot'], ['grot', 'book', 'type']],
  [1970, ['grid', 'head', 'spine'], ['grot', 'serif']],
  [1980, ['foot', 'band', 'head'], ['book', 'serif', 'grot']],
  [1990, ['band', 'spine', 'foot'], ['geo', 'grot']],
  [Infinity, ['grid', 'foot', 'head'], ['serif', 'geo', 'grot']],
];

/**
 * A film's poster as inline SVG, the same for the same facts: the genre (or a thing that the title names) gives the
 * figure and the inks, the decade the setting, and the film's id all that is left to choose. Decoration: whoever shows it
 * says the title in text.
 */
export function poster(film: PosterFacts): string {
  const random = randomOf('poster', film.movieId);
  const [, figures, moods] =
    GENRES.find(([genre]) => film.genres.includes(genre)) ?? GENRES[GENRES.length - 1]!;
  const palette = oneOf(random, printings(oneOf(random, moods)));
  const [, layouts, voices] =
    DECADES.find(([until]) => (film.year ?? 1965) < until) ?? DECADES[DECADES.length - 1]!;
  const layout = LAYOUTS[oneOf(random, layouts)];
  const voice = VOICES[oneOf(random, voices)];
  const named = motifOf(film.title);
  const figure = named !== null && chance(random, 0.92) ? named : oneOf(random, figures);
  const words = {
    title: film.title,
    credit: film.directors.slice(0, 2).join(' & '),
    facts: [film.year, film.countries[0] === undefined ? null : short(film.countries[0])]
      .filter((fact) => fact !== null)
      .join('  '),
  };
  const drawn = layout(words, voice, palette, (width, height) => figure(random, palette, width, height));
  return (
    `<svg class="poster" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true" focusable="false">` +
    `${rect(0, 0, WIDTH, HEIGHT, palette.ground)}${drawn}</svg>`
  );
}

function short(country: string): string {
  return SHORT[country] ?? country;
}
const SHORT: Record<string, string> = {
  'United States': 'USA',
  'United Kingdom': 'UK',
  'Soviet Union': 'USSR',
};
