import { describe, expect, it } from "vitest";
import type { Style } from "../../types";
import { DataTile } from "./data_tile";
import { lookupOf, parseColour } from "./lookup";
import { colourTile } from "./painted";
import { positionOf, scaleOf } from "./scale";
import { ENTRIES, equalisationOf, greyStep, slopeOf, transferTable } from "./transfer";

const plain: Style = {
  low: 0,
  high: 4095,
  stretch: "linear",
  colormap: "gray",
  invert: false,
  contrast: 1,
  bias: 0.5,
  bad: "#102030",
  quality: 90,
};

describe("a transfer table", () => {
  it("leads from black to white", () => {
    const table = transferTable(plain, null);
    expect([table[0], table[2048], table[4095]]).toEqual([0, 128, 255]);
    const inverted = transferTable({ ...plain, invert: true }, null);
    expect([inverted[0], inverted[4095]]).toEqual([255, 0]);
  });

  it("knows the step that is seen as one grey level", () => {
    expect(greyStep(plain, transferTable(plain, null))).toBeCloseTo(16, 0);
    expect(greyStep({ ...plain, contrast: 4 }, transferTable({ ...plain, contrast: 4 }, null))).toBeCloseTo(4, 0);
    const log: Style = { ...plain, stretch: "log" };
    expect(greyStep(log, transferTable(log, null)), "no finer than the table itself").toBe(1);
  });

  it("equalises: each brightness as often as another", () => {
    const quantiles = Float64Array.from({ length: 1001 }, (_, rank) => (rank / 1000) ** 2 * 4095);
    const curve = equalisationOf(quantiles, 0, 4095)!;
    expect(curve[0]).toBe(0);
    expect(curve[ENTRIES - 1]).toBe(1);
    expect(curve[1024]).toBeCloseTo(Math.sqrt(1024 / 4095), 2);
    expect(equalisationOf(quantiles, 5000, 6000)).toBeNull();
  });

  it("takes many equal values as they come", () => {
    const curve = equalisationOf(Float64Array.from([0, 5, 5, 5, 5, 10]), 0, 10)!;
    expect(curve.every((value, place) => place === 0 || value >= (curve[place - 1] as number))).toBe(true);
    expect(curve.every(Number.isFinite)).toBe(true);
  });
});

describe("a look-up", () => {
  it("makes a step of cuts that are no range", () => {
    const { low, k } = slopeOf(5, 5);
    expect((5.001 - low) * k).toBeGreaterThan(4095);
    expect((4.999 - low) * k).toBeLessThan(0);
  });

  it("finds the place of a value, and of none", () => {
    const lookup = lookupOf(plain, null, null);
    const samples = Float32Array.from([-5, 0, 100, 1e9, NaN]);
    const tile = new DataTile({ width: 5, height: 1, bands: 1, samples, zero: 0, quantum: 1, exact: true });
    const scale = scaleOf(tile, lookup.slopes[0]);
    expect([...samples.subarray(0, 4)].map((sample) => positionOf(sample, scale))).toEqual([0, 0, 100, 4095]);
    const colours = colourTile(tile, lookup);
    expect([...colours.subarray(12, 16)]).toEqual([255, 255, 255, 255]);
    expect([...colours.subarray(16, 20)]).toEqual([16, 32, 48, 255]);
  });

  it("reads colours", () => {
    expect(parseColour("#ff0080")).toEqual([1, 0, 128 / 255, 1]);
    expect(parseColour("transparent")[3]).toBe(0);
  });
});
