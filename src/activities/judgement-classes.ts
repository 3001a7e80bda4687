import { type Config, certificatesSchema } from '../contracts/index.js';
import { filmMinAge, isAllowed } from '../core/age-gate/index.js';
import { isHeldIn } from '../core/ranking/catalogue.js';
import { pause } from './pause.js';

export interface ClassRow {
  market: string;
  max_age: number;
}
interface FilmRow {
  certificates: string | null;
  markets: string[];
}

/** Viewers who may see the same films: one class per market and age limit. */
export function viewerClasses(viewers: readonly ClassRow[]): { classOf: Int32Array; classes: ClassRow[] } {
  const numbers = new Map<string, number>();
  const classes: ClassRow[] = [];
  const classOf = Int32Array.from(viewers, (viewer) => {
    const name = `${viewer.max_age} ${viewer.market}`;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, classes.length);
    return classes.push(viewer) - 1;
  });
  return { classOf, classes };
}

/** classes × films: 1 where market or age keeps the film away, and the film's minimum age in years. */
export async function hiddenFilms(
  films: readonly FilmRow[],
  classes: readonly ClassRow[],
  { ages }: Config,
): Promise<{ hidden: Uint8Array; minAges: Uint8Array }> {
  const hidden = new Uint8Array(classes.length * films.length);
  const minAges = new Uint8Array(classes.length * films.length);
  const certificates = films.map((film) => certificatesSchema.parse(JSON.parse(film.certificates ?? '{}')));
  // The rule's costly half asks for film and market alone: once per market, not once per class of one.
  for (const market of new Set(classes.map((viewer) => viewer.market))) {
    await pause();
    const ageOf = certificates.map((labels) => filmMinAge(labels, market, ages));
    const held = films.map((film) => isHeldIn(film, market));
    classes.forEach((viewer, c) => {
      if (viewer.market !== market) return;
      for (let film = 0, at = c * films.length; film < films.length; film++, at++) {
        minAges[at] = ageOf[film]!;
        hidden[at] = held[film]! && isAllowed(viewer.max_age, ageOf[film]!) ? 0 : 1;
      }
    });
  }
  return { hidden, minAges };
}
