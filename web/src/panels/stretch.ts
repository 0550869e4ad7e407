/** The curve of each stretch, for drawing it over the histogram: from a fraction of the cuts to a fraction of the colours. */

import type { Stretch } from "../types";
import { STRETCHES } from "../types";

/** What each does to the eye. */
export const STRETCH_HINTS: Record<Stretch, string> = {
  linear: "Brightness follows the value",
  log: "Faint light lifted strongly",
  sqrt: "Faint light lifted a little",
  asinh: "Faint light lifted, bright light kept apart",
  square: "Bright light drawn out",
  histogram: "Every brightness used equally often",
  lupton: "As asinh, and colours kept where light is bright",
};

/** Those that make a difference to an image of so many channels. */
export function stretchesOf(channels: number): readonly Stretch[] {
  return channels === 3 ? STRETCHES : STRETCHES.filter((name) => name !== "lupton");
}

/** Strengths as in DS9: log(1 + 1000 t) and asinh(10 t). */
const LOG_STRENGTH = 1000;
/** Lupton's Q too. */
export const ASINH_STRENGTH = 10;

const asinh = (t: number): number => Math.asinh(ASINH_STRENGTH * t) / Math.asinh(ASINH_STRENGTH);

const CURVES: Record<Exclude<Stretch, "histogram">, (t: number) => number> = {
  linear: (t) => t,
  log: (t) => Math.log1p(LOG_STRENGTH * t) / Math.log1p(LOG_STRENGTH),
  sqrt: Math.sqrt,
  asinh,
  square: (t) => t * t,
  lupton: asinh,
};

/** Fraction of the counts that lie below each edge of the bins between the cuts. */
export function cumulative(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  return [0, ...counts.map((count) => (total > 0 ? (sum += count) / total : 0))];
}

function interpolate(table: readonly number[], t: number): number {
  const at = t * (table.length - 1);
  const low = Math.floor(at);
  const below = table[low] ?? 0;
  return below + (at - low) * ((table[low + 1] ?? below) - below);
}

/**
 * Where a value that is a fraction `t` of the way between the cuts lands between black and white.
 *
 * `counts` are the bins between the cuts; only `histogram` needs them.
 */
export function stretched(name: Stretch, t: number, counts: readonly number[] = []): number {
  const clamped = Math.min(1, Math.max(0, t));
  if (name === "histogram") return counts.length > 0 ? interpolate(cumulative(counts), clamped) : clamped;
  return CURVES[name](clamped);
}

/** Contrast and bias as in DS9: slope and centre of the colour table; 1 and 0.5 change nothing. */
export function contrasted(fraction: number, contrast: number, bias: number): number {
  return Math.min(1, Math.max(0, (fraction - bias) * contrast + 0.5));
}
