/**
 * What only the simulation knows, for judging; it never travels with the events.
 * A film examined at a position: how likely that was, and how likely its play.
 */
export interface Exposure {
  profileId: string;
  filmId: string;
  atMs: number;
  surface: string;
  listId: string | null;
  position: number;
  /** θ(position) on the viewer's device. */
  examination: number;
  /** P(play | examined). */
  play: number;
  isPlayed: boolean;
  isSeenBefore: boolean;
}

/** The chance, drawn every four weeks, that a viewer leaves for good, and whether they did. */
export interface ChurnDraw {
  profileId: string;
  dayMs: number;
  hazard: number;
  isLeaving: boolean;
}

export interface TruthSink {
  onExposure?: (exposure: Exposure) => void;
  onChurnDraw?: (draw: ChurnDraw) => void;
}
