/** What the page knows of the player. */

import type { Turn } from "./course";

/** The planes of a cube, the open images, or the files of a folder. */
export type ReelKind = "planes" | "images" | "files";

export interface PlayerState {
  kind: ReelKind;
  /** Frames in all. */
  count: number;
  /** The one that is seen, from 0. */
  at: number;
  /** What it is called. */
  label: string;
  playing: boolean;
  forward: boolean;
  turn: Turn;
  /** Frames per second that are wanted. */
  rate: number;
  /** Frames per second that there are; null while that cannot be said. */
  achieved: number | null;
}

export const RATES = [1, 2, 5, 10, 15, 20, 30] as const;
