import { describe, expect, it } from "vitest";
import type { ChannelCuts } from "./types";
import type { Link } from "./view_link";
import { formatLink, parseLink } from "./view_link";

const full: Link = {
  path: "decam/2013-09/c4d 130905 #1+é%.fits.fz",
  hdu: "mosaic",
  plane: 0,
  layout: "wcs",
  match: "background",
  view: { x: 12045.25, y: 8123.5, zoom: 0.5, turn: -137.25, mirrored: true },
  style: { low: -12.5, high: 3010.25, stretch: "asinh", colormap: "viridis", invert: true, contrast: 1.4, bias: 0.35 },
};

/** What is not said of the part of a file. */
const WHOLE = { hdu: "auto", plane: 0, layout: "auto", match: "none" };

describe("a link", () => {
  it("comes back as it was", () => {
    expect(parseLink(`#${formatLink(full)}`)).toEqual(full);
  });

  it("comes back through the address bar", () => {
    const url = new URL(`http://localhost/prefix/#${formatLink(full)}`);
    expect(parseLink(url.hash)).toEqual(full);
  });

  it("names the three images of a composite, and the balance of its colours", () => {
    const components = [
      { path: "sky/i [deep].fits", hdu: 1, plane: 0 },
      { path: "sky/r.fits", hdu: "mosaic" as const, plane: 0 },
      { path: "sky/cube.fits", hdu: 0, plane: 12 },
    ];
    const style = { ...full.style, stretch: "lupton" as const, channel_cuts: [[-1.5, 2], [0, 1e-7], [3, 400]] as ChannelCuts };
    const link: Link = { ...full, ...components[0]!, layout: "auto", match: "none", components, style };
    const text = formatLink(link);
    expect(text).toContain("green=sky/r.fits%5Bmosaic%5D&blue=sky/cube.fits%5B0%2C12%5D&");
    expect(text).not.toContain("file=");
    expect(parseLink(text)).toEqual(link);
  });

  it.each(["red=a[0]&green=b[0]", "red=a[0]&green=b[0]&blue=c", "red=a[0]&green=b[x]&blue=c[0]"])("%s is no composite", (hash) => {
    expect(parseLink(hash)).toBeNull();
  });

  it.each(["1,2", "1,2,3,4,5,x", "2,1,3,4,5,6", "1,2,3,4,5,6,7,8"])("%s is no balance of colours", (text) => {
    expect(parseLink(`file=a&channel_cuts=${text}`)!.style).toEqual({});
  });

  it("leaves out what is as always", () => {
    const plain: Link = {
      path: "decam/a.fits",
      hdu: 3,
      plane: 2,
      layout: "auto",
      match: "none",
      view: null,
      style: { low: 0, high: 1, stretch: "linear", colormap: "gray", invert: false, contrast: 1, bias: 0.5 },
    };
    expect(formatLink(plain)).toBe("file=decam/a.fits&hdu=3&plane=2&low=0&high=1&stretch=linear");
  });

  it("keeps a place to a hundredth of a pixel on the widest mosaics", () => {
    const link = { ...full, view: { x: 29384.127, y: 26099.993, zoom: 1 / 27.3, turn: 0, mirrored: false } };
    const back = parseLink(formatLink(link))!.view!;
    expect(Math.abs(back.x - link.view.x)).toBeLessThan(0.01);
    expect(Math.abs(back.y - link.view.y)).toBeLessThan(0.01);
  });

  it("shows a picture as the file has it unless it says otherwise", () => {
    expect(parseLink("#file=a/b.fits&x=1&y=2&zoom=1&turn=1e9")!.view).toEqual({ x: 1, y: 2, zoom: 1, turn: 0, mirrored: false });
  });

  it.each([
    ["", null],
    ["#hdu=3", null],
    ["#file=", null],
  ])("%s names no file", (hash, link) => {
    expect(parseLink(hash)).toBe(link);
  });

  it.each([
    [{ method: "zscale" }, "zscale"],
    [{ method: "minmax" }, "minmax"],
    [{ method: "percentile", percent: 98.5 }, "98.5%25"],
  ] as [Link["cuts"] & object, string][])("says that its cuts are %o, with the numbers", (cuts, text) => {
    const link = { ...full, cuts };
    expect(formatLink(link)).toContain(`&low=-12.5&high=3010.25&cuts=${text}&`);
    expect(parseLink(formatLink(link))).toEqual(link);
  });

  it("says nothing of cuts by hand, which are what links without a word have", () => {
    expect(formatLink({ ...full, cuts: { method: "manual" } })).toBe(formatLink(full));
    expect(parseLink(formatLink(full))!.cuts).toBeUndefined();
  });

  it.each(["manual", "histogram", "0%", "101%", "98,5%", "-1%", "%"])("does not understand cuts=%s", (text) => {
    expect(parseLink(`#file=a&low=1&high=2&cuts=${encodeURIComponent(text)}`)!.cuts).toBeUndefined();
  });

  it("names no method without its numbers", () => {
    expect(parseLink("#file=a&cuts=minmax")).toEqual({ path: "a", ...WHOLE, view: null, style: {} });
  });

  it("leaves out what it does not understand", () => {
    expect(
      parseLink("#file=a/b.fits&hdu=-1&plane=1.5&x=1&y=nan&zoom=0&low=Infinity&high=3&stretch=cubic&contrast=99&invert=yes"),
    ).toEqual({ path: "a/b.fits", ...WHOLE, view: null, style: {} });
  });
});
