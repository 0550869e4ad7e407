/**
 * From positions between the cuts to the 256 steps of a colour table: the same tables, step by
 * step, as `toyz_tiles.stretch`, so that a picture drawn here looks like one drawn by the server.
 */

import type { Style } from "../../types";
import { contrasted, stretched } from "../../panels/stretch";

export const ENTRIES = 4096;

/** How values become positions: `(value − low) · k + 0.5`, cut off at 0 and 4095. */
export interface Slope {
  low: number;
  k: number;
}

/** Of any cuts: equal ones, or ones the wrong way round, make a step at `low`. */
export function slopeOf(low: number, high: number): Slope {
  const start = Number.isFinite(low) ? low : 0;
  let span = high - start;
  if (!Number.isFinite(span) || span <= 0) span = Math.max(Math.abs(start) * 1e-12, 1e-300);
  return { low: start, k: Math.min((ENTRIES - 1) / span, 1e300) };
}

/** The numbers in a colour table for all positions. */
export function transferTable({ stretch, invert, contrast, bias }: Style, equalisation: Float64Array | null): Uint8Array {
  const table = new Uint8Array(ENTRIES);
  for (let position = 0; position < ENTRIES; position++) {
    const v = position / (ENTRIES - 1);
    const curve = stretch === "histogram" ? (equalisation?.[position] ?? v) : stretched(stretch, v);
    table[position] = Math.floor(255 * contrasted(invert ? 1 - curve : curve, contrast, bias) + 0.5);
  }
  return table;
}

/** How many of the sorted numbers are less than a value; `orEqual` counts equal ones too. */
function rankOf(sorted: Float64Array, value: number, orEqual: boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const at = sorted[middle] as number;
    if (at < value || (orEqual && at === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The share of a sample below a value, or up to it: linear between two quantiles. */
function share(quantiles: Float64Array, value: number, orEqual: boolean): number {
  const last = quantiles.length - 1;
  const rank = rankOf(quantiles, value, orEqual);
  if (rank === 0) return 0;
  if (rank > last) return 1;
  const [below, above] = [quantiles[rank - 1] as number, quantiles[rank] as number];
  return (rank - 1 + (value - below) / (above - below)) / last;
}

/** The curve of the histogram stretch from quantiles of the image; null where there are too few between the cuts. */
export function equalisationOf(quantiles: Float64Array, low: number, high: number): Float64Array | null {
  if (!(high > low) || rankOf(quantiles, high, true) - rankOf(quantiles, low, false) < 2) return null;
  const curve = new Float64Array(ENTRIES);
  for (let position = 0; position < ENTRIES; position++) {
    curve[position] = share(quantiles, low + (high - low) * (position / (ENTRIES - 1)), false);
  }
  curve[ENTRIES - 1] = share(quantiles, high, true);
  const [first, range] = [curve[0] as number, (curve[ENTRIES - 1] as number) - (curve[0] as number)];
  return curve.map((value) => (value - first) / range);
}

/** Colour numbers and a table of 256 colours (red, green, blue) as 4096 opaque colours. */
export function colourTable(transfer: Uint8Array, colours: Uint8Array): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(4 * ENTRIES);
  for (let position = 0; position < ENTRIES; position++) {
    const from = 3 * (transfer[position] as number);
    for (let channel = 0; channel < 3; channel++) table[4 * position + channel] = colours[from + channel] as number;
    table[4 * position + 3] = 255;
  }
  return table;
}

/** The step in value that changes the picture by at most one grey level, as far as the table can tell steps apart. */
export function greyStep({ low, high }: Style, transfer: Uint8Array): number {
  let shortest = ENTRIES;
  let run = 0;
  for (let position = 1; position < ENTRIES; position++) {
    run += 1;
    if (transfer[position] === transfer[position - 1]) continue;
    // What is before the first change may be cut off at the end of the table.
    if (run < position) shortest = Math.min(shortest, run);
    run = 0;
  }
  return (Math.abs(high - low) / (ENTRIES - 1)) * shortest;
}
