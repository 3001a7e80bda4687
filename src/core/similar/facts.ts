import type { CatalogueFilm } from '../../contracts/index.js';
import { compareRated } from '../weighted-rating/index.js';

/** What two films can have in common, and how much it says about them. */
type FactKind = 'director' | 'actor' | 'genre' | 'decade' | 'country';

/**
 * Weight of a kind of fact. The rarity of the single fact comes on top: a shared director outweighs a genre, and a rare
 * genre a common one.
 */
const WEIGHTS: Record<FactKind, number> = {
  director: 1,
  actor: 0.7,
  genre: 0.9,
  decade: 0.35,
  country: 0.35,
};

export interface FactNeighbour {
  film: number;
  /** Cosine of the two films' facts, 0 < score ≤ 1. */
  score: number;
  /** Names a fact that both films have. */
  text: string;
}

export interface FactNeighbours {
  /** The films most like `film` by what is known of them, best first: score desc, then the order of every weighted list. */
  of(film: number, limit: number, isWanted?: (film: number) => boolean): FactNeighbour[];
}

interface Fact {
  kind: FactKind;
  name: string;
  /** Weight of the fact, squared once it meets itself in another film. */
  weight: number;
  films: number[];
}

/**
 * Films as vectors of facts: a fact of kind t that df of n films have weighs WEIGHTS[t]·ln(1 + n/df) (the usual inverse
 * document frequency), and likeness is the cosine. Facts that nobody else shares still lengthen a film's vector.
 */
export function factNeighbours(films: readonly CatalogueFilm[]): FactNeighbours {
  const facts = new Map<string, Fact>();
  const ofFilm = films.map((film, index) =>
    factsOf(film).map(({ kind, name }) => {
      const key = `${kind} ${name.toLowerCase()}`;
      const fact = facts.get(key) ?? { kind, name, weight: 0, films: [] };
      facts.set(key, fact);
      if (fact.films.at(-1) !== index) fact.films.push(index);
      return fact;
    }),
  );
  const distinct = ofFilm.map((list) => [...new Set(list)]);
  for (const fact of facts.values()) {
    fact.weight = WEIGHTS[fact.kind] * Math.log(1 + films.length / fact.films.length);
  }
  const length = Float64Array.from(distinct, (list) =>
    Math.sqrt(list.reduce((sum, { weight }) => sum + weight * weight, 0)),
  );
  const dot = new Float64Array(films.length);

  return {
    of(film, limit, isWanted = () => true) {
      const touched: number[] = [];
      for (const { weight, films: sharers } of distinct[film] ?? []) {
        for (const other of sharers) {
          if (dot[other] === 0) touched.push(other);
          dot[other] = (dot[other] ?? 0) + weight * weight;
        }
      }
      const scored = touched.map((other) => ({
        film: other,
        score: (dot[other] ?? 0) / ((length[film] ?? 0) * (length[other] ?? 0)),
      }));
      for (const other of touched) dot[other] = 0;
      return scored
        .filter(({ film: other }) => other !== film && isWanted(other))
        .sort((a, b) => b.score - a.score || compareFilms(films, a.film, b.film))
        .slice(0, limit)
        .map((found) => ({
          ...found,
          text: sharedText(distinct[film] ?? [], new Set(distinct[found.film])),
        }));
    },
  };
}

function factsOf(film: CatalogueFilm): { kind: FactKind; name: string }[] {
  const named = (kind: FactKind, names: readonly string[]) => names.map((name) => ({ kind, name }));
  const decade = film.year === null ? [] : [`${film.year - (film.year % 10)}s`];
  return [
    ...named('director', film.directors),
    ...named('actor', film.actors),
    ...named('genre', film.genres),
    ...named('decade', decade),
    ...named('country', film.countries),
  ];
}

function compareFilms(films: readonly CatalogueFilm[], a: number, b: number): number {
  const [one, other] = [films[a], films[b]];
  return one === undefined || other === undefined ? a - b : compareRated(one, other);
}

/** The strongest fact in common, as a sentence; of equal ones the first of the film. */
function sharedText(own: readonly Fact[], others: ReadonlySet<Fact>): string {
  const shared = own.filter((fact) => others.has(fact));
  const people = strongest(shared.filter(({ kind }) => kind === 'director' || kind === 'actor'));
  if (people !== undefined) {
    return people.kind === 'director' ? `Also directed by ${people.name}` : `Also with ${people.name}`;
  }
  const of = (wanted: FactKind) => strongest(shared.filter(({ kind }) => kind === wanted))?.name;
  const [genre, decade, country] = [of('genre'), of('decade'), of('country')];
  const made = [
    decade === undefined ? '' : ` of the ${decade}`,
    country === undefined ? '' : ` from ${country}`,
  ].join('');
  return genre === undefined ? `Also${made}` : `Also ${genre}${made}`;
}

function strongest(facts: readonly Fact[]): Fact | undefined {
  return [...facts].sort((a, b) => b.weight - a.weight)[0];
}
