import { createHash } from 'node:crypto';
import type { ExclusionKind } from '../contracts/exclusions.js';

/** What keeps a film out of a viewer's lists: what they asked for, and what they did with it since the lists were made. */
export type WishKind = ExclusionKind | 'disliked' | 'seen';

/** What one viewer wants left out. */
export interface Wishes {
  /** Films that are not listed, for any of these reasons. */
  gone: ReadonlySet<string>;
  /** Of them: hidden on request, disliked, seen. */
  hidden: ReadonlySet<string>;
  disliked: ReadonlySet<string>;
  seen: ReadonlySet<string>;
  /** Films that no reason may cite. */
  uncited: ReadonlySet<string>;
  /** Equal wishes have equal tags. */
  tag: string;
}

/** One viewer's wishes, each by `keyOf`: whether it holds. */
export type Said = Map<string, boolean>;

export function keyOf(kind: WishKind, filmId: string): string {
  return `${kind} ${filmId}`;
}

/** undefined = no wish holds. */
export function wishesOf(said: Iterable<readonly [string, boolean]>): Wishes | undefined {
  const holding = [...said].flatMap(([wish, isActive]) => (isActive ? [wish] : [])).sort();
  if (holding.length === 0) return undefined;
  const films = (kind: WishKind) =>
    holding.flatMap((wish) => (wish.startsWith(`${kind} `) ? [wish.slice(kind.length + 1)] : []));
  const unused = films('dont_use');
  const hidden = new Set([...films('not_interested'), ...unused]);
  const [disliked, seen] = [new Set(films('disliked')), new Set(films('seen'))];
  return {
    gone: new Set([...hidden, ...disliked, ...seen]),
    hidden,
    disliked,
    seen,
    uncited: new Set(unused),
    tag: createHash('sha256').update(holding.join('\n')).digest('hex').slice(0, 12),
  };
}
