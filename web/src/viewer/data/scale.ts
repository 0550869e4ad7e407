/** From the samples of a tile to positions in the table of colours. */

import type { DataTile } from "./data_tile";
import type { Slope } from "./transfer";
import { ENTRIES } from "./transfer";

/** Larger ones mean "beyond everything" to a shader's floats all the same. */
const HUGE = 1e30;
const TOP_CODE = 65533;

/** A sample's position is `(sample − base) · slope + offset`. */
export interface Scale {
  base: number;
  slope: number;
  offset: number;
}

export function scaleOf(tile: DataTile, { low, k }: Slope): Scale {
  const { zero, quantum, samples } = tile.data;
  const near = (low - zero) / quantum;
  const base = samples instanceof Uint16Array ? Math.min(Math.max(Math.round(near), 0), TOP_CODE) : Math.fround(near);
  const bounded = (value: number): number => Math.min(Math.max(value, -HUGE), HUGE);
  return { base: bounded(base), slope: bounded(k * quantum), offset: bounded((zero + base * quantum - low) * k + 0.5) };
}

/** Of a sample that has a value: one of the table's entries. */
export function positionOf(sample: number, { base, slope, offset }: Scale): number {
  return Math.min(Math.max(Math.floor((sample - base) * slope + offset), 0), ENTRIES - 1);
}
