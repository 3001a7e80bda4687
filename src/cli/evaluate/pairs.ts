/** Text ids numbered in order of first appearance. */
export class Ids {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.names.length;
      this.names.push(name);
      this.#numbers.set(name, number);
    }
    return number;
  }

  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }
}

/** Viewer-film pairs in growing typed arrays. A missing rating is 1, a missing time 0. */
export class Pairs {
  count = 0;
  viewer = new Int32Array(1024);
  film = new Int32Array(1024);
  rating = new Float32Array(1024);
  /** Unix seconds. */
  at = new Float64Array(1024);
  /** Some line had a rating. */
  hasRatings = false;

  push(viewer: number, film: number, rating: number, at: number): void {
    if (this.count === this.viewer.length) this.#grow();
    this.viewer[this.count] = viewer;
    this.film[this.count] = film;
    this.rating[this.count] = rating;
    this.at[this.count] = at;
    this.count++;
  }

  /**
   * One pair per viewer and film: the newest, and of equally old ones the last. Order: viewer, then first appearance.
   */
  newestOnly(viewers: number, films: number): Pairs {
    const { start, order } = groupBy(this.viewer, this.count, viewers);
    const out = new Pairs();
    out.hasRatings = this.hasRatings;
    const seenAt = new Int32Array(films).fill(-1);
    for (let v = 0; v < viewers; v++) {
      const first = out.count;
      for (let n = start[v]!; n < start[v + 1]!; n++) {
        const p = order[n]!;
        const at = seenAt[this.film[p]!]!;
        if (at < first) {
          seenAt[this.film[p]!] = out.count;
          out.push(v, this.film[p]!, this.rating[p]!, this.at[p]!);
        } else if (this.at[p]! >= out.at[at]!) {
          out.rating[at] = this.rating[p]!;
          out.at[at] = this.at[p]!;
        }
      }
    }
    return out;
  }

  #grow(): void {
    const wider = this.viewer.length * 2;
    this.viewer = widen(this.viewer, new Int32Array(wider));
    this.film = widen(this.film, new Int32Array(wider));
    this.rating = widen(this.rating, new Float32Array(wider));
    this.at = widen(this.at, new Float64Array(wider));
  }
}

/** Positions of each key's entries, in their order: key g has order[start[g]] … order[start[g+1]−1]. */
export function groupBy(
  keys: Int32Array,
  count: number,
  groups: number,
): { start: Int32Array; order: Int32Array } {
  const start = new Int32Array(groups + 1);
  for (let n = 0; n < count; n++) start[keys[n]! + 1]!++;
  for (let g = 0; g < groups; g++) start[g + 1]! += start[g]!;
  const next = start.slice();
  const order = new Int32Array(count);
  for (let n = 0; n < count; n++) order[next[keys[n]!]!++] = n;
  return { start, order };
}

function widen<T extends Int32Array | Float32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
