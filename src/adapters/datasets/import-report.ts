import type { Layout } from './layouts.js';

export interface ImportOptions {
  certificates?: string;
  assumeAge: 'adult' | 'unknown';
}

/** Rows refused; a row with several reasons counts under each. */
export interface Refused {
  total: number;
  byReason: Record<string, number>;
}

export interface ImportReport {
  source: string;
  label: string;
  films: number;
  profiles: number;
  /** `known`: in the store already, or repeated in the file. */
  events: { read: number; new: number; known: number };
  /** First and last event (UTC dates); null without events. */
  span: { from: string; to: string } | null;
  quarantined: Refused;
  /** Kept all the same: code → count. */
  warnings: Record<string, number>;
  /** What the source lacks or says otherwise, and what was taken for it. */
  assumptions: string[];
}

export function merge(...counts: Refused[]): Refused {
  const byReason: Record<string, number> = {};
  for (const count of counts) {
    for (const [reason, n] of Object.entries(count.byReason)) byReason[reason] = (byReason[reason] ?? 0) + n;
  }
  return { total: counts.reduce((sum, { total }) => sum + total, 0), byReason };
}

const AGES: Record<Layout['ages'], string> = {
  years: 'ages are kept: birth year = year of the newest rating − 1 − age',
  bands: 'age bands are kept by their lower end; "under 18" is taken as an unknown age',
  none: '',
};

/** What the source lacks or says otherwise, in words, to be printed. */
export function assumptionsOf(
  layout: Layout,
  options: ImportOptions,
  scale: number,
  certified: { byFile: number; byFilms: number },
): string[] {
  const adult = options.assumeAge === 'adult';
  return [
    scale === 2
      ? 'ratings of 0.5 to 5 stars are doubled to 1 to 10; 0 is refused, never taken as "unrated"'
      : 'ratings are 1 to 10 as they are; 0 is refused, never taken as "unrated"',
    ...(layout.films === null ? ['no films file: a film’s title is its id, its year is unknown'] : []),
    ...(layout.ages === 'none'
      ? [
          adult
            ? 'the source has no ages: viewers are taken as adults (--assume-age unknown takes them as minors)'
            : 'the source has no ages: viewers are of unknown age and see films for 12 and under',
        ]
      : [AGES[layout.ages]]),
    'viewers consent to personal lists, and to nothing else',
    'market "default"; rights to all films everywhere; when films joined the catalogue is unknown',
    certificatesAssumed(certified),
  ];
}

function certificatesAssumed({ byFile, byFilms }: { byFile: number; byFilms: number }): string {
  const [most, where] = byFile >= byFilms ? [byFile, 'the file given'] : [byFilms, 'the films file'];
  return most > 0
    ? `${most} films have certificates from ${where}; every other counts as 18`
    : 'no certificates: every film counts as 18 (--certificates FILE supplies them)';
}
