import { NEIGHBOURS, type SimilarFilm } from './similar-films.js';

/**
 * The neighbours of every film of a release, as one array of 32-bit numbers:
 *
 *   version, films n, neighbours per film p, then n·p entries, film by film, best first.
 *
 * An entry is the neighbour's index; its highest bit says that taste is what speaks for it. NONE fills up.
 */
const VERSION = 1;
const HEADER = 3;
const TASTE_BIT = 0x8000_0000;
const NONE = 0xffff_ffff;

/** Entries of films that come one after another. */
export function packSimilar(rows: readonly (readonly SimilarFilm[])[]): Uint32Array {
  const entries = new Uint32Array(rows.length * NEIGHBOURS).fill(NONE);
  rows.forEach((row, i) => {
    row.slice(0, NEIGHBOURS).forEach(({ film, kind }, j) => {
      entries[i * NEIGHBOURS + j] = (film | (kind === 'taste' ? TASTE_BIT : 0)) >>> 0;
    });
  });
  return entries;
}

/** In memory that threads share. */
export function emptyTable(films: number): Uint32Array<SharedArrayBuffer> {
  const table = new Uint32Array(new SharedArrayBuffer(4 * (HEADER + films * NEIGHBOURS))).fill(NONE);
  table.set([VERSION, films, NEIGHBOURS]);
  return table;
}

/** Puts entries of packSimilar where their first film has its place. */
export function placeSimilar(table: Uint32Array, entries: Uint32Array, firstFilm: number): void {
  table.set(entries, HEADER + firstFilm * NEIGHBOURS);
}

/** A table by film ids, `filmIds[i]` that of film i. Throws when the table is not one of these films. */
export interface SimilarTable {
  /** Best first; null = a film that the table does not know. */
  of(filmId: string): { filmId: string; kind: SimilarFilm['kind'] }[] | null;
}

export function openSimilar(table: Uint32Array, filmIds: readonly string[]): SimilarTable {
  const [version, films = 0, perFilm = 0] = table;
  if (version !== VERSION || films !== filmIds.length || table.length !== HEADER + films * perFilm) {
    throw new Error(
      `similar films: version ${version}, ${films} films in ${table.length} numbers, ` +
        `expected version ${VERSION} and ${filmIds.length} films`,
    );
  }
  const indexes = new Map(filmIds.map((filmId, index) => [filmId, index]));
  return {
    of(filmId) {
      const index = indexes.get(filmId);
      if (index === undefined) return null;
      const start = HEADER + index * perFilm;
      return [...table.subarray(start, start + perFilm)].flatMap((entry) => {
        const other = entry === NONE ? undefined : filmIds[entry & ~TASTE_BIT];
        return other === undefined ? [] : [{ filmId: other, kind: entry >= TASTE_BIT ? 'taste' : 'facts' }];
      });
    },
  };
}

/** The same neighbours with films counted in another order. */
export function reorderSimilar(
  table: Uint32Array,
  filmIds: readonly string[],
  wanted: readonly string[],
): Uint32Array {
  const neighbours = openSimilar(table, filmIds);
  const indexes = new Map(wanted.map((filmId, index) => [filmId, index]));
  const rows = wanted.map((filmId) =>
    (neighbours.of(filmId) ?? []).flatMap(({ filmId: other, kind }) => {
      const film = indexes.get(other);
      return film === undefined ? [] : [{ film, kind }];
    }),
  );
  const reordered = emptyTable(wanted.length);
  placeSimilar(reordered, packSimilar(rows), 0);
  return reordered;
}
