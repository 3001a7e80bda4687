import type { Reason } from '../../contracts/index.js';

/** A film of the viewer's own history as a reason for another one. */
export interface Evidence {
  filmId: string;
  title: string;
  genres: readonly string[];
  /** Strongest positive event of the pair. */
  kind: EvidenceKind;
  /** Share of the score that this film explains (science G.1); only positive ones are evidence. */
  contribution: number;
  /** May be named to this viewer: still listed, in the market, and allowed at the viewer's age. */
  isCitable: boolean;
}

/** What a viewer did with a film: the verb of the sentence. */
export const EVIDENCE_KINDS = ['rated', 'liked', 'watched', 'saved', 'shared'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/**
 * The reason of an item that is there by taste (science G.2): at most `maxReasons` films whose contribution is at least `reasonFactor`
 * times the mean positive one, or half of all that is positive: of few films none could reach a multiple of their mean, however much
 * of the score is its. Else the genre that contributes most, of the film's own genres when they contribute at all.
 */
export function reasonOf(
  filmGenres: readonly string[],
  evidence: readonly Evidence[],
  { reasonFactor, maxReasons }: { reasonFactor: number; maxReasons: number },
): Reason {
  const positive = evidence.filter(({ contribution }) => contribution > 0).sort(byContribution);
  const sum = positive.reduce((total, { contribution }) => total + contribution, 0);
  const enough = Math.min((reasonFactor * sum) / positive.length, sum / 2);
  const citable = positive.filter(({ isCitable }) => isCitable);
  const cited = citable.filter(({ contribution }) => contribution >= enough).slice(0, maxReasons);
  return citation(cited) ?? genreReason(filmGenres, positive) ?? citation(citable.slice(0, 1)) ?? TASTE;
}

/** When neither a film may be named nor a genre is known. */
const TASTE: Reason = { kind: 'genre', text: 'Because it fits your taste', movieIds: [] };

/** Of an item that is there because many watch it now: in a personal list its trend weighs more than its taste or genres. */
export const POPULAR_NOW: Reason = { kind: 'popular', text: 'Popular now', movieIds: [] };

/** Of an item that is there because of its genre, which the viewer favours more than others do. */
export function likedGenre(genre: string): Reason {
  return { kind: 'genre', text: `Because you like ${genre}`, movieIds: [] };
}

/** Reasons of the formula's items, in its own lists and where they fill up a personal one. */
export function formulaReason(film: { isNew: boolean; isPopular: boolean; votes: number }): Reason {
  if (film.isPopular) return POPULAR_NOW;
  if (film.isNew) return { kind: 'new', text: 'New', movieIds: [] };
  return { kind: 'popular', text: film.votes > 0 ? 'Popular' : 'From the catalogue', movieIds: [] };
}

/** "Because you liked Psycho and Vertigo", "Because you rated Psycho and watched Vertigo". */
function citation(cited: readonly Evidence[]): Reason | null {
  const [first] = cited;
  if (first === undefined) return null;
  const phrases = cited.map(({ kind, title }, i) =>
    kind === cited[i - 1]?.kind ? title : `${kind} ${title}`,
  );
  return {
    kind: first.kind,
    text: `Because you ${phrases.join(' and ')}`,
    movieIds: cited.map(({ filmId }) => filmId),
  };
}

function genreReason(filmGenres: readonly string[], positive: readonly Evidence[]): Reason | null {
  const weights = new Map<string, number>();
  for (const { genres, contribution } of positive) {
    for (const genre of genres) weights.set(genre, (weights.get(genre) ?? 0) + contribution);
  }
  const ranked = [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([genre]) => genre);
  const genre = ranked.find((name) => filmGenres.includes(name)) ?? ranked[0];
  return genre === undefined ? null : likedGenre(genre);
}

function byContribution(a: Evidence, b: Evidence): number {
  return b.contribution - a.contribution || (a.filmId < b.filmId ? -1 : 1);
}
