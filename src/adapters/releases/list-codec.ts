import type { ListItem, PackedList, StoredInteraction, ViewerList } from '../../activities/deps.js';
import type { Reason, ServedBy } from '../../contracts/index.js';

/**
 * One viewer's list as stored in a release: a binary index, then the items as ready JSON, so that serving filters by age
 * and film, cuts, and writes, without parsing or serialising. Little-endian.
 *
 *   offset  size  field
 *   0       1     layout version, 2; version 1 ends its header at offset 8 and has no history
 *   1       1     servedBy: 0 personal, 1 formula, 2 none
 *   2       1     maxAge of the profile at T, years
 *   3       1     n, items
 *   4       2     bytes of market (UTF-8)
 *   6       2     bytes of why (UTF-8), 0 = none
 *   8       2     c, films of the viewer's history
 *   10      9·n   per item in rank order: film index u32 · minimum age u8 · bytes of its JSON u32
 *   …             market, why, then the JSON of each item, one after the other
 *   …       9·c   per film of the history: film index u32 · signed weight in millionths i32 · flags u8
 *
 * An item's JSON is a RecommendationItem without its rank and without the opening brace.
 */
const VERSION = 2;
const HEADER = 10;
/** Of version 1, in releases of earlier versions. */
const SHORT_HEADER = 8;
const ENTRY = 9;
const CELL = 9;
/** As many as the count has room for; nobody has dealt with more films, and the rest would explain nothing. */
const MOST_CELLS = 0xffff;
const SERVED_BY = ['personal', 'formula', 'none'] as const satisfies readonly ServedBy[];

export function encodeList(list: ViewerList, filmIndex: (filmId: string) => number): Buffer {
  const market = Buffer.from(list.market);
  const why = Buffer.from(list.why ?? '');
  const bodies = list.items.map((item) => Buffer.from(itemJson(item)));
  const cells = (list.history ?? []).slice(0, MOST_CELLS);
  const index = Buffer.alloc(HEADER + ENTRY * bodies.length);
  index.writeUInt8(VERSION, 0);
  index.writeUInt8(SERVED_BY.indexOf(list.servedBy), 1);
  index.writeUInt8(list.maxAge, 2);
  index.writeUInt8(bodies.length, 3);
  index.writeUInt16LE(market.length, 4);
  index.writeUInt16LE(why.length, 6);
  index.writeUInt16LE(cells.length, 8);
  list.items.forEach((item, i) => {
    const at = HEADER + ENTRY * i;
    index.writeUInt32LE(filmIndex(item.filmId), at);
    index.writeUInt8(item.minAge, at + 4);
    index.writeUInt32LE(bodies[i]?.length ?? 0, at + 5);
  });
  return Buffer.concat([index, market, why, ...bodies, encodeHistory(cells, filmIndex)]);
}

function encodeHistory(cells: readonly StoredInteraction[], filmIndex: (filmId: string) => number): Buffer {
  const bytes = Buffer.alloc(CELL * cells.length);
  cells.forEach(({ filmId, weightMicro, flags }, i) => {
    bytes.writeUInt32LE(filmIndex(filmId), CELL * i);
    bytes.writeInt32LE(weightMicro, CELL * i + 4);
    bytes.writeUInt8(flags, CELL * i + 8);
  });
  return bytes;
}

function itemJson({ filmId, title, year, score, reason }: ListItem): string {
  return JSON.stringify({ movieId: filmId, title, year, score, reason }).slice(1);
}

/** Reads the index in place; throws on a layout that this version does not know. */
export function openList(value: Buffer): PackedList {
  const header = value[0] === VERSION ? HEADER : SHORT_HEADER;
  if (value[0] !== VERSION && value[0] !== 1) throw new Error(`list layout ${value[0]}, expected ${VERSION}`);
  const servedBy = SERVED_BY[value.readUInt8(1)];
  if (servedBy === undefined) throw new Error(`list servedBy ${value[1]}, expected 0..2`);
  const length = value.readUInt8(3);
  const cells = header === HEADER ? value.readUInt16LE(8) : 0;
  const marketAt = header + ENTRY * length;
  const whyAt = marketAt + value.readUInt16LE(4);
  const bodyAt = whyAt + value.readUInt16LE(6);
  /** Where items begin, as far as they were asked for; a page asks for the first few of fifty. */
  const starts = [bodyAt];
  const startOf = (i: number): number => {
    for (let known = starts.length; known <= i; known++)
      starts.push(starts[known - 1]! + value.readUInt32LE(header + ENTRY * (known - 1) + 5));
    return starts[i]!;
  };
  return {
    servedBy,
    maxAge: value.readUInt8(2),
    market: value.toString('utf8', marketAt, whyAt),
    ...(bodyAt > whyAt ? { why: value.toString('utf8', whyAt, bodyAt) } : {}),
    length,
    film: (i) => value.readUInt32LE(header + ENTRY * i),
    minAge: (i) => value.readUInt8(header + ENTRY * i + 4),
    json: (i) => value.subarray(startOf(i), startOf(i + 1)),
    bytes: (i) => value.toString('latin1', startOf(i), startOf(i + 1)),
    history() {
      const historyAt = startOf(length);
      return Array.from({ length: cells }, (_, i) => ({
        film: value.readUInt32LE(historyAt + CELL * i),
        weightMicro: value.readInt32LE(historyAt + CELL * i + 4),
        flags: value.readUInt8(historyAt + CELL * i + 8),
      }));
    },
  };
}

/** The whole list as an object: for audits, rehearsals and tests, not for serving. */
export function decodeList(pid: string, value: Buffer, filmIds: readonly string[] = []): ViewerList {
  const packed = openList(value);
  const items = Array.from({ length: packed.length }, (_, i) => {
    const body = JSON.parse(`{${packed.json(i).toString()}`) as StoredItem;
    const { movieId: filmId, title, year, score, reason } = body;
    return { filmId, minAge: packed.minAge(i), title, year, score, reason };
  });
  const { servedBy, maxAge, market, why } = packed;
  const history = packed.history().map(({ film, ...cell }) => ({ filmId: filmIds[film] ?? '', ...cell }));
  return {
    pid,
    servedBy,
    maxAge,
    market,
    ...(why === undefined ? {} : { why }),
    items,
    ...(history.length === 0 ? {} : { history }),
  };
}
interface StoredItem {
  movieId: string;
  title: string;
  year: number | null;
  score: number;
  reason: Reason;
}

/** A pid (UUID text) as its 16 bytes, the key of a list; and back. */
export function pidToKey(pid: string): Buffer {
  const key = Buffer.from(pid.replaceAll('-', ''), 'hex');
  if (key.length !== 16) throw new Error(`not a pid: ${pid}`);
  return key;
}

export function keyToPid(key: Buffer): string {
  return key.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
