/** The different lists of genres among a model's films: a few hundred where films are many thousands. */
export interface GenreMixes {
  /** Genres of mix m: genre[start[m]] … genre[start[m+1]−1], in the order in which its films give them. */
  start: Int32Array;
  genre: Int32Array;
  /** Mix of each row. */
  ofRow: Int32Array;
  /** How many of the films that the model has learnt have each mix. */
  known: Float64Array;
}

/** Mixes of rows by their first film; the first `known` rows are learnt. `genresOf` gives numbers. */
export function genreMixes(genresOf: readonly (readonly number[])[], known: number): GenreMixes {
  const numbers = new Map<string, number>();
  const start = [0];
  const genre: number[] = [];
  const ofRow = Int32Array.from(genresOf, (own) => {
    const key = own.join();
    let mix = numbers.get(key);
    if (mix === undefined) {
      numbers.set(key, (mix = numbers.size));
      genre.push(...own);
      start.push(genre.length);
    }
    return mix;
  });
  const counts = new Float64Array(numbers.size);
  for (let row = 0; row < known; row++) counts[ofRow[row]!]!++;
  return { start: Int32Array.from(start), genre: Int32Array.from(genre), ofRow, known: counts };
}
