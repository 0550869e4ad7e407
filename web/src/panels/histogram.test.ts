import { describe, expect, it } from "vitest";
import {
  barHeights, countsBetween, fractionOf, keyedValue, limitProblem, moveLimit, outgrown, spanAround, ticks, valueAt, zoomSpan,
} from "./histogram";
import { STRETCHES } from "../types";
import { contrasted, cumulative, stretched } from "./stretch";

const span = { low: 100, high: 300 };

describe("typed limits", () => {
  it("are numbers, the low one below the high one", () => {
    expect(limitProblem({ low: -3, high: 1e300 })).toBe("");
    expect(limitProblem({ low: Number.NaN, high: 1 })).toContain("number");
    expect(limitProblem({ low: 2, high: 2 })).toContain("less than");
    expect(limitProblem({ low: -1e308, high: 1e308 })).toContain("far apart");
  });
});

describe("the mapping between values and the width", () => {
  it("goes there and back", () => {
    for (const value of [100, 137.25, 300, 512, -4]) expect(valueAt(fractionOf(value, span), span)).toBeCloseTo(value, 9);
  });
  it("puts everything at the left when the span is empty", () => {
    expect(fractionOf(7, { low: 7, high: 7 })).toBe(0);
  });
});

describe("bars", () => {
  it("reach the top at the highest count, linear and logarithmic", () => {
    expect(barHeights([0, 5, 10], false)).toEqual([0, 0.5, 1]);
    const bars = barHeights([0, 1, 1_000_000], true);
    expect(bars[0]).toBe(0);
    expect(bars[1]).toBeGreaterThan(0.04);
    expect(bars[2]).toBe(1);
  });
  it("are flat when nothing was counted", () => {
    expect(barHeights([0, 0], true)).toEqual([0, 0]);
  });
});

describe("limits", () => {
  it("never cross", () => {
    const cuts = { low: 120, high: 200 };
    const moved = moveLimit(cuts, "low", 900, span);
    expect(moved.low).toBeLessThan(moved.high);
    expect(moved.high).toBe(200);
    expect(moveLimit(cuts, "high", 0, span).high).toBeGreaterThan(120);
    expect(moveLimit(cuts, "high", Number.NaN, span)).toEqual(cuts);
  });
  it("move by keys, ten times as far with shift", () => {
    expect(keyedValue("ArrowRight", false, 150, span)).toBeCloseTo(151);
    expect(keyedValue("ArrowLeft", true, 150, span)).toBeCloseTo(140);
    expect(keyedValue("Home", false, 150, span)).toBe(100);
    expect(keyedValue("x", false, 150, span)).toBeNull();
  });
  it("ask for another span once they leave it or crowd", () => {
    expect(outgrown({ low: 120, high: 200 }, span)).toBe(false);
    expect(outgrown({ low: 20, high: 200 }, span)).toBe(true);
    expect(outgrown({ low: 120, high: 121 }, span)).toBe(true);
  });
});

describe("what is shown", () => {
  it("leaves room around the cuts but not beyond the values of the image", () => {
    expect(spanAround({ low: 100, high: 200 }, { low: 90, high: 60000 })).toEqual({ low: 90, high: 260 });
  });
  it("still shows cuts that lie outside the values", () => {
    expect(spanAround({ low: -50, high: 500 }, { low: 0, high: 100 })).toEqual({ low: -50, high: 500 });
  });
  it("keeps the value under the cursor in its place when zoomed", () => {
    const zoomed = zoomSpan(span, 150, 0.5);
    expect(fractionOf(150, zoomed)).toBeCloseTo(fractionOf(150, span));
    expect(zoomed.high - zoomed.low).toBeCloseTo(100);
  });
  it("has round ticks", () => {
    expect(ticks({ low: 97, high: 311 })).toEqual([100, 200, 300]);
    expect(ticks({ low: -1, high: 1 })).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(ticks({ low: 3, high: 3 })).toEqual([]);
  });
});

describe("stretch curves", () => {
  it("run from 0 to 1 and never fall", () => {
    for (const name of STRETCHES) {
      const values = Array.from({ length: 51 }, (_, i) => stretched(name, i / 50, [1, 5, 2, 0]));
      expect(values[0]).toBeCloseTo(0, 12);
      expect(values[50]).toBeCloseTo(1, 12);
      values.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(values[i - 1] ?? 0));
    }
  });
  it("equalise: half of the counts below half of the brightness", () => {
    expect(cumulative([3, 1])).toEqual([0, 0.75, 1]);
    expect(stretched("histogram", 0.5, [3, 1])).toBeCloseTo(0.75);
  });
  it("leave the picture alone at contrast 1 and bias 0.5", () => {
    for (const t of [0, 0.3, 1]) expect(contrasted(t, 1, 0.5)).toBeCloseTo(t);
    expect(contrasted(0.5, 3, 0.2)).toBe(1);
  });
  it("take the bins between the cuts", () => {
    const histogram = { edges_low: 0, edges_high: 4, counts: [9, 3, 1, 7], sampled: 20, total: 20, median: 1, mean: 1, sigma: 1 };
    expect(countsBetween(histogram, { low: 1, high: 3 })).toEqual([3, 1]);
    expect(countsBetween(histogram, { low: 9, high: 12 })).toEqual([]);
  });
});
