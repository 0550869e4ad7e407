import { describe, expect, it } from "vitest";
// @ts-ignore the plugin's modules are plain JavaScript
import * as charts from "../../../plugins/toyz_lens/static/charts.js";
// @ts-ignore
import * as dom from "../../../plugins/toyz_lens/static/dom.js";
// @ts-ignore
import * as downloads from "../../../plugins/toyz_lens/static/downloads.js";
// @ts-ignore
import * as exchanging from "../../../plugins/toyz_lens/static/exchange.js";
// @ts-ignore
import * as marks from "../../../plugins/toyz_lens/static/markup.js";
// @ts-ignore
import * as order from "../../../plugins/toyz_lens/static/order.js";
// @ts-ignore
import * as state from "../../../plugins/toyz_lens/static/state.js";

/* eslint-disable @typescript-eslint/no-explicit-any */
const { ticksOf, histogramChart } = charts as any;
const { banded, written } = dom as any;
const { csvOf, imageRows, profileRows } = downloads as any;
const { exchange } = exchanging as any;
const { addMass, addRoot, movePoint, split } = marks as any;
const { seenOf } = order as any;
const { keyOf, lensFor, newLens, readLens, within } = state as any;

/** Images at 1, 2, 3, 4 as a quad is marked, about a centre at 100, 100. */
function quad(): any {
  let markup = addRoot(newLens().markup, "s2", 84, 87);
  markup = split(markup, "s2", ["centre", "s1"], 5);
  markup = movePoint(movePoint(markup, "s1", 116, 119), "centre", 100, 100);
  markup = split(markup, "s1", ["m1", "m2"], 5);
  return movePoint(movePoint(markup, "m1", 125, 87), "m2", 89, 124);
}

describe("what is kept of a lens", () => {
  it("comes back as it was, with what is missing as it is at first", () => {
    const lens = { markup: quad(), settings: { ...newLens().settings, zLens: 0.31, delays: { m2: { days: 7, error: null } } } };
    expect(readLens(JSON.parse(JSON.stringify(lens)))).toEqual(lens);
    expect(readLens({ markup: quad() }).settings).toEqual(newLens().settings);
  });

  it("is refused in a sentence where it is none", () => {
    const given = (settings: object): unknown => ({ markup: quad(), settings });
    for (const value of [null, 7, {}, { markup: [] }]) expect(() => readLens(value)).toThrow();
    for (const zLens of [0, -1, 11, "0.5", NaN, null]) if (zLens !== null) expect(() => readLens(given({ zLens }))).toThrow("a number from 0.001 to 10");
    expect(() => within("models", 1e9)).toThrow("a number from 50 to 2000");
    // Of delays that are none nothing is left.
    for (const days of [-1, 0, "7", Infinity, 1e9]) expect(readLens(given({ delays: { m2: { days, error: 1 } } })).settings.delays).toEqual({});
  });

  it("has a key of the letters that the workspace takes, one for each image", () => {
    const keys = ["a.fits", "b.fits", "ü/é.fits"].flatMap((path) => [0, 1, "mosaic"].map((hdu) => keyOf({ path, hdu })));
    expect(new Set(keys).size).toBe(9);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("the lens as it is modelled", () => {
  it("has its images in the order of arrival, arcsec from the centre, and delays against the image before", () => {
    const settings = { ...newLens().settings, delays: { m2: { days: 7, error: null }, s2: { days: 20, error: 2 } } };
    const lens = lensFor({ markup: quad(), settings }, 0.05);
    expect(lens.z_lens).toBe(0.5);
    expect(lens.images.map(([, , kind]: [number, number, string]) => kind)).toEqual(["min", "min", "saddle", "saddle"]);
    expect(lens.images[0].slice(0, 2)).toEqual([expect.closeTo(1.25, 9), expect.closeTo(-0.65, 9)]);
    expect(lens.delays).toEqual([7, null, [20, 2]]);
    expect(lensFor({ markup: quad(), settings: newLens().settings }, 0.05).delays).toEqual([]);
  });

  it("has masses as large as their circles, and each root as a source", () => {
    let markup = addMass(quad(), "g", 140, 100, 10);
    expect(lensFor({ markup, settings: newLens().settings }, 0.1).settings.masses).toEqual([{ x: expect.closeTo(4, 9), y: 0, largest: expect.closeTo(Math.PI, 9) }]);
    markup = addRoot(markup, "other", 120, 130);
    expect(lensFor({ markup, settings: newLens().settings }, 0.1).sources.length).toBe(2);
  });
});

describe("exchanged images", () => {
  it("change their places and their part in the tree, and back", () => {
    const markup = quad();
    const changed = exchange(markup, "m1", "m2");
    expect(changed.points.m1).toMatchObject({ x: 89, y: 124, kind: "min" });
    expect(seenOf(changed).map(({ kind }: { kind: string }) => kind)).toEqual(["min", "min", "saddle", "saddle"]);
    expect(exchange(changed, "m1", "m2").points.m1).toMatchObject({ x: 125, y: 87 });
  });

  it("are refused where other marks would be of another kind", () => {
    expect(() => exchange(quad(), "centre", "s1")).toThrow("by hand");
  });
});

describe("what is saved", () => {
  it("is a table with a head, a row for each ring or image, and nothing where there is no value", () => {
    const band = [[1, 2], [3, 4], [5, 6]];
    const rows = profileRows({ profile: { radius: [0.1, 0.2], edge: [0.15, 0.25], kappa: band, within: band } });
    expect(csvOf(rows).split("\r\n")).toEqual([
      "radius_arcsec,edge_arcsec,kappa_16,kappa_50,kappa_84,kappa_within_16,kappa_within_50,kappa_within_84",
      "0.1,0.15,1,3,5,1,3,5",
      "0.2,0.25,2,4,6,2,4,6",
      "",
    ]);
    const images = imageRows({ marks: [{ delay: [0, 0, 0], magnification: [1, null, 3] }] }, { images: [[1, 2, "min"]] });
    expect(csvOf(images).split("\r\n")[1]).toBe("1,2,min,0,0,0,1,,3");
  });
});

describe("figures", () => {
  it("have round numbers at their axes", () => {
    expect(ticksOf(0, 1)).toEqual([0, 0.5, 1]);
    expect(ticksOf(48.2, 121)).toEqual([60, 80, 100, 120]);
    expect(ticksOf(3, 3)).toEqual([3]);
    for (const [least, most] of [[-1e-3, 2e-3], [0, 7], [1e6, 1.2e6]]) {
      const ticks = ticksOf(least, most);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(9);
    }
  });

  it("count every value once", () => {
    const values = [...Array.from({ length: 50 }, (_, number) => number), NaN];
    const svg = histogramChart(values, [8, 25, 42], "H0");
    expect(svg.getAttribute("aria-label")).toBe("Histogram of H0");
    expect(svg.querySelectorAll("rect").length).toBeGreaterThan(5);
    expect(histogramChart([5, 5, 5], [5, 5, 5], "H0").querySelectorAll("rect").length).toBeGreaterThan(0);
  });

  it("are told with a real minus, and with a dash where there is none", () => {
    expect([written(-1.234), written(null), written(NaN, 1)]).toEqual(["−1.23", "–", "–"]);
    expect(banded([1, 1.5, 2.25], 1)).toBe("1.5 (+0.8 −0.5)");
    expect(banded([null, null, null])).toBe("–");
  });
});
