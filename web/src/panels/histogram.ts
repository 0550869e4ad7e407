/** From counts and values to bars and pixels, and back: what the histogram draws and what dragging a limit means. */

import type { Histogram } from "../types";

/** A span of values shown from the left edge to the right edge. */
export interface Span {
  low: number;
  high: number;
}

export type Limit = "low" | "high";

/** Fraction of the width at which `value` stands; may lie outside 0 to 1. */
export function fractionOf(value: number, span: Span): number {
  return span.high > span.low ? (value - span.low) / (span.high - span.low) : 0;
}

/** The value at a fraction of the width. */
export function valueAt(fraction: number, span: Span): number {
  return span.low + fraction * (span.high - span.low);
}

/** Heights of the bars, 0 to 1; a logarithmic bar of one count still shows. */
export function barHeights(counts: readonly number[], logarithmic: boolean): number[] {
  const highest = counts.reduce((most, count) => Math.max(most, count), 0);
  if (highest <= 0) return counts.map(() => 0);
  if (!logarithmic) return counts.map((count) => count / highest);
  return counts.map((count) => Math.log1p(count) / Math.log1p(highest));
}

/** What to show around the cuts: some room on both sides, within the values of the image. */
export function spanAround(cuts: Span, values: Span): Span {
  const width = cuts.high > cuts.low ? cuts.high - cuts.low : Math.abs(cuts.low) || 1;
  const low = cuts.low - 0.35 * width;
  const high = cuts.high + 0.6 * width;
  const known = Number.isFinite(values.low) && Number.isFinite(values.high) && values.high > values.low;
  if (!known) return { low, high };
  return { low: Math.min(cuts.low, Math.max(low, values.low)), high: Math.max(cuts.high, Math.min(high, values.high)) };
}

/** Narrow or widen what is shown about a value that keeps its place. */
export function zoomSpan(span: Span, about: number, factor: number): Span {
  return { low: about - (about - span.low) * factor, high: about + (span.high - about) * factor };
}

/** Whether a limit has left what is shown, or stands so near the other that they cannot be told apart. */
export function outgrown(cuts: Span, span: Span): boolean {
  const width = fractionOf(cuts.high, span) - fractionOf(cuts.low, span);
  return cuts.low < span.low || cuts.high > span.high || width < 0.04;
}

/** The smallest step between two limits that the numbers can tell apart. */
const leastStep = (span: Span): number => Math.max((span.high - span.low) * 1e-6, Math.abs(span.high) * 1e-12);

/** Move one limit to `value`; it never passes the other. */
export function moveLimit(cuts: Span, limit: Limit, value: number, span: Span): Span {
  if (!Number.isFinite(value)) return cuts;
  const step = leastStep(span);
  return limit === "low"
    ? { low: Math.min(value, cuts.high - step), high: cuts.high }
    : { low: cuts.low, high: Math.max(value, cuts.low + step) };
}

/** What is wrong with limits that somebody has typed; empty if nothing is. */
export function limitProblem({ low, high }: Span): string {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return "A limit is a number, such as 120.5 or 3e4.";
  if (low >= high) return "Low must be less than high.";
  return Number.isFinite(high - low) ? "" : "These limits are too far apart.";
}

const KEY_STEPS: Record<string, number> = {
  ArrowLeft: -0.005, ArrowDown: -0.005, ArrowRight: 0.005, ArrowUp: 0.005, PageUp: 0.05, PageDown: -0.05,
};

/** Where a key of a slider moves a limit to, or null if the key means nothing to it. Shift moves ten times as far. */
export function keyedValue(key: string, shift: boolean, value: number, span: Span): number | null {
  const width = span.high - span.low;
  if (key === "Home") return span.low;
  if (key === "End") return span.high;
  const step = KEY_STEPS[key];
  return step === undefined ? null : value + step * width * (shift ? 10 : 1);
}

/** The bins that lie between the cuts, for histogram equalisation. */
export function countsBetween(histogram: Histogram, cuts: Span): number[] {
  const edges: Span = { low: histogram.edges_low, high: histogram.edges_high };
  const bins = histogram.counts.length;
  const first = Math.max(0, Math.floor(fractionOf(cuts.low, edges) * bins));
  const last = Math.min(bins, Math.ceil(fractionOf(cuts.high, edges) * bins));
  return histogram.counts.slice(first, Math.max(first, last));
}

/** Round values for the labels of an axis: multiples of 1, 2 or 5 times a power of ten. */
export function ticks(span: Span, about = 4): number[] {
  const width = span.high - span.low;
  if (!(width > 0) || !Number.isFinite(width)) return [];
  const rough = width / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const found: number[] = [];
  for (let n = Math.ceil(span.low / step); n * step <= span.high + step * 1e-9; n += 1) found.push(n * step || 0);
  return found;
}
