import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AskedImage } from "./api";
import { images as imagesApi } from "./api";
import { changeMosaic, matchText, residualText } from "./mosaic";
import type { OpenImage } from "./store";
import { store, whichOf } from "./store";
import type { ImageInfo, Style } from "./types";
import { parseLink } from "./view_link";

const STYLE = { low: 0, high: 10, stretch: "asinh", colormap: "gray" } as Style;

function mosaic(image: string, more: Partial<ImageInfo> = {}): ImageInfo {
  const cuts = { low: 1, high: 2, method: "zscale" };
  return {
    image, path: "decam/a.fits", name: "a.fits", hdu: "mosaic", plane: 0, layout: "detsec", match: "none", residual: null,
    matching: null, ccds: [], unit: "adu", wcs: {}, cuts, warnings: [], ...more,
  } as unknown as ImageInfo;
}

function shown(more: Partial<OpenImage> = {}): OpenImage {
  const view = { x: 10, y: 20, zoom: 0.5, turn: 0, mirrored: false };
  return { info: mosaic("one"), style: STYLE, cuts: { method: "zscale" }, view, layout: "auto", ...more };
}

describe("the mosaic that is shown", () => {
  let asked: AskedImage[];

  beforeEach(() => {
    asked = [];
    store.set({ images: [shown()], current: "one", view: shown().view, opening: null, log: [] });
    vi.spyOn(imagesApi, "close").mockResolvedValue(null);
    vi.spyOn(imagesApi, "pixel").mockResolvedValue({ ra: 50, dec: -20 } as never);
    vi.spyOn(imagesApi, "position").mockResolvedValue({ x: 110, y: 220, inside: true });
    vi.spyOn(imagesApi, "open").mockImplementation((which) => {
      asked.push(which);
      return Promise.resolve(mosaic("two", { layout: "wcs", match: which.match ?? "none" }));
    });
  });

  it("takes another layout with the same sky in the middle, and keeps its style", async () => {
    await changeMosaic({ layout: "wcs" });
    expect(asked).toEqual([{ path: "decam/a.fits", hdu: "mosaic", plane: 0, layout: "wcs", match: "none" }]);
    expect(store.get("images").map(({ info }) => info.image)).toEqual(["two"]);
    expect(store.image).toMatchObject({ layout: "wcs", style: STYLE, view: { x: 110, y: 220, zoom: 0.5 } });
    expect(store.get("opening")).toBeNull();
  });

  it("finds its cuts anew when it is matched, unless they are the user's own", async () => {
    await changeMosaic({ match: "gain" });
    expect(store.image).toMatchObject({ style: { low: 1, high: 2, stretch: "asinh" }, view: { x: 10, y: 20 } });
    store.set({ images: [shown({ cuts: { method: "manual" } })], current: "one" });
    await changeMosaic({ match: "gain" });
    expect(store.image).toMatchObject({ style: { low: 0, high: 10 }, info: { match: "gain" } });
  });

  it("stays as it is when that cannot be, and says why", async () => {
    vi.spyOn(imagesApi, "open").mockRejectedValue(new Error("The images cannot be laid out by WCS."));
    await changeMosaic({ layout: "wcs" });
    expect(store.get("current")).toBe("one");
    expect(store.get("log").at(-1)).toMatchObject({ level: "error", message: "The images cannot be laid out by WCS." });
  });

  it("is asked for again as it was asked for", () => {
    const info = mosaic("one", { match: "background" });
    expect(whichOf({ info, layout: "wcs" })).toMatchObject({ layout: "wcs", match: "background" });
    expect(whichOf({ info: { ...info, hdu: 3, match: "none" }, layout: "wcs" })).toMatchObject({ layout: "auto", match: "none" });
  });
});

describe("what is said of it", () => {
  it("is the residual of the layout and the change of the sky", () => {
    expect(residualText({ residual: { rms: 0.0397, maximum: 0.2461, worst: "N7" } })).toBe(
      "Residual 0.04 px rms, 0.25 px at most, on N7",
    );
    expect(residualText({ residual: null })).toBe("");
    const matching = { level: 2034.2, lowest: -12, highest: 31.46, parts: 4, unmatched: ["S7"] };
    const info = { match: "background", matching, ccds: [{}, {}], unit: "adu" } as unknown as ImageInfo;
    expect(matchText(info)).toBe("Sky of 4 amplifiers brought to 2034.2 adu: −12 to +31.5 adu. Left as they are: S7.");
    expect(matchText({ ...info, match: "gain", matching: { ...matching, lowest: 0.97, highest: 1.02, unmatched: [] } })).toBe(
      "Sky of 4 amplifiers brought to 2034.2 adu: × 0.970 to 1.020.",
    );
  });
});

describe("a link to it", () => {
  it.each([
    ["#file=a/b.fits&layout=wcs&match=gain", "wcs", "gain"],
    ["#file=a/b.fits&hdu=mosaic&layout=nonsense&match=all", "auto", "none"],
    ["#file=a/b.fits&hdu=3&layout=wcs&match=gain", "auto", "none"],
  ])("%s", (hash, layout, match) => {
    expect(parseLink(hash)).toMatchObject({ layout, match });
  });
});
