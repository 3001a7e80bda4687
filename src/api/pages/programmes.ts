import type { Audience } from '../audience.js';
import type { ServedFormula } from '../deps.js';
import type { Shared } from '../routes/index.js';
import { coded } from './assets.js';
import { createPosters, createProgramme, type Programme } from './programme.js';
import { etagOf, type SharedPage } from './respond-page.js';

/** Audiences and pages kept per release; a page takes about 200 KB in its three codings. */
const AUDIENCES = 64;
const PAGES = 300;
/** Brotli's quality for what is kept: most of 11's gain at a tenth of its time. */
const QUALITY = 6;

export interface Programmes {
  /** What is served now, for an audience; null before the first formula release. */
  of(audience: Audience): Programme | null;
  /** A page of a release and audience, made once. `key`: what else it depends on. */
  page(programme: Programme, key: string, make: () => string): SharedPage;
  /** A part of pages, made once. */
  part<T>(programme: Programme, key: string, make: () => T): T;
}

export function createProgrammes({
  deps,
  shelf,
  formulaPages,
}: Pick<Shared, 'deps' | 'shelf' | 'formulaPages'>): Programmes {
  let served: ServedFormula | null = null;
  let posters = createPosters();
  const programmes = new Map<string, Programme>();
  const pages = new Map<string, SharedPage>();
  const parts = new Map<string, unknown>();

  const keyOf = ({ releaseId, audience }: Programme, key: string) =>
    `${releaseId} ${audience.maxAge} ${audience.market} ${key}`;
  return {
    of(audience) {
      const current = deps.serving.formula();
      if (current !== served) {
        served = current;
        posters = createPosters();
        for (const kept of [programmes, pages, parts]) kept.clear();
      }
      const [films, lists] = [shelf(), formulaPages()];
      if (current === null || films === null || lists === null) return null;
      return kept(programmes, AUDIENCES, `${audience.maxAge} ${audience.market}`, () =>
        createProgramme(current, { shelf: films, lists, posters }, audience),
      );
    },
    page: (programme, key, make) =>
      kept(pages, PAGES, keyOf(programme, key), () => {
        const text = make();
        return { etag: etagOf(text), body: coded(Buffer.from(text), QUALITY) };
      }),
    part: <T>(programme: Programme, key: string, make: () => T): T =>
      // A key is used with one type only: its caller's.
      kept(parts, PAGES, keyOf(programme, key), make) as T,
  };
}

function kept<T>(map: Map<string, T>, most: number, key: string, make: () => T): T {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  const oldest = map.size >= most ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, made);
  return made;
}
