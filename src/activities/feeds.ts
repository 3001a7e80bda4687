import type { CatalogueSource } from '../contracts/index.js';

/** Catalogue feeds by HTTP. */
export interface Feeds {
  /**
   * The pages of a feed from the first to the last, each once. `reading` names this reading: pages that an interrupted
   * attempt at it has fetched are not asked for again. Throws FeedFailed.
   */
  pages(
    source: CatalogueSource,
    options: { reading: string; signal: AbortSignal },
  ): AsyncGenerator<FeedPage, void, undefined>;
  /** The failure that `failed` noted, until a reading succeeds. */
  lastFailure(source: CatalogueSource): Promise<{ at: string; problem: string } | null>;
  failed(source: CatalogueSource, problem: string): Promise<void>;
}
export interface FeedPage {
  /** 1 is the first. */
  page: number;
  rows: FeedRow[];
  /** Columns of theirs that the mapping does not name. */
  unknownColumns: string[];
  /** unchanged: the feed said so. resumed: an interrupted attempt had it. */
  from: 'feed' | 'unchanged' | 'resumed';
}
export interface FeedRow {
  /** By our names for columns; not checked yet. */
  ours: Record<string, unknown>;
  /** The row as it came. */
  theirs: unknown;
}
/** A feed could not be read whole; the message is a sentence that says what it did. */
export class FeedFailed extends Error {
  override name = 'FeedFailed';
  /** False: nothing was asked of the feed, so that there is no reason to leave it alone for a while. */
  readonly wasAsked: boolean;
  constructor(message: string, { wasAsked = true }: { wasAsked?: boolean } = {}) {
    super(message);
    this.wasAsked = wasAsked;
  }
}
