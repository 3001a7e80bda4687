import type { CatalogueFilm } from '../../contracts/index.js';

/** What two films can have in common. */
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

/**
 * Of the films that share one fact, only this many are compared, in the order of the Top list: half of a large catalogue
 * is Drama, and nobody wants the least known of it. 60,000 films then take 20 CPU seconds and not half an hour.
 */
const COMPARED = 200;

export interface FactNeighbour {
  film: number;
  /** Cosine of the two films' facts, 0 < score ≤ 1. */
  score: number;
}

export interface FactNeighbours {
  /** The films most like `film` by what is known of them, best first; of equal ones the higher in the Top list. */
  of: (film: number, limit: number, isWanted?: (film: number) => boolean) => FactNeighbour[];
  /** Cosine of two films' facts; 0 = nothing in common. */
  score: (a: number, b: number) => number;
  /** A sentence that names what two films have in common; null = nothing. */
  text: (a: number, b: number) => string | null;
}

interface Fact {
  kind: FactKind;
  name: string;
  weight: number;
  /** In the order of the Top list. */
  films: number[];
}

/**
 * Films as vectors of facts: a fact of kind t that df of n films have weighs WEIGHTS[t]·ln(1 + n/df) (the usual inverse
 * document frequency), and likeness is the cosine. Facts that nobody else shares still lengthen a film's vector.
 * `top`: film indexes in the order of the Top list.
 */
export function factNeighbours(films: readonly CatalogueFilm[], top: Iterable<number>): FactNeighbours {
  const facts = new Map<string, Fact>();
  const place = new Int32Array(films.length).fill(films.length);
  const ofFilm: Fact[][] = films.map(() => []);
  let placed = 0;
  for (const index of top) {
    const film = films[index];
    if (film === undefined) continue;
    place[index] = placed++;
    const own = new Set<Fact>();
    for (const { kind, name } of factsOf(film)) {
      const key = `${kind} ${name.toLowerCase()}`;
      const fact = facts.get(key) ?? { kind, name, weight: 0, films: [] };
      facts.set(key, fact);
      own.add(fact);
    }
    for (const fact of own) fact.films.push(index);
    ofFilm[index] = [...own];
  }
  for (const fact of facts.values()) {
    fact.weight = WEIGHTS[fact.kind] * Math.log(1 + films.length / fact.films.length);
  }
  const length = Float64Array.from(ofFilm, (own) =>
    Math.sqrt(own.reduce((sum, { weight }) => sum + weight * weight, 0)),
  );

  const shared = (a: number, b: number) => {
    const others = ofFilm[b] ?? [];
    return (ofFilm[a] ?? []).filter((fact) => others.includes(fact));
  };
  const score = (a: number, b: number) => {
    const others = ofFilm[b] ?? [];
    let dot = 0;
    for (const fact of ofFilm[a] ?? []) if (others.includes(fact)) dot += fact.weight * fact.weight;
    return dot === 0 ? 0 : dot / ((length[a] ?? 0) * (length[b] ?? 0));
  };
  /** For each film the last one that it was compared with. */
  const comparedWith = new Int32Array(films.length).fill(-1);

  return {
    score,
    of(film, limit, isWanted = () => true) {
      const found: FactNeighbour[] = [];
      for (const { films: sharers } of ofFilm[film] ?? []) {
        let compared = 0;
        for (const other of sharers) {
          if (other === film || !isWanted(other)) continue;
          if (comparedWith[other] !== film) found.push({ film: other, score: score(film, other) });
          comparedWith[other] = film;
          if (++compared === COMPARED) break;
        }
      }
      for (const { film: other } of found) comparedWith[other] = -1;
      return found
        .sort((a, b) => b.score - a.score || (place[a.film] ?? 0) - (place[b.film] ?? 0))
        .slice(0, limit);
    },
    text: (a, b) => sentence(shared(a, b)),
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

/** The strongest fact in common, of equal ones the first of the film. */
function sentence(shared: readonly Fact[]): string | null {
  if (shared.length === 0) return null;
  const person = strongest(shared.filter(({ kind }) => kind === 'director' || kind === 'actor'));
  if (person !== undefined) {
    return person.kind === 'director' ? `Also directed by ${person.name}` : `Also with ${person.name}`;
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
