import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { below, randomOf } from '../../src/core/random/random.js';

export type Taste = 'noir' | 'musical';

/** A made-up audience with opposite tastes, as a folder in MovieLens 100K's layout. */
export interface TwoTastes {
  folder: string;
  /** `film_id,MPA`: a third G, a third PG-13, a third R; every tenth film has none. */
  certificates: string;
  viewers: { id: string; taste: Taste; age: number; rated: Set<string> }[];
  films: Map<string, { taste: Taste; certificate: 'G' | 'PG-13' | 'R' | null }>;
}

const [VIEWERS, FILMS, DAYS, SEED] = [150, 80, 60, 'two tastes'];
const DAY_MS = 86_400_000;
const FLAGS = 19; // MovieLens 100K's genres
const GENRE: Record<Taste, number> = { noir: 10, musical: 12 };

/**
 * Viewers rate about half of their own kind's films with 4 or 5 stars and a fifth of the other's with 1 or 2, over the 60
 * days before `until` (UTC midnight). Odd viewers and odd films are noir; every seventh viewer is 11 years old.
 */
export function writeTwoTastes(folder: string, until: number): TwoTastes {
  mkdirSync(folder, { recursive: true });
  const kind = (n: number): Taste => (n % 2 === 1 ? 'noir' : 'musical');
  const numbers = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

  const films: TwoTastes['films'] = new Map();
  for (const film of numbers(FILMS)) {
    const certificate = film % 10 === 0 ? null : ((['G', 'PG-13', 'R'] as const)[film % 3] ?? null);
    films.set(String(film), { taste: kind(film), certificate });
  }

  const ratings: string[] = [];
  const viewers = numbers(VIEWERS).map((viewer) => {
    const random = randomOf(SEED, viewer);
    const rated = new Set<string>();
    for (const film of numbers(FILMS)) {
      const isOwnKind = kind(film) === kind(viewer);
      if (below(random, 100) >= (isOwnKind ? 50 : 20)) continue;
      const stars = (isOwnKind ? 4 : 1) + below(random, 2);
      const at = Math.floor((until - DAYS * DAY_MS) / 1000) + below(random, 2 ** 20) * 4;
      ratings.push(`${viewer}\t${film}\t${stars}\t${Math.min(at, until / 1000 - 1)}`);
      rated.add(String(film));
    }
    const age = viewer % 7 === 0 ? 11 : 20 + below(random, 50);
    return { id: String(viewer), taste: kind(viewer), age, rated };
  });

  const items = [...films].map(([id, { taste }]) => {
    const flags = numbers(FLAGS).map((at) => (at - 1 === GENRE[taste] ? 1 : 0));
    return `${id}|${taste} film ${id} (1950)|01-Jan-1950||http://films.example/${id}|${flags.join('|')}`;
  });
  const certificates = join(folder, 'certificates.csv');
  const write = (name: string, lines: string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  write('u.data', ratings);
  write('u.item', items);
  write(
    'u.user',
    viewers.map(({ id, age }) => `${id}|${age}|F|other|00000`),
  );
  write('certificates.csv', [
    'film_id,MPA',
    ...[...films].flatMap(([id, film]) => (film.certificate === null ? [] : [`${id},${film.certificate}`])),
  ]);
  return { folder, certificates, viewers, films };
}
