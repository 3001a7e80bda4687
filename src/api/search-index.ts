import MiniSearch, { type Query } from 'minisearch';
import type { CatalogueFilm } from '../contracts/release.js';
import { compareRated } from '../core/weighted-rating/index.js';

/** Words of a query beyond these are not looked for. */
const MOST_WORDS = 12;

/** Finds films by their titles, people and years. */
export interface SearchIndex {
  /** Indexes of the films that match every word (the beginning of one is enough), best first; only wanted ones. */
  find(query: string, isWanted: (film: number) => boolean): number[];
}

/**
 * Full text by BM25+ with titles above people, and films that many have rated somewhat above others. Titles are also
 * found written together ("spiderman", "mash"). Where nothing matches, a quarter of a word's letters may be wrong, two at most.
 * Ties go by the order of every weighted list, so that the same index gives the same order.
 */
export function createSearchIndex(films: readonly CatalogueFilm[]): SearchIndex {
  const index = new MiniSearch<Record<string, unknown>>({
    fields: ['title', 'whole', 'people', 'year'],
    tokenize: (text) => text.split(' '),
    processTerm: (term) => term,
    searchOptions: {
      boost: { title: 3, whole: 3, people: 1.5, year: 1 },
      prefix: true,
      combineWith: 'AND',
      // Ten times the votes are worth a quarter more.
      boostDocument: (film: number) => 1 + Math.log10(1 + (films[film]?.votes ?? 0)) / 4,
    },
  });
  index.addAll(
    films.map((film, id) => {
      const title = words(film.title);
      return {
        id,
        title: title.join(' '),
        whole: title.join(''),
        people: words([...film.directors, ...film.actors].join(' ')).join(' '),
        year: film.year === null ? '' : String(film.year),
      };
    }),
  );
  const ranked = (query: Query, fuzzy: typeof misspelt | false, isWanted: (film: number) => boolean) =>
    index
      .search(query, { fuzzy, maxFuzzy: 2, filter: ({ id }: { id: number }) => isWanted(id) })
      .map(({ id, score }: { id: number; score: number }) => ({ id, score }))
      .sort((a, b) => b.score - a.score || compare(a.id, b.id))
      .map(({ id }) => id);
  const compare = (a: number, b: number) => {
    const [one, other] = [films[a], films[b]];
    return one === undefined || other === undefined ? a - b : compareRated(one, other);
  };

  return {
    find(query, isWanted) {
      const wanted = words(query).slice(0, MOST_WORDS);
      const tree: Query = {
        combineWith: 'OR',
        queries: [
          { combineWith: 'AND', queries: wanted },
          { fields: ['whole'], queries: [wanted.join('')] },
        ],
      };
      const found = ranked(tree, false, isWanted);
      return found.length > 0 ? found : ranked({ combineWith: 'AND', queries: wanted }, misspelt, isWanted);
    },
  };
}

/** Numbers and short words are meant as they are written. */
function misspelt(word: string): number | false {
  return word.length >= 4 && /\p{L}/u.test(word) ? 0.25 : false;
}

/** Letters that Unicode does not take apart. */
const LETTERS: Record<string, string> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ı: 'i',
};

/**
 * The words of a text as they are compared: lower case, without accents (marks that carry vowels, as in Bengali, stay),
 * apostrophes dropped, "8½" read as "8 1 2".
 */
export function words(text: string): string[] {
  return text
    .replace(/[\u00bc-\u00be\u2150-\u215e]/g, ' $&')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f'’‘`´]/g, '')
    .replace(/[ßøłđðæœþı]/g, (letter) => LETTERS[letter] ?? letter)
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '');
}
