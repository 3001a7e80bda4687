import type { Config, FormulaLists, Profile } from '../../contracts/index.js';
import { profileMaxAge, yearOf } from '../../core/age-gate/index.js';
import { DAY_MS } from '../../core/feedback/index.js';
import { type CellCount, bandOf, popularCells } from '../../core/ranking/popular.js';
import type { Pair } from './histories.js';

interface Likes {
  market: string;
  band: number;
  viewers: Set<number>;
  films: Map<number, number>;
}

/** What viewers of each market and age band came to like lately, by the rules of marts/mart_popularity.sql. */
export function popularAt(
  filmIds: readonly string[],
  profiles: readonly Profile[],
  pairs: readonly Pair[],
  asOfMs: number,
  { popularity, feedback, ages }: Config,
): NonNullable<FormulaLists['popular']> {
  const { ageBands, minViewers, minFilmViewers } = popularity;
  const year = yearOf(asOfMs);
  const cells = new Map<string, Likes>();
  for (const { viewer, film, interaction } of pairs) {
    const profile = profiles[viewer];
    const isRecent = interaction.lastAt >= asOfMs - feedback.popularityDays * DAY_MS;
    if (profile === undefined || interaction.preference !== 1 || !isRecent) continue;
    const market = profile.market.trim().toUpperCase();
    const band = bandOf(profileMaxAge(profile, year, ages), ageBands);
    for (const [name, of] of [
      [market, band],
      [market, -1],
      ['', -1],
    ] as const) {
      const key = `${of} ${name}`;
      const cell = cells.get(key) ?? { market: name, band: of, viewers: new Set(), films: new Map() };
      cell.viewers.add(viewer);
      cell.films.set(film, (cell.films.get(film) ?? 0) + 1);
      cells.set(key, cell);
    }
  }
  const counts = [...cells.values()]
    .filter(({ viewers }) => viewers.size >= minViewers)
    .flatMap(({ market, band, films }) =>
      [...films]
        .filter(([, viewers]) => viewers >= minFilmViewers)
        .map(([film, viewers]): CellCount => ({ market, band, filmId: filmIds[film] ?? '', viewers })),
    );
  return { ageBands, cells: popularCells(counts) };
}
