import { describe, expect, it } from "vitest";
import type { Style } from "../../types";
import { lookupOf } from "./lookup";
import { lupton } from "./lupton";
import { colourTile } from "./painted";
import { DataTile } from "./data_tile";

const style: Style = {
  low: 0, high: 1, stretch: "lupton", colormap: "gray", invert: false, contrast: 1, bias: 0.5, bad: "#102030", quality: 90,
};

describe("Lupton's stretch", () => {
  it("is asinh where all channels are alike", () => {
    for (const v of [0, 0.01, 0.3, 1]) {
      const [red, green, blue] = lupton([4095 * v + 0.5, 4095 * v + 0.5, 4095 * v + 0.5]);
      expect(red).toBe(Math.floor((4095 * Math.asinh(10 * v)) / Math.asinh(10) + 0.5));
      expect([green, blue]).toEqual([red, red]);
    }
  });

  it("keeps colours beyond the cuts", () => {
    const [red, green, blue] = lupton([4095 * 40, 4095 * 20, 0]);
    expect([red, green / red, blue]).toEqual([4095, expect.closeTo(0.5, 3), 0]);
    expect(lupton([Infinity, 4095, 0])).toEqual([4095, 0, 0]);
    expect(lupton([-100, -1, 0])).toEqual([0, 0, 0]);
  });

  it("is painted with the cuts of each channel", () => {
    const tile = new DataTile({
      width: 2, height: 1, bands: 3, samples: Float32Array.from([1, 1, 30, 30, 500, NaN]), zero: 0, quantum: 1, exact: true,
    });
    const balanced = lookupOf({ ...style, channel_cuts: [[0, 1], [20, 30], [0, 500]] }, null, null, 3);
    expect([...colourTile(tile, balanced)]).toEqual([255, 255, 255, 255, 16, 32, 48, 255]);
  });

  it("needs finer values for the channel with the closest cuts", () => {
    const wide = lookupOf({ ...style, low: 0, high: 1000 }, null, null, 3).greyStep;
    const close = lookupOf({ ...style, channel_cuts: [[0, 1000], [0, 10], [0, 1000]] }, null, null, 3).greyStep;
    expect(wide / close).toBeCloseTo(100, 6);
  });
});
