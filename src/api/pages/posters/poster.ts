import { type Random, randomOf } from '../../../core/random/random.js';
import { chance, oneOf, rect } from './drawing.js';
import { type Figure, HORROR, NOIR, skyline, spiral, THRILLER } from './figures-dark.js';
import { castle, COMEDY, FAMILY, FANTASY, fans, heart, MUSICAL, ROMANCE } from './figures-light.js';
import { birds, fire, flower, moon, rain, snow, stars, tree } from './figures-nature.js';
import { DOCUMENTARY, doorway, DRAMA, planet, SCIENCE_FICTION } from './figures-plain.js';
import { bridge, clock, crown, gem, road, train, wheel, window } from './figures-things.js';
import { ADVENTURE, HISTORY, lowSun, ranges, WAR, WESTERN } from './figures-wide.js';
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

/**
 * Figures and moods of a genre, in the order in which a film's genres are asked: the most telling first. A row of films of
 * one genre shows ten posters side by side: with fewer than about ten figures, neighbours would often be the same.
 */
const GENRES: readonly [genre: string, figures: [Figure, ...Figure[]], moods: [Mood, ...Mood[]]][] = [
  ['Western', [...WESTERN, ranges, road, wheel, birds, train], ['desert']],
  ['Film-Noir', [...NOIR, rain, window, clock, doorway, road, moon], ['night']],
  ['Science Fiction', [...SCIENCE_FICTION, stars, moon, clock, spiral], ['orbit', 'orbit', 'night']],
  ['Horror', [...HORROR, moon, fire, doorway, window], ['night', 'ember']],
  ['Musical', [...MUSICAL, stars, heart, skyline], ['footlights']],
  ['Animation', [...FAMILY, castle, stars, moon, tree, birds], ['meadow']],
  ['War', [...WAR, fire, birds, bridge, road], ['ember']],
  ['Documentary', DOCUMENTARY, ['paper']],
  ['Fantasy', [...FANTASY, moon, stars, tree, gem], ['orbit', 'meadow', 'velvet']],
  ['Family', [...FAMILY, tree, birds, snow, wheel], ['meadow', 'meadow', 'footlights']],
  ['Thriller', [...THRILLER, window, clock, train, rain, road], ['night', 'ember']],
  ['Mystery', [...THRILLER, doorway, moon, window, gem], ['night', 'velvet']],
  ['Crime', [...NOIR, gem, road, clock, rain, window], ['night', 'ember']],
  ['Adventure', [...ADVENTURE, lowSun, bridge, tree, gem, birds], ['desert', 'meadow', 'orbit']],
  ['Action', [...WAR, road, fire, bridge, wheel], ['ember', 'desert']],
  ['History', [...HISTORY, crown, fire, bridge], ['ember', 'paper', 'desert']],
  ['Biography', [...HISTORY, clock, doorway, planet], ['paper', 'velvet']],
  ['Comedy', [...COMEDY, fans, wheel, flower, skyline, train], ['footlights', 'meadow', 'paper']],
  ['Romance', [...ROMANCE, flower, moon, rain, bridge], ['velvet']],
  ['Drama', [...DRAMA, tree, rain, window, birds], ['paper', 'paper', 'velvet', 'ember']],
];

/** Genres that play elsewhere, or before there were tower blocks: no city is drawn for them. */
const CITYLESS = ['Animation', 'Family', 'Fantasy', 'Adventure', 'Western', 'History', 'Biography', 'Action'];

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
  const figure = figureOf(film, random, figures);
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

/** What the title names, nearly always; else one of the genre's, and now and then one of the film's other genres. */
function figureOf(
  { title, genres }: Pick<PosterFacts, 'title' | 'genres'>,
  random: Random,
  figures: [Figure, ...Figure[]],
): Figure {
  const named = motifOf(title);
  if (named !== null && chance(random, 0.92)) return named;
  const all = GENRES.filter(([genre]) => genres.includes(genre)).flatMap(([, theirs]) => theirs);
  const some = all.length > 0 && chance(random, 0.3) ? all : figures;
  const [one = figures[0], ...more] = CITYLESS.some((genre) => genres.includes(genre))
    ? some.filter((figure) => figure !== skyline)
    : some;
  return oneOf(random, [one, ...more]);
}

function short(country: string): string {
  return SHORT[country] ?? country;
}
const SHORT: Record<string, string> = {
  'United States': 'USA',
  'United Kingdom': 'UK',
  'Soviet Union': 'USSR',
};
