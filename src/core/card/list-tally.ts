import type { Card } from '../../contracts/index.js';
import type { Standing } from '../ranking/blend.js';

const LIST_K = 10;
const GROUPS = 10;

/** A list of films by id, best first, and whether it was made for its viewer. */
export interface TalliedList {
  pid: string;
  isPersonal: boolean;
  filmIds: readonly string[];
}

/** An earlier release to hold the lists against; `listOf` gives a viewer's films of then, null = no personal list. */
export interface Earlier {
  releaseId: string;
  night: string;
  /** Nights between the two. */
  nights: number;
  listOf: (pid: string) => readonly string[] | null;
}

/** Counts while lists go by, so that they are read once: how often each film is shown, and how much of a list was there before. */
export function createListTally(earlier: readonly Earlier[]) {
  const shown = new Map<string, number>();
  const repeats = earlier.map(() => ({ viewers: 0, overlap: 0 }));
  return {
    see({ pid, isPersonal, filmIds }: TalliedList): void {
      if (!isPersonal) return;
      const top = filmIds.slice(0, LIST_K);
      for (const filmId of top) shown.set(filmId, (shown.get(filmId) ?? 0) + 1);
      earlier.forEach(({ listOf }, n) => {
        const before = listOf(pid);
        if (before === null) return;
        repeats[n]!.viewers++;
        repeats[n]!.overlap +=
          before.slice(0, LIST_K).filter((filmId) => top.includes(filmId)).length / LIST_K;
      });
    },
    /** Mean overlap of the first ten films, over the viewers who had a personal list then, too. */
    repeats: (): Card['repeats'] =>
      earlier.map(({ releaseId, night, nights }, n) => {
        const { viewers, overlap } = repeats[n]!;
        return { releaseId, night, nights, viewers, overlap: viewers === 0 ? 0 : overlap / viewers };
      }),
    popularity: (filmIds: readonly string[], standing: readonly Standing[]) =>
      popularityGroups(filmIds, standing, shown),
  };
}

/** Films in tenths by positives, most liked first (ties: smaller id): their share of what was liked, and of places in first tens. */
function popularityGroups(
  filmIds: readonly string[],
  standing: readonly Standing[],
  shown: ReadonlyMap<string, number>,
): NonNullable<Card['popularity']> {
  const films = filmIds.map((filmId, row) => ({
    filmId,
    liked: standing[row]!.positives,
    shown: shown.get(filmId) ?? 0,
  }));
  films.sort((a, b) => b.liked - a.liked || (a.filmId < b.filmId ? -1 : 1));
  const all = { liked: 0, shown: 0 };
  for (const film of films) {
    all.liked += film.liked;
    all.shown += film.shown;
  }
  const groups = Array.from({ length: GROUPS }, () => ({ films: 0, liked: 0, shown: 0 }));
  films.forEach((film, place) => {
    const group = groups[Math.floor((GROUPS * place) / films.length)]!;
    group.films++;
    group.liked += film.liked / Math.max(all.liked, 1);
    group.shown += film.shown / Math.max(all.shown, 1);
  });
  return { groups };
}
