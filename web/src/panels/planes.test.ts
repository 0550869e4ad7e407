import { describe, expect, it } from "vitest";
import type { HduInfo } from "../types";
import { axesText, planeAxes } from "./planes";

const cube = (shape: number[], plane: number) => ({ hdu: 0, plane, hdus: [{ index: 0, kind: "image", shape } as HduInfo] });

describe("a plane of a cube", () => {
  it("has its place along each axis, the third one changing fastest", () => {
    expect(planeAxes(cube([4, 50, 60, 80], 0)).map(({ at }) => at)).toEqual([1, 1]);
    expect(planeAxes(cube([4, 50, 60, 80], 61))).toEqual([{ axis: 3, at: 12, length: 50 }, { axis: 4, at: 2, length: 4 }]);
    expect(planeAxes(cube([60, 80], 0))).toEqual([]);
    expect(planeAxes({ hdu: "mosaic", plane: 0, hdus: [] })).toEqual([]);
  });
  it("is named by the axes of the header; an axis of one plane says nothing", () => {
    const cards: [string, string, string][] = [["CTYPE3", "FREQ    ", ""], ["CTYPE4", "STOKES", ""]];
    expect(axesText(planeAxes(cube([4, 50, 60, 80], 61)), cards)).toBe("FREQ 12 of 50, STOKES 2 of 4");
    expect(axesText(planeAxes(cube([1, 50, 60, 80], 11)), [])).toBe("axis 3 12 of 50");
  });
});
